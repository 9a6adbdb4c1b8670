#include "forms/header_value.hpp"

#include <algorithm>

namespace koku::intake {
namespace {

constexpr std::string_view blanks = " \t";

/// Takes a quoted text from the front, quote to quote; nothing when it does not end.
std::optional<std::string> take_quoted(std::string_view& rest) {
  std::string text;
  for (std::size_t index = 1; index < rest.size(); ++index) {
    if (rest[index] == '"') {
      rest.remove_prefix(index + 1);
      return text;
    }
    if (rest[index] == '\\' && index + 1 < rest.size()) ++index;
    text.push_back(rest[index]);
  }
  return std::nullopt;
}

std::string take_token(std::string_view& rest) {
  const auto end = std::min(rest.find(';'), rest.size());
  std::string token(trim(rest.substr(0, end)));
  rest.remove_prefix(end);
  return token;
}

/// Takes 'name=value' from the front; false when there is none or the name is known already.
bool take_parameter(std::string_view& rest, HeaderValue& result) {
  const auto equals = rest.find('=');
  if (equals == std::string_view::npos) return false;
  const auto name = to_lower(trim(rest.substr(0, equals)));
  rest.remove_prefix(equals + 1);
  rest = trim(rest);
  const auto value = rest.starts_with('"') ? take_quoted(rest) : std::optional(take_token(rest));
  if (name.empty() || name.find(';') != std::string::npos || !value) return false;
  return result.parameters.emplace(name, *value).second;
}

}  // namespace

std::string to_lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower;
}

std::string_view trim(std::string_view text) {
  const auto begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

std::string HeaderValue::parameter(const std::string& name) const {
  const auto found = parameters.find(name);
  return found == parameters.end() ? std::string() : found->second;
}

std::optional<HeaderValue> parse_header_value(std::string_view text) {
  HeaderValue result;
  auto rest = trim(text);
  result.value = to_lower(take_token(rest));
  if (result.value.empty()) return std::nullopt;
  while (!rest.empty()) {
    if (rest.front() != ';') return std::nullopt;
    rest = trim(rest.substr(1));
    if (rest.empty()) break;  // a semicolon at the end
    if (!take_parameter(rest, result)) return std::nullopt;
    rest = trim(rest);
  }
  return result;
}

}  // namespace koku::intake
