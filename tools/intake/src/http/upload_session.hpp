// One connection of the upload endpoint, from its first byte to its last.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <memory>

#include "http/http_connections.hpp"
#include "http/upload_service.hpp"

namespace koku::intake {

/// Serves requests until the other side goes, an idle timeout passes or the service drains. tls: null for plain HTTP.
/// Never throws.
boost::asio::awaitable<void> serve_uploads(boost::asio::ip::tcp::socket socket,
                                           std::shared_ptr<boost::asio::ssl::context> tls, UploadService& service,
                                           HttpConnections& connections);

}  // namespace koku::intake
