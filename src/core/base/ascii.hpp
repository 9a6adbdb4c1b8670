// ASCII characters, independent of the locale.
#pragma once

#include <cstddef>
#include <string_view>

namespace koku {

inline constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
inline constexpr bool is_alphanumeric(char c) {
  return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}
/// Blank, tab, line feed, vertical tab, form feed, carriage return.
inline constexpr bool is_white_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
inline constexpr char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
inline constexpr char to_upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

/// Whether `text` begins with `lower_case`, which has no capitals, in any case.
inline constexpr bool starts_with_ignoring_case(std::string_view text, std::string_view lower_case) {
  if (text.size() < lower_case.size()) return false;
  for (std::size_t at = 0; at < lower_case.size(); ++at)
    if (to_lower(text[at]) != lower_case[at]) return false;
  return true;
}

/// Whether `text` is `lower_case`, which has no capitals, in any case.
inline constexpr bool equals_ignoring_case(std::string_view text, std::string_view lower_case) {
  return text.size() == lower_case.size() && starts_with_ignoring_case(text, lower_case);
}

inline constexpr std::string_view without_white_space_around(std::string_view text) {
  while (!text.empty() && is_white_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_white_space(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace koku
