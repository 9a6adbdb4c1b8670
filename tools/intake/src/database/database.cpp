#include "database/database.hpp"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>

#include "observe/log.hpp"

namespace koku::intake {
namespace {

std::string field(const PGresult* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text == nullptr ? std::string() : std::string(text);
}

DatabaseError server_error(const PGresult* result) {
  auto message = field(result, PG_DIAG_MESSAGE_PRIMARY);
  if (message.empty()) message = "the server reported an error without a message";
  return DatabaseError(message, field(result, PG_DIAG_SQLSTATE), field(result, PG_DIAG_MESSAGE_DETAIL),
                       field(result, PG_DIAG_MESSAGE_HINT));
}

/// Warnings of the server belong into the log like everything else; notices are for people at a terminal.
void receive_notice(void*, const PGresult* notice) {
  if (field(notice, PG_DIAG_SEVERITY_NONLOCALIZED) != "WARNING") return;
  log(LogLevel::warning, "warning of the database",
      {{"text", field(notice, PG_DIAG_MESSAGE_PRIMARY)},
       {"sqlstate", field(notice, PG_DIAG_SQLSTATE)},
       {"detail", field(notice, PG_DIAG_MESSAGE_DETAIL)},
       {"hint", field(notice, PG_DIAG_MESSAGE_HINT)}});
}

std::string without_line_end(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

}  // namespace

DatabaseError DatabaseConnection::lost(const std::string& what) {
  const auto reason = connection_ ? without_line_end(PQerrorMessage(connection_.get())) : std::string();
  close();
  return DatabaseError(reason.empty() ? what : what + ": " + reason);
}

void DatabaseConnection::connect(Duration statement_timeout) {
  close();
  const auto seconds = std::to_string(std::chrono::ceil<std::chrono::seconds>(settings_.connect_timeout).count());
  const auto password = settings_.password_file.empty() ? std::string() : read_secret(settings_.password_file);
  // What stands before dbname gives way to the connection string, what stands after it does not.
  std::vector<const char*> keywords{
      "keepalives_idle",           "keepalives_interval", "keepalives_count", "tcp_user_timeout",
      "fallback_application_name", "connect_timeout",     "dbname",           "client_encoding"};
  std::vector<const char*> values{"20",  "5", "3", "20000", "koku-intake", seconds.c_str(), settings_.conninfo.c_str(),
                                  "UTF8"};
  if (!password.empty()) {
    keywords.push_back("password");
    values.push_back(password.c_str());
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  connection_.reset(PQconnectdbParams(keywords.data(), values.data(), 1));
  if (!connection_) throw std::bad_alloc();
  if (PQstatus(connection_.get()) != CONNECTION_OK) throw lost("no connection to the database");
  PQsetNoticeReceiver(connection_.get(), receive_notice, nullptr);
  if (PQsetnonblocking(connection_.get(), 1) != 0) throw lost("the connection cannot be used");
  remember_cancel();
  const auto timeout = std::to_string(statement_timeout.count());
  execute(
      "SELECT pg_catalog.set_config('statement_timeout', $1, false), pg_catalog.set_config('synchronous_commit', "
      "CASE WHEN pg_catalog.current_setting('synchronous_commit') IN ('off', 'local', 'remote_write') THEN 'on' "
      "ELSE pg_catalog.current_setting('synchronous_commit') END, false)",
      {Parameter::text(timeout)}, Clock::now() + settings_.connect_timeout);
}

void DatabaseConnection::connect_to_read(Duration statement_timeout) {
  connect(statement_timeout);
  execute("SELECT pg_catalog.set_config('default_transaction_read_only', 'on', false)", {},
          Clock::now() + settings_.connect_timeout);
}

void DatabaseConnection::remember_cancel() {
  const std::lock_guard lock(cancel_mutex_);
  cancel_.reset(PQgetCancel(connection_.get()));
}

void DatabaseConnection::interrupt() {
  const std::lock_guard lock(cancel_mutex_);
  std::array<char, 256> error{};
  if (cancel_) PQcancel(cancel_.get(), error.data(), error.size());
}

bool DatabaseConnection::is_alive() {
  return connection_ && PQconsumeInput(connection_.get()) == 1 && PQstatus(connection_.get()) == CONNECTION_OK;
}

void DatabaseConnection::wait_for_socket(bool to_write, Clock::time_point deadline) {
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) {
      close();
      throw DatabaseError("the database did not answer in time");
    }
    pollfd socket{PQsocket(connection_.get()), static_cast<short>(to_write ? POLLIN | POLLOUT : POLLIN), 0};
    const auto ready = ::poll(&socket, 1, static_cast<int>(std::min<std::int64_t>(left, INT_MAX)));
    if (ready > 0) return;
    if (ready < 0 && errno != EINTR) throw lost("the connection to the database cannot be waited for");
  }
}

void DatabaseConnection::flush(Clock::time_point deadline) {
  for (;;) {
    const auto unsent = PQflush(connection_.get());
    if (unsent == 0) return;
    if (unsent < 0) throw lost("the connection to the database broke");
    wait_for_socket(true, deadline);
    // The server may talk before it listens: both directions have to move.
    if (PQconsumeInput(connection_.get()) != 1) throw lost("the connection to the database broke");
  }
}

DatabaseConnection::Result DatabaseConnection::last_result(Clock::time_point deadline) {
  Result last;
  for (;;) {
    while (PQisBusy(connection_.get()) == 1) {
      wait_for_socket(false, deadline);
      if (PQconsumeInput(connection_.get()) != 1) throw lost("the connection to the database broke");
    }
    Result next(PQgetResult(connection_.get()));
    if (!next) return last;
    last = std::move(next);
  }
}

std::string DatabaseConnection::execute(const std::string& statement, const std::vector<Parameter>& parameters,
                                        Clock::time_point deadline) {
  constexpr Oid bytea = 17;
  constexpr Oid found_by_server = 0;
  std::vector<Oid> types;
  std::vector<const char*> values;
  std::vector<int> lengths;
  std::vector<int> formats;
  for (const auto& parameter : parameters) {
    types.push_back(parameter.binary ? bytea : found_by_server);
    values.push_back(parameter.value);
    lengths.push_back(static_cast<int>(parameter.length));
    formats.push_back(parameter.binary ? 1 : 0);
  }
  if (!connection_) throw DatabaseError("not connected to the database");
  if (PQsendQueryParams(connection_.get(), statement.c_str(), static_cast<int>(parameters.size()), types.data(),
                        values.data(), lengths.data(), formats.data(), 0) != 1) {
    throw lost("the statement cannot be sent");
  }
  flush(deadline);
  const auto result = last_result(deadline);
  const auto status = PQresultStatus(result.get());
  if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
    if (PQntuples(result.get()) == 0 || PQnfields(result.get()) == 0) return {};
    return PQgetvalue(result.get(), 0, 0);
  }
  if (PQstatus(connection_.get()) != CONNECTION_OK) throw lost("the connection to the database broke");
  throw server_error(result.get());
}

std::string DatabaseConnection::qualified(std::string_view function) const {
  if (!connection_) throw DatabaseError("not connected to the database");
  const std::unique_ptr<char, void (*)(void*)> schema(
      PQescapeIdentifier(connection_.get(), settings_.schema.data(), settings_.schema.size()), PQfreemem);
  if (!schema)
    throw DatabaseError("database.schema cannot be quoted: " + without_line_end(PQerrorMessage(connection_.get())));
  return std::string(schema.get()) + "." + std::string(function);
}

}  // namespace koku::intake
