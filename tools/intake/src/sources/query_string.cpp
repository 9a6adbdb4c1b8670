#include "sources/query_string.hpp"

#include <algorithm>

#include "observe/encoding.hpp"

namespace koku::intake {
namespace {

constexpr std::size_t most_parameters = 16;

}  // namespace

std::optional<std::string> decode_percent(std::string_view text) {
  std::string decoded;
  for (std::size_t index = 0; index < text.size(); ++index) {
    if (text[index] == '%') {
      if (text.size() - index < 3) return std::nullopt;
      const auto byte = decode_hex(text.substr(index + 1, 2));
      if (!byte) return std::nullopt;
      decoded += *byte;
      index += 2;
    } else {
      decoded += text[index] == '+' ? ' ' : text[index];
    }
  }
  if (decoded.find('\0') != std::string::npos) return std::nullopt;
  return decoded;
}

std::optional<std::map<std::string, std::string>> parse_query_string(std::string_view text) {
  std::map<std::string, std::string> parameters;
  while (!text.empty()) {
    const auto end = std::min(text.find('&'), text.size());
    const auto parameter = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (parameter.empty()) continue;
    const auto equals = std::min(parameter.find('='), parameter.size());
    const auto name = decode_percent(parameter.substr(0, equals));
    const auto value = decode_percent(parameter.substr(std::min(equals + 1, parameter.size())));
    if (!name || !value || parameters.size() == most_parameters) return std::nullopt;
    if (!parameters.emplace(*name, *value).second) return std::nullopt;
  }
  return parameters;
}

}  // namespace koku::intake
