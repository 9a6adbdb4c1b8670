#include "report/report_maker.hpp"

#include <zlib.h>

#include "observe/encoding.hpp"
#include "observe/log.hpp"

namespace koku::intake {
namespace {

/// For each report that can be made at a time, so many may wait.
constexpr std::size_t waiting_per_connection = 4;
constexpr std::size_t etag_digits = 32;
/// The server ends a statement first, so that none goes on for nobody.
constexpr Duration grace{2'000};

std::string compress_gzip(const std::string& text) {
  constexpr int gzip_format = 15 + 16;
  constexpr int memory_level = 8;
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzip_format, memory_level, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::bad_alloc();
  }
  std::string compressed(deflateBound(&stream, static_cast<uLong>(text.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(compressed.data());
  stream.avail_out = static_cast<uInt>(compressed.size());
  const int result = deflate(&stream, Z_FINISH);
  compressed.resize(stream.total_out);
  deflateEnd(&stream);
  if (result != Z_STREAM_END) throw std::runtime_error("a report cannot be compressed");
  return compressed;
}

ReportOutcome failure(ReportOutcome::Kind kind, const DatabaseError& error) {
  return {kind, {}, false, {}, error.sqlstate(), error.what(), error.hint()};
}

/// What the server says about the request itself is a refusal: 22: data exceptions, 42704: no such tenant.
ReportOutcome outcome_with(const DatabaseError& error) {
  const auto& sqlstate = error.sqlstate();
  if (sqlstate == "57014") return failure(ReportOutcome::Kind::too_slow, error);
  const bool about_request = sqlstate.starts_with("22") || sqlstate == "42704";
  return failure(about_request ? ReportOutcome::Kind::refused : ReportOutcome::Kind::unavailable, error);
}

std::string_view name(ReportOutcome::Kind kind) {
  switch (kind) {
    case ReportOutcome::Kind::made:
      return "made";
    case ReportOutcome::Kind::refused:
      return "refused";
    case ReportOutcome::Kind::too_slow:
      return "too_slow";
    case ReportOutcome::Kind::unavailable:
      return "unavailable";
  }
  return "unavailable";
}

}  // namespace

ReportMaker::ReportMaker(const Configuration::Report& settings, const Configuration::Database& database,
                         Metrics& metrics)
    : settings_(settings), metrics_(metrics) {
  for (unsigned index = 0; index < settings_.parallel; ++index) connections_.emplace_back(database);
  for (auto& connection : connections_) threads_.emplace_back([this, &connection] { work(connection); });
}

ReportMaker::~ReportMaker() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (auto& connection : connections_) connection.interrupt();
  for (auto& thread : threads_) thread.join();
  for (auto& waiting : queue_) waiting.done(failure(ReportOutcome::Kind::unavailable, DatabaseError("shutting down")));
}

bool ReportMaker::make(ReportRequest request, bool gzip, Done done) {
  const std::lock_guard lock(mutex_);
  if (stopping_ || queue_.size() >= settings_.parallel * waiting_per_connection) return false;
  queue_.push_back({std::move(request), gzip, std::move(done), Clock::now() + settings_.timeout});
  changed_.notify_one();
  return true;
}

void ReportMaker::work(DatabaseConnection& connection) {
  for (;;) {
    Waiting waiting;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (stopping_) return;
      waiting = std::move(queue_.front());
      queue_.pop_front();
    }
    const auto started = Clock::now();
    auto outcome = make_now(connection, waiting);
    metrics_.reports.add(name(outcome.kind));
    metrics_.report_duration.observe(Clock::now() - started);
    waiting.done(std::move(outcome));
  }
}

ReportOutcome ReportMaker::make_now(DatabaseConnection& connection, const Waiting& waiting) {
  DatabaseError last("the report waited too long for others");
  // A connection that was idle may have broken unnoticed; nothing is written, so that a second attempt does no harm.
  for (int attempt = 0; attempt < 2 && Clock::now() < waiting.deadline; ++attempt) {
    try {
      auto html = html_of(connection, waiting.request);
      ReportOutcome outcome;
      outcome.kind = ReportOutcome::Kind::made;
      outcome.etag = encode_hex(sha256(html)).substr(0, etag_digits);
      outcome.page = waiting.gzip ? compress_gzip(html) : std::move(html);
      outcome.is_gzip = waiting.gzip;
      return outcome;
    } catch (const DatabaseError& error) {
      if (!error.sqlstate().empty() && connection.is_alive()) return outcome_with(error);
      last = error;
      connection.close();
    } catch (const std::exception& error) {  // a password file may be missing, or memory
      connection.close();
      return failure(ReportOutcome::Kind::unavailable, DatabaseError(error.what()));
    }
  }
  const bool in_time = Clock::now() < waiting.deadline;
  return failure(in_time ? ReportOutcome::Kind::unavailable : ReportOutcome::Kind::too_slow, last);
}

std::string ReportMaker::html_of(DatabaseConnection& connection, const ReportRequest& request) {
  if (!connection.is_alive()) connection.connect_to_read(settings_.timeout);
  return connection.execute(
      "SELECT " + connection.qualified("koku_report") +
          "($1::pg_catalog.name, $2::pg_catalog.date, $3::pg_catalog.date, $4::pg_catalog.text, $5::pg_catalog.text, "
          "$6::pg_catalog.text, true)",
      {Parameter::text(request.tenant), Parameter::text(request.first), Parameter::text(request.last),
       Parameter::text(request.label), Parameter::text(request.cluster), Parameter::text(request.project)},
      Clock::now() + settings_.timeout + grace);
}

}  // namespace koku::intake
