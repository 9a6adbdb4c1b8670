#include "core/payload/uuid.hpp"

#include "core/base/ascii.hpp"

namespace koku {
namespace {

constexpr std::size_t digits_only_size = 32;
constexpr std::size_t hyphenated_size = 36;
constexpr std::size_t version_place = 14;
constexpr std::size_t variant_place = 19;

constexpr bool is_hyphen_place(std::size_t place) { return place == 8 || place == 13 || place == 18 || place == 23; }

std::string_view without_wrapping(std::string_view text) {
  constexpr std::string_view urn = "urn:uuid:";
  if (text.size() == hyphenated_size + 2 && text.front() == '{' && text.back() == '}') {
    return text.substr(1, hyphenated_size);
  }
  if (text.size() == hyphenated_size + urn.size() && text.starts_with(urn)) return text.substr(urn.size());
  return text;
}

}  // namespace

std::optional<std::string> normalise_random_uuid(std::string_view text) {
  const std::string_view bare = without_wrapping(text);
  const bool has_hyphens = bare.size() == hyphenated_size;
  if (!has_hyphens && bare.size() != digits_only_size) return std::nullopt;
  std::string uuid;
  uuid.reserve(hyphenated_size);
  for (const char c : bare) {
    if (is_hyphen_place(uuid.size())) {
      uuid += '-';
      if (has_hyphens && c == '-') continue;
      if (has_hyphens) return std::nullopt;
    }
    const char lower = to_lower(c);
    if (!is_digit(lower) && (lower < 'a' || lower > 'f')) return std::nullopt;
    uuid += lower;
  }
  const bool is_random = uuid[version_place] == '4';
  const bool is_rfc_variant = std::string_view("89ab").find(uuid[variant_place]) != std::string_view::npos;
  if (!is_random || !is_rfc_variant) return std::nullopt;
  return uuid;
}

}  // namespace koku
