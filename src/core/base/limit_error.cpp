#include "core/base/limit_error.hpp"

#include <utility>

namespace koku {

std::string size_text(std::uint64_t bytes) {
  static constexpr struct {
    unsigned shift;
    const char* name;
  } units[] = {{30, " GB"}, {20, " MB"}, {10, " kB"}};
  for (const auto& unit : units) {
    const std::uint64_t count = bytes >> unit.shift;
    if (count != 0 && count << unit.shift == bytes) return std::to_string(count) + unit.name;
  }
  return std::to_string(bytes) + (bytes == 1 ? " byte" : " bytes");
}

Error limit_error(std::string message, std::string detail, std::string_view setting) {
  return {ErrorKind::too_large, std::move(message), std::move(detail),
          "If the payload can be trusted, raise koku_onprem." + std::string(setting) + "."};
}

}  // namespace koku
