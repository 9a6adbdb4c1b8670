// Texts: HTML escapes and cutting at a width.
#include <array>
#include <climits>

#include "core/base/utf8.hpp"
#include "core/report/convert.hpp"

namespace koku {
namespace {

constexpr std::string_view html_entity(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#x27;";
    default:
      return {};
  }
}

constexpr auto needs_html_escape = [] {
  std::array<unsigned char, UCHAR_MAX + 1> table{};
  for (const char c : {'&', '<', '>', '"', '\''}) table[static_cast<unsigned char>(c)] = 1;
  return table;
}();

std::size_t plain_prefix(std::string_view text) {
  const auto needs_escape = [text](std::size_t at) { return needs_html_escape[static_cast<unsigned char>(text[at])]; };
  std::size_t size = 0;
  // Four at a time: most texts have none.
  while (size + 4 <= text.size() &&
         (needs_escape(size) | needs_escape(size + 1) | needs_escape(size + 2) | needs_escape(size + 3)) == 0)
    size += 4;
  while (size < text.size() && needs_escape(size) == 0) ++size;
  return size;
}

}  // namespace

bool append_html_escaped(std::string_view text, std::string& out) {
  std::size_t plain = plain_prefix(text);
  if (plain == text.size()) {
    out.append(text);
    return false;
  }
  while (plain < text.size()) {
    out.append(text.substr(0, plain)).append(html_entity(text[plain]));
    text.remove_prefix(plain + 1);
    plain = plain_prefix(text);
  }
  out.append(text);
  return true;
}

std::size_t prefix_of_characters(std::string_view text, std::size_t characters) noexcept {
  if (text.size() <= characters) return text.size();
  std::size_t seen = 0;
  for (std::size_t at = 0; at < text.size(); ++at)
    if (!is_utf8_continuation(text[at]) && seen++ == characters) return at;
  return text.size();
}

}  // namespace koku
