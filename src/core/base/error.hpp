// Errors that the core raises: plain data, turned into a server error only at the boundary
// (src/server/backend/boundary.hpp).
#pragma once

#include <exception>
#include <string>
#include <utility>

namespace koku {

/// What went wrong, as far as a caller branches on it. The server maps each kind to one SQLSTATE.
enum class ErrorKind {
  invalid_archive,    ///< not gzip, corrupt or truncated gzip or tar, no manifest (22P02)
  invalid_manifest,   ///< a manifest that breaks a rule of spec ingest.md 1.3 (22P02)
  invalid_csv,        ///< a report that cannot be split into records (22P04)
  strict_violation,   ///< something that is only a warning unless strict was asked for (22P04)
  too_large,          ///< a limit was passed (54000)
  invalid_parameter,  ///< the caller's argument (22023)
  unknown_source,     ///< no source is registered for the cluster (42704)
  ambiguous_source,   ///< several tenants have the cluster (42P08)
  source_paused,      ///< the source takes no payloads now (55000)
  source_busy,        ///< another transaction writes rows of the source (55P03)
  expired,            ///< the payload's window lies before the retention bound (22008)
  future_day,         ///< rows of a day that lies too far ahead of the day of receipt (22008)
  distributed         ///< a table whose rows are on other servers (0A000)
};

/// An error with the parts of a server message: what (message), where and which value (detail), what to do (hint).
class Error : public std::exception {
 public:
  Error(ErrorKind kind, std::string message, std::string detail = {}, std::string hint = {})
      : kind_(kind), message_(std::move(message)), detail_(std::move(detail)), hint_(std::move(hint)) {}

  const char* what() const noexcept override { return message_.c_str(); }
  ErrorKind kind() const noexcept { return kind_; }
  const std::string& message() const noexcept { return message_; }
  const std::string& detail() const noexcept { return detail_; }
  const std::string& hint() const noexcept { return hint_; }

 private:
  ErrorKind kind_;
  std::string message_;
  std::string detail_;
  std::string hint_;
};

}  // namespace koku
