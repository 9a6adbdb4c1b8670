#include "observe/log.hpp"

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <ctime>
#include <stdexcept>

namespace koku::intake {
namespace {

std::atomic<LogLevel> lowest_level{LogLevel::info};

constexpr std::string_view level_names[] = {"debug", "info", "warning", "error"};

std::string_view name(LogLevel level) { return level_names[static_cast<std::size_t>(level)]; }

std::string utc_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  const auto seconds = static_cast<std::time_t>(milliseconds / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[40];
  const auto length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  const auto fraction = std::to_string(1000 + milliseconds % 1000);
  return std::string(text, length) + "." + fraction.substr(1) + "Z";
}

void write_whole(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(STDERR_FILENO, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;  // nobody reads the log: there is nowhere to say so
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

LogLevel parse_log_level(std::string_view text) {
  for (std::size_t index = 0; index < std::size(level_names); ++index) {
    if (level_names[index] == text) return static_cast<LogLevel>(index);
  }
  throw std::invalid_argument("'" + std::string(text) + "' is no log level, expected debug, info, warning or error");
}

void set_log_level(LogLevel level) { lowest_level.store(level, std::memory_order_relaxed); }

std::string log_line(LogLevel level, std::string_view message, const nlohmann::ordered_json& fields) {
  nlohmann::ordered_json line{{"time", utc_now()}, {"level", name(level)}, {"message", message}};
  for (const auto& [key, value] : fields.items()) line[key] = value;
  return line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

void log(LogLevel level, std::string_view message, const nlohmann::ordered_json& fields) noexcept {
  if (level < lowest_level.load(std::memory_order_relaxed)) return;
  try {
    write_whole(log_line(level, message, fields) + "\n");
  } catch (...) {
    write_whole("{\"level\":\"error\",\"message\":\"out of memory while logging\"}\n");
  }
}

nlohmann::ordered_json of_server(const std::string& server, nlohmann::ordered_json fields) {
  if (!server.empty()) fields["server"] = server;
  return fields;
}

std::string excerpt(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return std::string(text);
  return std::string(text.substr(0, limit)) + "...";
}

}  // namespace koku::intake
