// The open connections of a listener: how many there are, who gets one, and how they end when the service does.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <list>

#include "observe/metrics.hpp"

namespace koku::intake {

/// Used by the thread that serves connections only.
class HttpConnections {
 private:
  struct Entry {
    boost::beast::tcp_stream* stream;
    boost::asio::ip::address address;
    bool idle = false;  ///< waits for a request of which nothing has come
    bool busy = false;  ///< serves a sender who proved who it is
    bool closing = false;
  };
  using Entries = std::list<Entry>;

 public:
  struct Limits {
    std::size_t most = 0;
    std::size_t most_per_address = 0;  ///< 0: as many as there may be at all
  };

  HttpConnections(Metrics& metrics, Limits limits) : metrics_(metrics), limits_(limits) {}

  /// Counts a connection for as long as it lives.
  class Guard {
   public:
    Guard(HttpConnections& all, boost::beast::tcp_stream& stream, const boost::asio::ip::address& address)
        : all_(all), entry_(all.entries_.insert(all.entries_.end(), {&stream, address})) {
      ++all_.metrics_.open_connections;
    }
    ~Guard() {
      all_.entries_.erase(entry_);
      --all_.metrics_.open_connections;
    }
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

    /// An idle connection waits for a request of which nothing has come.
    void set_idle(bool idle) { entry_->idle = idle; }
    /// A busy connection serves a sender who proved who it is; any other may be closed for a new one.
    void set_busy(bool busy) { entry_->busy = busy; }

   private:
    HttpConnections& all_;
    Entries::iterator entry_;
  };

  std::size_t size() const { return entries_.size(); }
  bool is_draining() const { return draining_; }

  /// Whether a new connection could be had, if only by closing another.
  bool has_room() const;
  /// Makes room for a connection from the address, by closing the oldest that is not busy where it must: one of the
  /// same address when that has too many, else one of the address that has the most. False when there is no room.
  /// limited: whether the limit for one address counts.
  bool admit(const boost::asio::ip::address& address, bool limited);

  /// No request more on any connection: idle ones close now, the others with their answer.
  void drain() {
    draining_ = true;
    for (auto& entry : entries_) {
      if (entry.idle) entry.stream->close();
    }
  }

  void close_all() {
    for (auto& entry : entries_) entry.stream->close();
  }

 private:
  std::size_t open() const;
  std::size_t open_from(const boost::asio::ip::address& address) const;
  bool close_one_of(const boost::asio::ip::address& address);
  bool close_one();

  Metrics& metrics_;
  Limits limits_;
  Entries entries_;
  bool draining_ = false;
};

}  // namespace koku::intake
