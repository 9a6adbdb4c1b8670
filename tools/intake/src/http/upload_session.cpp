#include "http/upload_session.hpp"

#include <openssl/rand.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <chrono>
#include <functional>
#include <optional>

#include "forms/header_value.hpp"
#include "forms/refusal.hpp"
#include "forms/upload_collector.hpp"
#include "http/await.hpp"
#include "observe/encoding.hpp"
#include "observe/log.hpp"
#include "program/version.hpp"
#include "report/report_maker.hpp"
#include "report/report_request.hpp"

namespace koku::intake {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

constexpr std::size_t largest_head = 16 * 1024;
constexpr std::size_t read_size = 64 * 1024;
/// What is read ahead of the parser: heads, and the lines around chunks, which have to be there as a whole.
constexpr std::size_t largest_buffer = 128 * 1024;
/// What the form around the payload may take.
constexpr std::uint64_t form_allowance = 256 * 1024;
constexpr Duration answer_timeout{15'000};
constexpr Duration linger_timeout{3'000};
constexpr const char* request_id_header = "x-rh-insights-request-id";
constexpr std::uint64_t largest_question = 64 * 1024;
/// An operator that gets an error for an answer to a question goes by it for a day: a database that starts again is
/// worth waiting for. The operator waits 30 s.
constexpr Duration patience_with_database{15'000};
/// Asked before a payload is read; storing it may take database.submit_timeout besides.
constexpr Duration patience_with_tenant{5'000};
constexpr Duration pause_between_questions{500};

using Request = http::request<http::buffer_body>;
using Parser = http::request_parser<http::buffer_body>;

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

/// What is known about a request when its answer is written.
struct Exchange {
  std::string request_id;
  std::string sender = "-";
  std::string tenant;
  std::string user_agent;
  std::string method = "-";
  std::string path = "-";
  std::string peer;
  Clock::time_point started = Clock::now();
  std::uint64_t received_bytes = 0;
  std::uint64_t payload_bytes = 0;
  bool is_upload = false;
  bool is_report = false;
  std::string inbox_id;
};

/// A report as it is sent.
struct ReportPage {
  std::string bytes;
  std::string etag;
  bool is_gzip = false;
};

/// What the sender gets: JSON, unless it is a report.
struct Answer {
  unsigned status = 202;
  nlohmann::ordered_json body;
  std::optional<ReportPage> page = std::nullopt;
};

/// Holds a place among the requests that one credential may have under way.
class SenderPlace {
 public:
  SenderPlace(std::map<std::string, unsigned>& requests, const std::string& sender, unsigned most)
      : requests_(requests), sender_(sender) {
    if (requests_[sender_] >= most) throw Refusal(429, "too many requests of this sender are under way");
    ++requests_[sender_];
  }
  ~SenderPlace() {
    if (--requests_[sender_] == 0) requests_.erase(sender_);
  }
  SenderPlace(const SenderPlace&) = delete;
  SenderPlace& operator=(const SenderPlace&) = delete;

 private:
  std::map<std::string, unsigned>& requests_;
  std::string sender_;
};

const char* retry_after_seconds(unsigned status) {
  if (status == 429) return "60";
  return status == 503 ? "30" : nullptr;
}

/// What HTTP demands and the parser does not look at: two programs that read such a request might disagree about it.
void check_protocol(const Request& request) {
  const auto encoding = request[http::field::transfer_encoding];
  if (!encoding.empty() && !beast::iequals(encoding, "chunked")) {
    throw Refusal(400, "a transfer encoding other than 'chunked' is not understood");
  }
  if (!encoding.empty() && request.version() < 11) throw Refusal(400, "HTTP/1.0 has no transfer encodings");
  if (request.count(http::field::transfer_encoding) > 1) throw Refusal(400, "the request has two transfer encodings");
  if (request.version() >= 11 && request.count(http::field::host) != 1) {
    throw Refusal(400, "the request does not name one host");
  }
  if (request.count(http::field::authorization) > 1)
    throw Refusal(400, "the request has more than one set of credentials");
}

/// Whether the database was not reached at all.
bool is_away(const SubmitOutcome& outcome) {
  return outcome.kind == SubmitOutcome::Kind::unavailable && outcome.sqlstate.empty();
}

/// The answer to a question that the database refused.
Refusal refusal_of(const SubmitOutcome& outcome) {
  const auto& sqlstate = outcome.sqlstate;
  const auto text = outcome.hint.empty() ? outcome.message : outcome.message + ". " + outcome.hint;
  if (is_about_missing_tenant(sqlstate)) return Refusal(403, text);
  if (sqlstate == "42710") return Refusal(409, text);
  if (sqlstate.starts_with("22")) return Refusal(400, text);
  return Refusal(503, "the database did not answer; try again later");
}

Refusal refusal_of(const ReportOutcome& outcome) {
  const auto text = outcome.hint.empty() ? outcome.message : outcome.message + ". " + outcome.hint;
  if (outcome.kind == ReportOutcome::Kind::refused) return Refusal(outcome.sqlstate == "42704" ? 404 : 400, text);
  if (outcome.kind == ReportOutcome::Kind::too_slow) {
    return Refusal(503, "the report took too long (report.timeout); ask for fewer days or one cluster");
  }
  return Refusal(503, "the database made no report; try again later");
}

/// The page forbids itself the same; what stands in it comes from clusters.
void set_report_headers(http::response<http::string_body>& answer, const ReportPage& page) {
  answer.set(http::field::content_type, "text/html; charset=utf-8");
  if (page.is_gzip) answer.set(http::field::content_encoding, "gzip");
  answer.set(http::field::etag, page.etag);
  answer.set(http::field::cache_control, "private, no-cache");
  answer.set(http::field::vary, "Accept-Encoding, Authorization");
  answer.set("Content-Security-Policy",
             "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
             "frame-ancestors 'none'");
  answer.set("X-Content-Type-Options", "nosniff");
  answer.set("X-Frame-Options", "DENY");
  answer.set("Referrer-Policy", "no-referrer");
  answer.set("Cross-Origin-Resource-Policy", "same-origin");
  answer.set("Cross-Origin-Opener-Policy", "same-origin");
}

std::string_view outcome_word(unsigned status) {
  if (status < 300) return "stored";
  if (status == 401) return "unauthenticated";
  if (status == 413) return "too_large";
  if (status == 429) return "too_many";
  return status < 500 ? "refused" : "unavailable";
}

template <class Stream>
class UploadSession {
 public:
  UploadSession(Stream& stream, const asio::ip::address& address, UploadService& service, HttpConnections& connections,
                HttpConnections::Guard& guard)
      : stream_(stream), address_(address), service_(service), connections_(connections), guard_(guard) {}

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
    lowest().expires_after(service_.settings.head_timeout);
    Parser parser;
    parser.header_limit(largest_head);
    parser.body_limit(service_.limits.max_size + form_allowance);
    Exchange exchange;
    exchange.peer = address_.to_string();
    Answer answer;
    std::optional<Refusal> refusal;
    try {
      co_await read_head(parser, exchange);
      answer = co_await respond(parser, exchange);
    } catch (const Refusal& caught) {
      refusal = caught;
    } catch (const MalformedMultipart& caught) {
      refusal = Refusal(400, caught.what());
    } catch (const boost::system::system_error& caught) {
      guard_.set_busy(false);
      service_.metrics.uploads.add("cut_off");
      log(LogLevel::info, "a request was interrupted",
          {{"request_id", exchange.request_id},
           {"sender", exchange.sender},
           {"peer", exchange.peer},
           {"reason", caught.code().message()}});
      co_return false;
    }
    guard_.set_busy(false);
    if (refusal) {
      answer = {refusal->status(),
                {{"request_id", exchange.request_id}, {"status", refusal->status()}, {"error", refusal->what()}}};
    }
    if (answer.status == 401) co_await sleep(service_.settings.failed_login_pause);
    const bool reusable = !refusal && parser.is_done() && parser.get().keep_alive() && !connections_.is_draining();
    record(exchange, answer.status, refusal);
    co_await write_answer(exchange, answer, parser.get().method() == http::verb::head, reusable);
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
    exchange.peer = service_.proxies.peer(address_, view(request["X-Forwarded-For"]));
    exchange.method = excerpt(view(request.method_string()), 20);
    exchange.path = excerpt(path_of(view(request.target())), 200);
  }

  /// Everything between the head of a request and its answer. Throws Refusal for an answer that is none of success. Who
  /// does not prove to be a sender learns nothing about the paths.
  asio::awaitable<Answer> respond(Parser& parser, Exchange& exchange) {
    check_protocol(parser.get());
    if (!service_.requests_of_address.allows(exchange.peer, Clock::now())) {
      throw Refusal(429, "too many requests from this address");
    }
    const auto target = view(parser.get().target());
    if (service_.reports != nullptr && path_of(target).starts_with(service_.report_path)) {
      co_return co_await report(parser, exchange);
    }
    const auto principal = co_await login(parser.get());
    exchange.sender = principal.name;
    exchange.tenant = principal.tenant.value_or("");
    if (!service_.requests_of_credential.allows(principal.name, Clock::now())) {
      throw Refusal(429, "too many requests of this sender");
    }
    // The place counts from here on, whatever is asked: what is busy is not closed for others.
    const SenderPlace place(service_.uploads_of_credential, principal.name,
                            service_.settings.max_uploads_per_credential);
    guard_.set_busy(true);
    lowest().expires_after(service_.settings.body_timeout);
    const auto path = path_of(view(parser.get().target()));
    // A prefix of the Sources API may be one of the path of uploads, too.
    exchange.is_upload = is_upload_path(path);
    if (exchange.is_upload) co_return co_await receive(parser, exchange, principal);
    if (service_.sources.serves(path)) co_return co_await answer_question(parser, exchange, principal);
    throw Refusal(404, "there is nothing here");
  }

  /// Readers log in with credentials of their own, and no sender's will do.
  asio::awaitable<Answer> report(Parser& parser, Exchange& exchange) {
    exchange.is_report = true;
    const auto& message = parser.get();
    const auto reader = co_await login_reader(message);
    exchange.sender = reader.credential.name;
    const auto key = "reader " + reader.credential.name;
    if (!service_.requests_of_credential.allows(key, Clock::now())) {
      throw Refusal(429, "too many requests of this reader");
    }
    const SenderPlace place(service_.uploads_of_credential, key, service_.settings.max_uploads_per_credential);
    guard_.set_busy(true);
    if (message.method() != http::verb::get && message.method() != http::verb::head) {
      throw Refusal(405, "reports are asked for with GET");
    }
    lowest().expires_after(service_.settings.body_timeout);
    const auto refuse = [](std::string_view bytes) {
      if (!bytes.empty()) throw Refusal(400, "a request for a report has no body");
    };
    co_await read_body(parser, exchange, refuse);
    const auto today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
    const auto request = parse_report_request(service_.report_path, view(message.target()), today);
    exchange.tenant = request.tenant;
    if (!reader.may_see(request.tenant)) throw Refusal(403, "this reader may not see reports of this tenant");
    const bool gzip = accepts_gzip(view(message[http::field::accept_encoding]));
    auto outcome = co_await make_report(request, gzip);
    if (outcome.kind != ReportOutcome::Kind::made) {
      log(LogLevel::warning, "the database made no report",
          {{"request_id", exchange.request_id},
           {"tenant", request.tenant},
           {"reason", outcome.message},
           {"sqlstate", outcome.sqlstate},
           {"hint", outcome.hint}});
      throw refusal_of(outcome);
    }
    ReportPage page{std::move(outcome.page), "W/\"" + outcome.etag + "\"", outcome.is_gzip};
    const auto known = view(message[http::field::if_none_match]);
    if (trim(known) == "*" || known.find("\"" + outcome.etag + "\"") != std::string_view::npos) {
      page.bytes.clear();
      page.is_gzip = false;
      co_return Answer{304, {}, std::move(page)};
    }
    exchange.payload_bytes = page.bytes.size();
    co_return Answer{200, {}, std::move(page)};
  }

  asio::awaitable<ReportOutcome> make_report(const ReportRequest& request, bool gzip) {
    lowest().expires_never();  // the maker has its own deadline
    const Start<ReportOutcome> begin = [this, &request, gzip](auto done) {
      service_.reports->make(request, gzip, std::move(done));
    };
    co_return co_await await_result(begin);
  }

  asio::awaitable<Answer> receive(Parser& parser, Exchange& exchange, const Principal& principal) {
    const auto boundary = check_upload(parser.get());
    // Nobody sends 100 MB for nothing.
    if (!service_.servers.is_any_available()) throw Refusal(503, "the database is unreachable");
    if (principal.tenant) co_await require_tenant(*principal.tenant, exchange);
    lowest().expires_after(service_.settings.body_timeout);
    const auto payload = std::make_shared<PayloadBuffer>(service_.memory, service_.limits.max_size, principal.name);
    UploadCollector collector(*payload, service_.service);
    MultipartReader reader(boundary, collector);
    const auto feed = [&reader](std::string_view bytes) { reader.feed(bytes); };
    co_await read_body(parser, exchange, feed);
    reader.finish();
    collector.finish();

    exchange.payload_bytes = payload->bytes().size();
    exchange.inbox_id = co_await store(payload, exchange.request_id, principal.tenant);
    // 'upload' is where the ingress service names the account.
    co_return Answer{202,
                     {{"request_id", exchange.request_id},
                      {"upload", nlohmann::ordered_json::object()},
                      {"inbox_id", exchange.inbox_id}}};
  }

  /// A payload for a tenant that is not there would wait for it for ever.
  asio::awaitable<void> require_tenant(const std::string& tenant, const Exchange& exchange) {
    const SourcesQuestion question{"pg_catalog.count(*)", sources_of_tenant, {tenant}, {}};
    co_await ask(question, tenant, exchange, patience_with_tenant, Duration::zero());
  }

  /// The boundary of the form.
  std::string check_upload(const Request& request) const {
    if (request.method() != http::verb::post) throw Refusal(405, "uploads are sent with POST");
    const auto boundary = multipart_boundary(view(request[http::field::content_type]));
    if (!boundary) throw Refusal(415, "the content type of the request is not multipart/form-data with a boundary");
    if (!request[http::field::content_encoding].empty()) {
      throw Refusal(415, "a content encoding of the request is not understood");
    }
    return *boundary;
  }

  asio::awaitable<Answer> answer_question(Parser& parser, Exchange& exchange, const Principal& principal) {
    const auto& request = parser.get();
    const bool is_post = request.method() == http::verb::post;
    const bool reads = request.method() == http::verb::get || request.method() == http::verb::head;
    if (!is_post && !reads) throw Refusal(405, "only GET and POST are understood");
    std::string body;
    const auto keep = [&body](std::string_view bytes) {
      if (body.size() + bytes.size() > largest_question) throw Refusal(413, "the body is too large");
      body.append(bytes);
    };
    co_await read_body(parser, exchange, keep);
    const std::string target(view(request.target()));
    const auto path = path_of(target);
    const auto query = std::string_view(target).substr(std::min(path.size() + 1, target.size()));
    auto planned = service_.sources.answer({is_post, path, query, body}, principal.tenant);
    if (const auto* answer = std::get_if<SourcesAnswer>(&planned)) co_return Answer{answer->status, answer->body};
    auto& question = std::get<SourcesQuestion>(planned);
    const auto result =
        co_await ask(question, principal.tenant, exchange, patience_with_database, pause_between_questions);
    const auto answer = question.answer(result);
    co_return Answer{answer.status, answer.body};
  }

  /// The answer, however often it takes to ask, within `patience`. With no `pause` it is asked once.
  asio::awaitable<std::string> ask(const SourcesQuestion& question, std::optional<std::string> tenant,
                                   const Exchange& exchange, Duration patience, Duration pause) {
    lowest().expires_never();  // the submitter has its own deadline
    const auto deadline = Clock::now() + patience;
    const Start<SubmitOutcome> begin = [this, &question, tenant, deadline](auto done) {
      const auto left = std::chrono::duration_cast<Duration>(deadline - Clock::now());
      service_.servers.ask({question.columns, question.call, question.parameters, std::move(done), tenant, left});
    };
    auto outcome = co_await await_result(begin);
    while (is_away(outcome) && pause > Duration::zero() && Clock::now() + pause < deadline &&
           !connections_.is_draining()) {
      co_await sleep(pause);
      outcome = co_await await_result(begin);
    }
    if (outcome.kind == SubmitOutcome::Kind::stored) co_return outcome.answer;
    log_database_refusal("the database did not answer a question", exchange.request_id, outcome);
    throw refusal_of(outcome);
  }

  static std::string_view path_of(std::string_view target) { return target.substr(0, target.find('?')); }

  /// Older operators end the path with a slash.
  bool is_upload_path(std::string_view path) const {
    if (path.size() == service_.settings.path.size() + 1 && path.ends_with('/')) path.remove_suffix(1);
    return path == service_.settings.path;
  }

  template <class Who>
  struct Login {
    std::optional<Who> who;
    std::optional<Refusal> refusal;
  };

  asio::awaitable<Principal> login(const Request& request) {
    const std::function<Principal(const Authenticator&, std::string_view)> check = &Authenticator::check;
    co_return co_await log_in(request, check);
  }

  asio::awaitable<Reader> login_reader(const Request& request) {
    const std::function<Reader(const Authenticator&, std::string_view)> check = &Authenticator::check_reader;
    co_return co_await log_in(request, check);
  }

  template <class Who>
  asio::awaitable<Who> log_in(const Request& request,
                              const std::function<Who(const Authenticator&, std::string_view)>& check) {
    const std::string authorization(view(request[http::field::authorization]));
    if (authorization.empty()) throw Refusal(401, "no credentials were sent");
    // A token of ours is compared at once, whoever waits for an issuer.
    const bool waits = may_need_issuer(authorization);
    if (!waits && !needs_password_hash(authorization)) co_return check(*service_.authenticator, authorization);
    auto& pool = waits ? service_.token_pool : service_.login_pool;
    const Start<Login<Who>> begin = [&pool, &check, authenticator = service_.authenticator, authorization](auto done) {
      asio::post(pool, [check, authenticator, authorization, done = std::move(done)] {
        try {
          done({check(*authenticator, authorization), std::nullopt});
        } catch (const Refusal& refusal) {
          done({std::nullopt, refusal});
        } catch (const std::exception& error) {
          log(LogLevel::error, "credentials could not be checked", {{"reason", error.what()}});
          done({std::nullopt, Refusal(503, "the credentials cannot be checked now")});
        }
      });
    };
    const auto login = co_await await_result(begin);
    if (login.refusal) throw *login.refusal;
    co_return *login.who;
  }

  asio::awaitable<void> write_continue() {
    http::response<http::empty_body> answer(http::status::continue_, 11);
    co_await http::async_write(stream_, answer, asio::use_awaitable);
  }

  template <class Take>
  asio::awaitable<void> read_body(Parser& parser, Exchange& exchange, Take take) {
    if (beast::iequals(parser.get()[http::field::expect], "100-continue")) co_await write_continue();
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
      const auto received = std::string_view(piece).substr(0, piece.size() - body.size);
      exchange.received_bytes += received.size();
      take(received);
    }
  }

  /// The id in the inbox, once the database has committed.
  asio::awaitable<std::string> store(std::shared_ptr<const PayloadBuffer> payload, const std::string& request_id,
                                     const std::optional<std::string>& tenant) {
    lowest().expires_never();  // the submitter has its own deadline
    const Start<SubmitOutcome> submit = [this, payload, request_id, tenant](auto done) {
      service_.servers.submit({payload, request_id, tenant, std::move(done)});
    };
    const auto outcome = co_await await_result(submit);
    if (outcome.kind == SubmitOutcome::Kind::stored) co_return outcome.answer;
    log_database_refusal("the database did not take an upload", request_id, outcome);
    // What the database says about this payload concerns its sender; what else is wrong does not.
    if (outcome.kind == SubmitOutcome::Kind::postponed) throw Refusal(429, outcome.message);
    if (outcome.kind == SubmitOutcome::Kind::refused) {
      if (is_about_missing_tenant(outcome.sqlstate)) throw Refusal(403, outcome.message);
      throw Refusal(outcome.sqlstate == "54000" ? 413 : 400, outcome.message);
    }
    throw Refusal(503, "the database did not accept the payload; send it again later");
  }

  static void log_database_refusal(const char* what, const std::string& request_id, const SubmitOutcome& outcome) {
    log(LogLevel::warning, what,
        {{"request_id", request_id},
         {"reason", outcome.message},
         {"sqlstate", outcome.sqlstate},
         {"hint", outcome.hint}});
  }

  void record(const Exchange& exchange, unsigned status, const std::optional<Refusal>& refusal) {
    const auto duration = Clock::now() - exchange.started;
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
    service_.metrics.responses.add(std::to_string(status));
    if (exchange.is_upload || (status == 401 && !exchange.is_report)) count_upload(exchange, status, duration);
    nlohmann::ordered_json fields{{"request_id", exchange.request_id}, {"status", status}};
    if (refusal) fields["reason"] = refusal->what();
    if (exchange.is_upload && !refusal) fields["inbox_id"] = exchange.inbox_id;
    fields["method"] = exchange.method;
    fields["path"] = exchange.path;
    fields["bytes"] =
        (exchange.is_upload || exchange.is_report) && !refusal ? exchange.payload_bytes : exchange.received_bytes;
    fields["sender"] = exchange.sender;
    if (!exchange.tenant.empty()) fields["tenant"] = exchange.tenant;
    fields["peer"] = exchange.peer;
    fields["user_agent"] = exchange.user_agent;
    fields["milliseconds"] = milliseconds;
    const auto* what = exchange.is_upload ? (refusal ? "upload refused" : "upload stored")
                                          : (refusal ? "request refused" : "request answered");
    const bool is_shown = service_.settings.access_log || exchange.is_upload || refusal;
    log(is_shown ? LogLevel::info : LogLevel::debug, what, fields);
  }

  void count_upload(const Exchange& exchange, unsigned status, Clock::duration duration) {
    if (status != 405) service_.metrics.uploads.add(outcome_word(status));
    service_.metrics.upload_duration.observe(duration);
    if (status < 300) service_.metrics.upload_bytes += exchange.payload_bytes;
  }

  asio::awaitable<void> write_answer(const Exchange& exchange, const Answer& content, bool head_only, bool keep_alive) {
    http::response<http::string_body> answer(http::int_to_status(content.status), 11);
    answer.set(http::field::server, "koku-intake/" + std::string(version));
    answer.set(request_id_header, exchange.request_id);
    if (const auto* seconds = retry_after_seconds(content.status)) answer.set(http::field::retry_after, seconds);
    if (content.status == 405) {
      answer.set(http::field::allow, exchange.is_report ? "GET" : exchange.is_upload ? "POST" : "GET, POST");
    }
    if (content.status == 401) {
      const std::string realm = exchange.is_report ? "koku-intake reports" : "koku-intake";
      answer.insert(http::field::www_authenticate, "Basic realm=\"" + realm + "\", charset=\"UTF-8\"");
      answer.insert(http::field::www_authenticate, "Bearer realm=\"" + realm + "\"");
    }
    if (content.page) {
      set_report_headers(answer, *content.page);
      answer.body() = content.page->bytes;
    } else {
      answer.set(http::field::content_type, "application/json");
      answer.body() = content.body.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
    }
    answer.keep_alive(keep_alive);
    answer.prepare_payload();
    if (content.status == 304) answer.erase(http::field::content_length);  // that would be the length of the page
    if (head_only) answer.body().clear();
    lowest().expires_after(content.page ? service_.settings.body_timeout : answer_timeout);
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
  asio::ip::address address_;
  UploadService& service_;
  HttpConnections& connections_;
  HttpConnections::Guard& guard_;
  beast::flat_buffer buffer_{largest_buffer};
};

/// Of the other side; the unspecified address when it is gone already.
asio::ip::address address_of(const asio::ip::tcp::socket& socket) {
  error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  return error ? asio::ip::address() : endpoint.address();
}

asio::awaitable<void> serve_plain(asio::ip::tcp::socket socket, UploadService& service, HttpConnections& connections) {
  const auto address = address_of(socket);
  beast::tcp_stream stream(std::move(socket));
  HttpConnections::Guard guard(connections, stream, address);
  UploadSession<beast::tcp_stream> session(stream, address, service, connections, guard);
  co_await session.run();
}

asio::awaitable<void> serve_tls(asio::ip::tcp::socket socket, asio::ssl::context& tls, UploadService& service,
                                HttpConnections& connections) {
  using Stream = beast::ssl_stream<beast::tcp_stream>;
  const auto address = address_of(socket);
  Stream stream(beast::tcp_stream(std::move(socket)), tls);
  HttpConnections::Guard guard(connections, beast::get_lowest_layer(stream), address);
  beast::get_lowest_layer(stream).expires_after(service.settings.head_timeout);
  error_code error;
  co_await stream.async_handshake(asio::ssl::stream_base::server, asio::redirect_error(asio::use_awaitable, error));
  if (error) {
    log(LogLevel::debug, "a TLS handshake failed", {{"peer", address.to_string()}, {"reason", error.message()}});
    co_return;
  }
  UploadSession<Stream> session(stream, address, service, connections, guard);
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
