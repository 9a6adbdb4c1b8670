#include "http/http_listener.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "observe/log.hpp"

namespace koku::intake {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr Duration pause_when_full{20};
constexpr Duration pause_after_error{200};

asio::ip::tcp::endpoint to_tcp(const Endpoint& endpoint) {
  return {asio::ip::make_address(endpoint.address), endpoint.port};
}

}  // namespace

HttpListener::HttpListener(asio::io_context& io, const Endpoint& endpoint, std::string name,
                           HttpConnections& connections, IsLimited is_limited, Serve serve)
    : io_(io),
      name_(std::move(name)),
      connections_(connections),
      is_limited_(std::move(is_limited)),
      serve_(std::move(serve)),
      acceptor_(io, to_tcp(endpoint), true) {}

std::uint16_t HttpListener::port() const { return acceptor_.local_endpoint().port(); }

void HttpListener::start() {
  const auto endpoint = acceptor_.local_endpoint();
  log(LogLevel::info, "listening",
      {{"for", name_}, {"address", endpoint.address().to_string()}, {"port", endpoint.port()}});
  asio::co_spawn(io_, accept_all(), asio::detached);
}

void HttpListener::stop() {
  stopped_ = true;
  error_code ignored;
  acceptor_.close(ignored);
}

asio::awaitable<void> HttpListener::accept_all() {
  while (!stopped_) {
    if (!connections_.has_room()) {
      co_await sleep(pause_when_full);
      continue;
    }
    error_code error;
    auto socket = co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, error));
    if (stopped_) co_return;
    if (error) {
      // Out of file descriptors, for one: that passes.
      log(LogLevel::warning, "a connection could not be accepted", {{"for", name_}, {"reason", error.message()}});
      co_await sleep(pause_after_error);
      continue;
    }
    const auto peer = socket.remote_endpoint(error);
    if (error) continue;  // it is gone already
    const auto address = peer.address();
    if (!connections_.admit(address, is_limited_(address))) continue;
    asio::co_spawn(io_, serve_(std::move(socket)), asio::detached);
  }
}

asio::awaitable<void> HttpListener::sleep(Duration duration) {
  asio::steady_timer timer(io_, duration);
  co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace koku::intake
