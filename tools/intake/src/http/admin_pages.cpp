#include "http/admin_pages.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include "observe/log.hpp"
#include "program/version.hpp"
#include "settings/units.hpp"

namespace koku::intake {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

constexpr Duration admin_timeout{15'000};

http::response<http::string_body> answer_to(const http::request<http::string_body>& request, const AdminPages& pages) {
  const bool reads = request.method() == http::verb::get || request.method() == http::verb::head;
  const std::string_view target(request.target().data(), request.target().size());
  const auto page = reads ? pages(target.substr(0, target.find('?')))
                          : AdminPage{405, "text/plain; charset=utf-8", "only GET is understood\n"};
  http::response<http::string_body> answer(http::int_to_status(page.status), 11);
  answer.set(http::field::server, "koku-intake/" + std::string(version));
  answer.set(http::field::content_type, page.content_type);
  answer.set(http::field::cache_control, "no-store");
  answer.body() = page.body;
  answer.prepare_payload();
  if (request.method() == http::verb::head) answer.body().clear();
  return answer;
}

}  // namespace

asio::awaitable<void> serve_admin(asio::ip::tcp::socket socket, AdminPages pages, HttpConnections& connections) {
  try {
    error_code gone;
    const auto peer = socket.remote_endpoint(gone);
    if (gone) co_return;
    beast::tcp_stream stream(std::move(socket));
    HttpConnections::Guard guard(connections, stream, peer.address());
    beast::flat_buffer buffer;
    for (bool open = true; open && !connections.is_draining();) {
      stream.expires_after(admin_timeout);
      http::request_parser<http::string_body> parser;
      parser.body_limit(0);
      error_code error;
      guard.set_idle(buffer.size() == 0);
      co_await http::async_read(stream, buffer, parser, asio::redirect_error(asio::use_awaitable, error));
      guard.set_idle(false);
      if (error) co_return;
      auto answer = answer_to(parser.get(), pages);
      open = parser.get().keep_alive() && !connections.is_draining();
      answer.keep_alive(open);
      co_await http::async_write(stream, answer, asio::redirect_error(asio::use_awaitable, error));
      open = open && !error;
    }
    error_code ignored;
    stream.socket().shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
  } catch (const std::exception& error) {
    log(LogLevel::error, "a connection ended with an error", {{"reason", error.what()}});
  }
}

}  // namespace koku::intake
