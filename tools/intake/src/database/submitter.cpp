#include "database/submitter.hpp"

#include <algorithm>
#include <utility>

#include "observe/log.hpp"

namespace koku::intake {
namespace {

constexpr Duration first_pause{500};
constexpr Duration longest_pause{10'000};
/// A payload that waits lets an attempt to connect come early, but not more often than this.
constexpr Duration shortest_pause{1'000};
constexpr Duration health_interval{1'000};
constexpr std::uint64_t most_kept_bytes = 1 << 20;

SubmitOutcome unavailable(const std::string& message) {
  return {SubmitOutcome::Kind::unavailable, {}, {}, message, {}};
}

SubmitOutcome outcome_with(const DatabaseError& error) {
  return {outcome_of(error), {}, error.sqlstate(), error.what(), error.hint()};
}

std::string_view name(SubmitOutcome::Kind kind) {
  switch (kind) {
    case SubmitOutcome::Kind::stored:
      return "stored";
    case SubmitOutcome::Kind::refused:
      return "refused";
    case SubmitOutcome::Kind::postponed:
      return "postponed";
    case SubmitOutcome::Kind::unavailable:
      return "unavailable";
  }
  return "unavailable";
}

void require_function(DatabaseConnection& connection, std::string_view signature, Clock::time_point deadline) {
  const auto function = connection.qualified(signature);
  const auto problem = connection.execute(
      "SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN 'the server is a standby, which stores nothing' "
      "WHEN pg_catalog.to_regprocedure($1::text) IS NULL THEN 'the database has no function ' || $1::text "
      "WHEN NOT pg_catalog.has_function_privilege(pg_catalog.to_regprocedure($1::text)::oid, 'EXECUTE') "
      "THEN 'role ' || current_user || ' may not call ' || $1::text ELSE '' END",
      {Parameter::text(function)}, deadline);
  if (!problem.empty()) {
    throw DatabaseError(problem, {}, {},
                        "Connect to a primary server whose database has the extension koku_onprem, as a member of role "
                        "koku_ingest; see database.conninfo and database.schema.");
  }
}

/// A server without a number takes payloads of any tenant, also of one that is elsewhere.
void require_server_number(DatabaseConnection& connection, Clock::time_point deadline) {
  const auto number = connection.execute(
      "SELECT coalesce(nullif(pg_catalog.current_setting('koku_onprem.server_number', true), ''), '0')", {}, deadline);
  if (number == "0") {
    throw DatabaseError("the server has no koku_onprem.server_number", {}, {},
                        "Give each server that shares tenants a number of its own; see docs/scale.md.");
  }
}

/// What must be true before payloads are taken, so that a wrong installation shows at once and not with a payload.
void check_installation(DatabaseConnection& connection, bool shares_tenants, Clock::time_point deadline) {
  require_function(connection, "koku_submit_payload(bytea,text,name)", deadline);
  if (!shares_tenants) return;
  require_function(connection, "koku_tenant_place(name)", deadline);
  require_server_number(connection, deadline);
}

}  // namespace

bool is_about_missing_tenant(const std::string& sqlstate) { return sqlstate == "42704"; }

SubmitOutcome::Kind outcome_of(const DatabaseError& error) {
  const auto& sqlstate = error.sqlstate();
  // 54000 stands for two limits: that of one payload and that of the whole inbox.
  if (sqlstate == "54000" && std::string_view(error.what()).find("inbox") != std::string_view::npos) {
    return SubmitOutcome::Kind::postponed;
  }
  // 22: data exceptions, with 22023 for what koku_submit_payload() refuses.
  const bool about_payload = sqlstate.starts_with("22") || sqlstate == "54000" || is_about_missing_tenant(sqlstate);
  return about_payload ? SubmitOutcome::Kind::refused : SubmitOutcome::Kind::unavailable;
}

Submitter::Submitter(const Configuration::Server& server, Metrics& metrics)
    : settings_(server.database), server_(server.name), metrics_(metrics) {
  metrics_.database_up.set(server_, 0);
  for (unsigned index = 0; index < settings_.connections; ++index) threads_.emplace_back([this] { work(); });
}

void Submitter::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
  for (auto& waiting : std::exchange(queue_, {})) waiting.done(unavailable("the service is shutting down"));
}

void Submitter::submit(Submission submission) {
  const auto payload = submission.payload;
  const auto tenant = submission.tenant;
  const auto execute = [this, payload, tenant, request_id = submission.request_id](DatabaseConnection& connection,
                                                                                   Clock::time_point deadline) {
    const auto started = Clock::now();
    auto id = connection.execute(
        "SELECT " +
            connection.qualified("koku_submit_payload($1::pg_catalog.bytea, $2::pg_catalog.text, $3::pg_catalog.name)"),
        {Parameter::bytes(payload->bytes()), Parameter::text(request_id), Parameter::text(tenant)}, deadline);
    metrics_.submit_duration.observe(Clock::now() - started);
    return id;
  };
  const auto done = [this, tenant, done = std::move(submission.done)](SubmitOutcome outcome) {
    metrics_.submissions.add(name(outcome.kind));
    if (outcome.kind == SubmitOutcome::Kind::stored) metrics_.stored_by_tenant.add(tenant.value_or("-"));
    done(std::move(outcome));
  };
  enqueue({execute, done, Clock::now() + settings_.submit_timeout, payload->bytes().size()});
}

void Submitter::ask(Question question) {
  const auto execute = [columns = std::move(question.columns), call = std::move(question.call),
                        values = std::move(question.parameters)](DatabaseConnection& connection,
                                                                 Clock::time_point deadline) {
    std::vector<Parameter> parameters;
    for (const auto& value : values) parameters.push_back(Parameter::text(value));
    return connection.execute("SELECT " + columns + " FROM " + connection.qualified(call), parameters, deadline);
  };
  enqueue({execute, std::move(question.done), Clock::now() + std::min(question.patience, settings_.submit_timeout), 0});
}

void Submitter::enqueue(Waiting waiting) {
  {
    const std::lock_guard lock(mutex_);
    if (!stopping_) {
      queue_.push_back(std::move(waiting));
      changed_.notify_all();  // not every worker may take it
      return;
    }
  }
  waiting.done(unavailable("the service is shutting down"));
}

std::optional<Submitter::Waiting> Submitter::next(const Worker& worker, bool& ended) {
  // A worker without a connection leaves payloads to those that have one; where none has, it says so to their senders.
  const auto has_work = [this, &worker] { return !queue_.empty() && (worker.connected || connected_workers_ == 0); };
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, wake_time(worker), [this, &has_work] { return stopping_ || has_work(); });
  ended = stopping_;
  if (stopping_ || !has_work()) return std::nullopt;
  auto waiting = std::move(queue_.front());
  queue_.pop_front();
  return waiting;
}

void Submitter::work() {
  Worker worker(settings_);
  for (bool ended = false; !ended;) {
    look_after(worker);
    if (const auto waiting = next(worker, ended)) {
      auto outcome = execute(worker, *waiting);
      shrink(worker, waiting->bytes);
      waiting->done(std::move(outcome));
    }
  }
  mark(worker, false, {});
}

Clock::time_point Submitter::wake_time(const Worker& worker) const {
  if (worker.connected) return Clock::now() + health_interval;
  // Once one has reached the database, the others need not wait long.
  return worker.last_attempt + (connected_workers_ > 0 ? std::min(worker.pause, shortest_pause) : worker.pause);
}

void Submitter::look_after(Worker& worker) {
  if (worker.connected) {
    if (worker.connection.is_alive()) return;
    worker.pause = Duration::zero();
    mark(worker, false, "the server closed the connection");
  }
  if (Clock::now() >= wake_time(worker)) connect(worker);
}

bool Submitter::connect(Worker& worker) {
  worker.last_attempt = Clock::now();
  try {
    worker.connection.connect(settings_.submit_timeout);
    check_installation(worker.connection, !server_.empty(), Clock::now() + settings_.connect_timeout);
    worker.pause = Duration::zero();
    metrics_.database_connects.add("success");
    mark(worker, true, {});
    return true;
  } catch (const std::exception& error) {  // a password file may be missing as well
    worker.connection.close();
    worker.pause = std::clamp(worker.pause * 2, first_pause, longest_pause);
    metrics_.database_connects.add("failure");
    const auto* database_error = dynamic_cast<const DatabaseError*>(&error);
    const auto hint = database_error == nullptr ? std::string() : database_error->hint();
    mark(worker, false, hint.empty() ? error.what() : error.what() + (". " + hint));
    return false;
  }
}

void Submitter::mark(Worker& worker, bool connected, const std::string& reason) {
  const std::lock_guard lock(state_mutex_);
  if (connected != worker.connected) connected_workers_ += connected ? 1 : -1;
  worker.connected = connected;
  const bool available = connected_workers_ > 0;
  const bool changed = available_.exchange(available) != available;
  metrics_.database_up.set(server_, available ? 1 : 0);
  if (changed && available) {
    last_reason_.clear();
    log(LogLevel::info, "the database is reachable", of_server(server_));
  } else if (!available && !reason.empty() && reason != last_reason_) {
    last_reason_ = reason;
    log(LogLevel::warning, "the database is unreachable; payloads are refused",
        of_server(server_, {{"reason", reason}}));
  }
}

SubmitOutcome Submitter::execute(Worker& worker, const Waiting& waiting) {
  std::string reason = "the database is unreachable";
  // A connection that was idle may have broken unnoticed. The second attempt is safe: the same bytes are stored once,
  // and a source is registered once.
  for (int attempt = 0; attempt < 2 && Clock::now() < waiting.deadline; ++attempt) {
    if (!worker.connected) {
      const bool due = Clock::now() >= worker.last_attempt + std::min(worker.pause, shortest_pause);
      if (!due || !connect(worker)) break;
    }
    try {
      return {SubmitOutcome::Kind::stored, waiting.execute(worker.connection, waiting.deadline), {}, {}, {}};
    } catch (const DatabaseError& error) {
      if (!error.sqlstate().empty() && worker.connection.is_alive()) return outcome_with(error);
      worker.connection.close();
      worker.pause = Duration::zero();
      mark(worker, false, error.what());
      reason = error.what();
    }
  }
  return unavailable(reason);
}

void Submitter::shrink(Worker& worker, std::uint64_t bytes_sent) {
  if (!worker.connected || bytes_sent <= most_kept_bytes) return;
  try {
    worker.connection.connect(settings_.submit_timeout);
  } catch (const std::exception& error) {
    worker.pause = Duration::zero();
    mark(worker, false, error.what());
  }
}

}  // namespace koku::intake
