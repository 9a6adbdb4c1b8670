// Structured log: one JSON object a line on standard error, for journald, a container's log or a shipper.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace koku::intake {

enum class LogLevel { debug, info, warning, error };

/// 'debug', 'info', 'warning' or 'error'; throws std::invalid_argument for anything else.
LogLevel parse_log_level(std::string_view text);

/// Lines below this level are not written (from the start: info). May be called at any time from any thread.
void set_log_level(LogLevel level);

/// The line of a message, without the line feed: time (UTC), level and message, then the fields in their order. Bytes
/// that are not UTF-8 are replaced; what people sent is cut by the caller.
std::string log_line(LogLevel level, std::string_view message, const nlohmann::ordered_json& fields);

/// Writes the line in one piece, so that lines of several threads do not mix. Never throws. Secrets (passwords, tokens,
/// queries of URLs) must not be among the fields.
void log(LogLevel level, std::string_view message, const nlohmann::ordered_json& fields = {}) noexcept;

/// The fields, with the name of the server that they are about; as they are where it has none, because it is the only
/// one.
nlohmann::ordered_json of_server(const std::string& server,
                                 nlohmann::ordered_json fields = nlohmann::ordered_json::object());

/// At most this many bytes of what somebody sent, for a log or an answer; '...' marks a cut.
std::string excerpt(std::string_view text, std::size_t limit = 200);

}  // namespace koku::intake
