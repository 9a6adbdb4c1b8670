#include "http/upload_session.hpp"

#include <openssl/rand.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <optional>

#include "forms/refusal.hpp"
#include "forms/upload_collector.hpp"
#include "http/await.hpp"
#include "observe/encoding.hpp"
#include "observe/log.hpp"
#include "program/version.hpp"

namespace koku::intake {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

constexpr std::size_t largest_head = 16 * 1024;
constexpr std::size_t read_size = 64 * 1024;
/// What the form around the payload may take.
constexpr std::uint64_t form_allowance = 256 * 1024;
constexpr Duration handshake_timeout{10'000};
constexpr Duration answer_timeout{15'000};
constexpr Duration linger_timeout{3'000};
constexpr const char* request_id_header = "x-rh-insights-request-id";
constexpr const char* retry_after_seconds = "30";

using Request = http::request<http::buffer_body>;
using Parser = http::request_parser<http::buffer_body>;

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

/// What is known about a request when its answer is written.
struct Exchange {
  std::string request_id;
  std::string sender = "-";
  std::string tenant;
  std::string user_agent;
  Clock::time_point started = Clock::now();
  std::uint64_t payload_bytes = 0;
  std::string inbox_id;
};

std::string_view outcome_word(unsigned status) {
  if (status < 300) return "stored";
  if (status == 401) return "unauthenticated";
  if (status == 413) return "too_large";
  return status < 500 ? "refused" : "unavailable";
}

template <class Stream>
class UploadSession {
 public:
  UploadSession(Stream& stream, std::string peer, UploadService& service, HttpConnections& connections,
                HttpConnections::Guard& guard)
      : stream_(stream), peer_(std::move(peer)), service_(service), connections_(connections), guard_(guard) {}

  asio::awaitable<void> run() {
    // GCC 12 makes code that ends in a trap of 'if (!co_await ...)' in a loop.
    for (bool open = true; open && !connections_.is_draining();) {
      open = co_await wait_for_request();
      if (open) open = co_await serve_request();
    }
  }

 private:
  /// False when the other side went, or nothing came in time.
  asio::awaitable<bool> wait_for_request() {
    if (buffer_.size() > 0) co_return true;
    lowest().expires_after(service_.settings.idle_timeout);
    guard_.set_idle(true);
    error_code error;
    const auto count =
        co_await stream_.async_read_some(buffer_.prepare(4096), asio::redirect_error(asio::use_awaitable, error));
    guard_.set_idle(false);
    buffer_.commit(count);
    co_return !error;
  }

  /// Whether the connection can be used for another request.
  asio::awaitable<bool> serve_request() {
    lowest().expires_after(service_.settings.request_timeout);
    Parser parser;
    parser.header_limit(largest_head);
    parser.body_limit(service_.limits.max_size + form_allowance);
    Exchange exchange;
    std::optional<Refusal> refusal;
    try {
      co_await read_head(parser, exchange);
      co_await receive(parser, exchange);
    } catch (const Refusal& caught) {
      refusal = caught;
    } catch (const MalformedMultipart& caught) {
      refusal = Refusal(400, caught.what());
    } catch (const boost::system::system_error& caught) {
      service_.metrics.uploads.add("cut_off");
      log(LogLevel::info, "an upload was cut off",
          {{"request_id", exchange.request_id},
           {"sender", exchange.sender},
           {"peer", peer_},
           {"reason", caught.code().message()}});
      co_return false;
    }
    if (refusal && refusal->status() == 401) co_await sleep(service_.settings.failed_login_pause);
    const bool reusable = !refusal && parser.is_done() && parser.get().keep_alive() && !connections_.is_draining();
    record(exchange, refusal);
    co_await write_answer(exchange, refusal, parser.get().method() == http::verb::head, reusable);
    if (!reusable) co_await linger();
    co_return reusable;
  }

  asio::awaitable<void> read_head(Parser& parser, Exchange& exchange) {
    error_code error;
    co_await http::async_read_header(stream_, buffer_, parser, asio::redirect_error(asio::use_awaitable, error));
    const auto& request = parser.get();
    exchange.request_id = request_id_for(view(request[request_id_header]));
    exchange.user_agent = excerpt(view(request[http::field::user_agent]));
    if (error == http::error::body_limit) throw too_large();
    if (error == http::error::header_limit) throw Refusal(431, "the head of the request is too long");
    if (error.category() == make_error_code(http::error::bad_method).category() &&
        error != http::error::end_of_stream && error != http::error::partial_message) {
      throw Refusal(400, "the request is not HTTP: " + error.message());
    }
    if (error) throw boost::system::system_error(error);
  }

  /// Everything between the head of an upload and its answer. Throws Refusal for any answer but 'accepted'.
  asio::awaitable<void> receive(Parser& parser, Exchange& exchange) {
    const auto boundary = check_head(parser.get());
    const auto principal = co_await login(parser.get());
    exchange.sender = principal.name;
    exchange.tenant = principal.tenant.value_or("");
    // Nobody sends 100 MB for nothing.
    if (!service_.submitter.is_available()) throw Refusal(503, "the database is away");

    const auto payload = std::make_shared<PayloadBuffer>(service_.memory, service_.limits.max_size);
    if (const auto length = parser.content_length()) refuse_growth(payload->expect(*length), payload->max_size());
    if (beast::iequals(parser.get()[http::field::expect], "100-continue")) co_await write_continue();
    UploadCollector collector(*payload, service_.service);
    MultipartReader reader(boundary, collector);
    co_await read_body(parser, reader);
    reader.finish();
    collector.finish();

    exchange.payload_bytes = payload->bytes().size();
    exchange.inbox_id = co_await store(payload, exchange.request_id, principal.tenant);
  }

  /// The boundary of the form. What can be said before the sender is known tells nothing about the installation.
  std::string check_head(const Request& request) const {
    if (!is_upload_path(view(request.target()))) throw Refusal(404, "there is nothing here");
    if (request.method() != http::verb::post) throw Refusal(405, "uploads are sent with POST");
    const auto boundary = multipart_boundary(view(request[http::field::content_type]));
    if (!boundary) throw Refusal(415, "the content type of the request is not multipart/form-data with a boundary");
    if (!request[http::field::content_encoding].empty()) {
      throw Refusal(415, "a content encoding of the request is not understood");
    }
    return *boundary;
  }

  /// Older operators end the path with a slash.
  bool is_upload_path(std::string_view target) const {
    auto path = target.substr(0, target.find('?'));
    if (path.size() == service_.settings.path.size() + 1 && path.ends_with('/')) path.remove_suffix(1);
    return path == service_.settings.path;
  }

  asio::awaitable<Principal> login(const Request& request) {
    const std::string authorization(view(request[http::field::authorization]));
    if (authorization.empty()) throw Refusal(401, "no credentials were sent");
    const Start<std::optional<Principal>> check = [this, credentials = service_.credentials, authorization](auto done) {
      asio::post(service_.login_pool,
                 [credentials, authorization, done = std::move(done)] { done(credentials->check(authorization)); });
    };
    const auto principal = co_await await_result(check);
    if (!principal) throw Refusal(401, "the credentials are not known");
    co_return *principal;
  }

  asio::awaitable<void> write_continue() {
    http::response<http::empty_body> answer(http::status::continue_, 11);
    co_await http::async_write(stream_, answer, asio::use_awaitable);
  }

  asio::awaitable<void> read_body(Parser& parser, MultipartReader& reader) {
    std::string piece(read_size, '\0');
    while (!parser.is_done()) {
      auto& body = parser.get().body();
      body.data = piece.data();
      body.size = piece.size();
      error_code error;
      co_await http::async_read(stream_, buffer_, parser, asio::redirect_error(asio::use_awaitable, error));
      if (error == http::error::body_limit) throw too_large();
      if (error.category() == make_error_code(http::error::bad_chunk).category() && error != http::error::need_buffer &&
          error != http::error::end_of_stream && error != http::error::partial_message) {
        throw Refusal(400, "the body is malformed: " + error.message());
      }
      if (error && error != http::error::need_buffer) throw boost::system::system_error(error);
      reader.feed(std::string_view(piece).substr(0, piece.size() - body.size));
    }
  }

  /// The id in the inbox, once the database has committed.
  asio::awaitable<std::string> store(std::shared_ptr<const PayloadBuffer> payload, const std::string& request_id,
                                     const std::optional<std::string>& tenant) {
    lowest().expires_never();  // the submitter has its own deadline
    const Start<SubmitOutcome> submit = [this, payload, request_id, tenant](auto done) {
      service_.submitter.submit({payload, request_id, tenant, std::move(done)});
    };
    const auto outcome = co_await await_result(submit);
    if (outcome.kind == SubmitOutcome::Kind::stored) co_return outcome.inbox_id;
    log(LogLevel::warning, "the database did not take an upload",
        {{"request_id", request_id},
         {"reason", outcome.message},
         {"sqlstate", outcome.sqlstate},
         {"hint", outcome.hint}});
    // What the database says about this payload concerns its sender; what else is wrong does not.
    if (outcome.kind == SubmitOutcome::Kind::refused) {
      throw Refusal(outcome.sqlstate == "54000" ? 413 : 400, outcome.message);
    }
    throw Refusal(503, "the database did not take the payload; send it again later");
  }

  void record(const Exchange& exchange, const std::optional<Refusal>& refusal) {
    const auto status = refusal ? refusal->status() : 202U;
    const auto duration = Clock::now() - exchange.started;
    service_.metrics.responses.add(std::to_string(status));
    if (status != 404 && status != 405) service_.metrics.uploads.add(outcome_word(status));
    service_.metrics.upload_duration.observe(duration);
    if (!refusal) service_.metrics.upload_bytes += exchange.payload_bytes;
    nlohmann::ordered_json fields{{"request_id", exchange.request_id}, {"status", status}};
    if (refusal) {
      fields["reason"] = refusal->what();
    } else {
      fields["inbox_id"] = exchange.inbox_id;
      fields["bytes"] = exchange.payload_bytes;
    }
    fields["sender"] = exchange.sender;
    if (!exchange.tenant.empty()) fields["tenant"] = exchange.tenant;
    fields["peer"] = peer_;
    fields["user_agent"] = exchange.user_agent;
    fields["milliseconds"] = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
    log(LogLevel::info, refusal ? "upload refused" : "upload stored", fields);
  }

  static std::string answer_body(const Exchange& exchange, const std::optional<Refusal>& refusal) {
    nlohmann::ordered_json body{{"request_id", exchange.request_id}};
    if (refusal) {
      body["status"] = refusal->status();
      body["error"] = refusal->what();
    } else {
      body["upload"] = nlohmann::ordered_json::object();  // where the ingress service names the account
      body["inbox_id"] = exchange.inbox_id;
    }
    return body.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  }

  asio::awaitable<void> write_answer(const Exchange& exchange, const std::optional<Refusal>& refusal, bool head_only,
                                     bool keep_alive) {
    const auto status = refusal ? refusal->status() : 202U;
    http::response<http::string_body> answer(http::int_to_status(status), 11);
    answer.set(http::field::server, "koku-intake/" + std::string(version));
    answer.set(http::field::content_type, "application/json");
    answer.set(request_id_header, exchange.request_id);
    if (status == 503) answer.set(http::field::retry_after, retry_after_seconds);
    if (status == 405) answer.set(http::field::allow, "POST");
    if (status == 401) {
      answer.insert(http::field::www_authenticate, "Basic realm=\"koku-intake\", charset=\"UTF-8\"");
      answer.insert(http::field::www_authenticate, "Bearer realm=\"koku-intake\"");
    }
    answer.body() = answer_body(exchange, refusal);
    answer.keep_alive(keep_alive);
    answer.prepare_payload();
    if (head_only) answer.body().clear();
    lowest().expires_after(answer_timeout);
    error_code error;  // the other side may be gone; what was stored is stored
    co_await http::async_write(stream_, answer, asio::redirect_error(asio::use_awaitable, error));
  }

  /// Closing with bytes unread would reset the connection, and the sender could lose the answer: reads on for a moment.
  asio::awaitable<void> linger() {
    lowest().expires_after(linger_timeout);
    co_await shut_down_sending();
    std::string discarded(read_size, '\0');
    error_code error;
    while (!error) {
      co_await lowest().async_read_some(asio::buffer(discarded), asio::redirect_error(asio::use_awaitable, error));
    }
  }

  asio::awaitable<void> shut_down_sending() {
    error_code error;
    if constexpr (!std::is_same_v<Stream, beast::tcp_stream>) {
      // Says that the connection ends, and does not wait for the other side to say the same.
      SSL_set_shutdown(stream_.native_handle(), SSL_RECEIVED_SHUTDOWN);
      co_await stream_.async_shutdown(asio::redirect_error(asio::use_awaitable, error));
    }
    lowest().socket().shutdown(asio::ip::tcp::socket::shutdown_send, error);
    co_return;
  }

  asio::awaitable<void> sleep(Duration duration) {
    asio::steady_timer timer(co_await asio::this_coro::executor, duration);
    co_await timer.async_wait(asio::use_awaitable);
  }

  Refusal too_large() const {
    return Refusal(413, "the payload is larger than " + std::to_string(service_.limits.max_size) + " bytes");
  }

  beast::tcp_stream& lowest() { return beast::get_lowest_layer(stream_); }

  Stream& stream_;
  std::string peer_;
  UploadService& service_;
  HttpConnections& connections_;
  HttpConnections::Guard& guard_;
  beast::flat_buffer buffer_;
};

std::string peer_name(const asio::ip::tcp::socket& socket) {
  error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  return error ? std::string("-") : endpoint.address().to_string();
}

asio::awaitable<void> serve_plain(asio::ip::tcp::socket socket, UploadService& service, HttpConnections& connections) {
  const auto peer = peer_name(socket);
  beast::tcp_stream stream(std::move(socket));
  HttpConnections::Guard guard(connections, stream);
  UploadSession<beast::tcp_stream> session(stream, peer, service, connections, guard);
  co_await session.run();
}

asio::awaitable<void> serve_tls(asio::ip::tcp::socket socket, asio::ssl::context& tls, UploadService& service,
                                HttpConnections& connections) {
  using Stream = beast::ssl_stream<beast::tcp_stream>;
  const auto peer = peer_name(socket);
  Stream stream(beast::tcp_stream(std::move(socket)), tls);
  HttpConnections::Guard guard(connections, beast::get_lowest_layer(stream));
  beast::get_lowest_layer(stream).expires_after(handshake_timeout);
  error_code error;
  co_await stream.async_handshake(asio::ssl::stream_base::server, asio::redirect_error(asio::use_awaitable, error));
  if (error) {
    log(LogLevel::debug, "a TLS handshake failed", {{"peer", peer}, {"reason", error.message()}});
    co_return;
  }
  UploadSession<Stream> session(stream, peer, service, connections, guard);
  co_await session.run();
}

}  // namespace

std::string request_id_for(std::string_view proposed) {
  constexpr std::string_view allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
  if (!proposed.empty() && proposed.size() <= 128 && proposed.find_first_not_of(allowed) == std::string_view::npos) {
    return std::string(proposed);
  }
  std::string bytes(16, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size())) != 1) {
    throw std::runtime_error("no random numbers");
  }
  return encode_hex(bytes);
}

asio::awaitable<void> serve_uploads(asio::ip::tcp::socket socket, std::shared_ptr<asio::ssl::context> tls,
                                    UploadService& service, HttpConnections& connections) {
  try {
    if (tls) {
      co_await serve_tls(std::move(socket), *tls, service, connections);
    } else {
      co_await serve_plain(std::move(socket), service, connections);
    }
  } catch (const std::exception& error) {
    log(LogLevel::error, "a connection ended with an error", {{"reason", error.what()}});
  }
}

}  // namespace koku::intake
