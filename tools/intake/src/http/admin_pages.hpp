// /healthz, /readyz and /metrics.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <string>
#include <string_view>

#include "http/http_connections.hpp"

namespace koku::intake {

struct AdminPage {
  unsigned status = 200;
  std::string content_type;
  std::string body;
};

/// Gives the page of a path; status 404 when there is none.
using AdminPages = std::function<AdminPage(std::string_view path)>;

/// Serves a connection until the other side goes or is silent for a while. Never throws.
boost::asio::awaitable<void> serve_admin(boost::asio::ip::tcp::socket socket, AdminPages pages,
                                         HttpConnections& connections);

}  // namespace koku::intake
