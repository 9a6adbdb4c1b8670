// Accepts connections at one endpoint and starts a session for each.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <string>

#include "http/http_connections.hpp"
#include "settings/configuration.hpp"

namespace koku::intake {

class HttpListener {
 public:
  using Serve = std::function<boost::asio::awaitable<void>(boost::asio::ip::tcp::socket)>;

  /// Whether the limit of connections from one address counts for this one.
  using IsLimited = std::function<bool(const boost::asio::ip::address&)>;

  /// Opens the endpoint; throws boost::system::system_error when that is not possible. name: for the log.
  HttpListener(boost::asio::io_context& io, const Endpoint& endpoint, std::string name, HttpConnections& connections,
               IsLimited is_limited, Serve serve);

  /// Accepts from now on. While all connections are busy, new ones wait in the queue of the system.
  void start();
  /// Accepts no more.
  void stop();
  std::uint16_t port() const;

 private:
  boost::asio::awaitable<void> accept_all();
  boost::asio::awaitable<void> sleep(Duration duration);

  boost::asio::io_context& io_;
  std::string name_;
  HttpConnections& connections_;
  IsLimited is_limited_;
  Serve serve_;
  boost::asio::ip::tcp::acceptor acceptor_;
  bool stopped_ = false;
};

}  // namespace koku::intake
