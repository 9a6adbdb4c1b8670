// The open connections of a listener: how many there are, and how they end when the service does.
#pragma once

#include <boost/beast/core/tcp_stream.hpp>
#include <list>

#include "observe/metrics.hpp"

namespace koku::intake {

/// Used by the thread that serves connections only.
class HttpConnections {
 private:
  struct Entry {
    boost::beast::tcp_stream* stream;
    bool idle;
  };

 public:
  explicit HttpConnections(Metrics& metrics) : metrics_(metrics) {}

  /// Counts a connection for as long as it lives.
  class Guard {
   public:
    Guard(HttpConnections& all, boost::beast::tcp_stream& stream)
        : all_(all), entry_(all.entries_.insert(all.entries_.end(), {&stream, false})) {
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

   private:
    HttpConnections& all_;
    std::list<Entry>::iterator entry_;
  };

  std::size_t size() const { return entries_.size(); }
  bool is_draining() const { return draining_; }

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
  Metrics& metrics_;
  std::list<Entry> entries_;
  bool draining_ = false;
};

}  // namespace koku::intake
