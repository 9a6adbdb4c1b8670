// One connection to PostgreSQL, with deadlines and errors that a program can branch on.
#pragma once

#include <libpq-fe.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "settings/configuration.hpp"

namespace koku::intake {

using Clock = std::chrono::steady_clock;

/// What the server or the connection reported. Its text never holds the statement's parameters or a password.
class DatabaseError : public std::runtime_error {
 public:
  DatabaseError(const std::string& message, std::string sqlstate = {}, std::string detail = {}, std::string hint = {})
      : std::runtime_error(message),
        sqlstate_(std::move(sqlstate)),
        detail_(std::move(detail)),
        hint_(std::move(hint)) {}

  /// Empty when no server spoke: the connection failed, broke or took too long.
  const std::string& sqlstate() const { return sqlstate_; }
  const std::string& detail() const { return detail_; }
  const std::string& hint() const { return hint_; }

 private:
  std::string sqlstate_;
  std::string detail_;
  std::string hint_;
};

/// A parameter of a statement. A missing value is NULL; binary ones are bytea, the others text whose type the server
/// finds.
struct Parameter {
  const char* value = nullptr;
  std::size_t length = 0;
  bool binary = false;

  static Parameter null() { return {}; }
  static Parameter text(const std::string& value) { return {value.c_str(), value.size(), false}; }
  static Parameter text(const std::optional<std::string>& value) { return value ? text(*value) : null(); }
  static Parameter bytes(std::string_view value) { return {value.data(), value.size(), true}; }
};

/// Not connected at first. Used by one thread at a time; interrupt() may be called from any.
class DatabaseConnection {
 public:
  explicit DatabaseConnection(const Configuration::Database& settings) : settings_(settings) {}

  /// Connects, and makes the server's commits durable where its configuration leaves that out: an answer 'stored' must
  /// be true after a crash. Statements longer than the timeout are ended by the server (zero: never). Throws
  /// DatabaseError.
  void connect(Duration statement_timeout);
  /// The same for a session that only reads, whatever its role may do besides.
  void connect_to_read(Duration statement_timeout);
  void close() { connection_.reset(); }

  /// Whether the connection stands, as far as that can be told without sending anything.
  bool is_alive();

  /// Runs one statement, which commits by itself. Returns the first column of the first row, or an empty text. Throws
  /// DatabaseError; when the deadline passed or the connection broke, the connection is closed and it is not known
  /// whether the statement committed.
  std::string execute(const std::string& statement, const std::vector<Parameter>& parameters,
                      Clock::time_point deadline);

  /// Asks the server to end the statement that runs, if one does.
  void interrupt();

  /// A function of the extension, with its schema, quoted.
  std::string qualified(std::string_view function) const;

 private:
  struct ConnectionDeleter {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  struct ResultDeleter {
    void operator()(PGresult* result) const { PQclear(result); }
  };
  using Result = std::unique_ptr<PGresult, ResultDeleter>;

  DatabaseError lost(const std::string& what);
  void wait_for_socket(bool to_write, Clock::time_point deadline);
  void flush(Clock::time_point deadline);
  Result last_result(Clock::time_point deadline);
  void remember_cancel();

  Configuration::Database settings_;
  std::unique_ptr<PGconn, ConnectionDeleter> connection_;
  std::mutex cancel_mutex_;
  std::unique_ptr<PGcancel, void (*)(PGcancel*)> cancel_{nullptr, [](PGcancel* cancel) { PQfreeCancel(cancel); }};
};

}  // namespace koku::intake
