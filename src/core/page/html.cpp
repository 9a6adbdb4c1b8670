#include "core/page/html.hpp"

#include "core/base/utf8.hpp"

namespace koku::page {
namespace {

constexpr std::string_view markup_characters = "&<>\"'";

bool is_plain(char byte) {
  return static_cast<unsigned char>(byte) >= 0x20 && static_cast<unsigned char>(byte) < 0x7F &&
         markup_characters.find(byte) == std::string_view::npos;
}

std::string_view reference_of(char character) {
  switch (character) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    default:
      return "&#39;";
  }
}

/// The picture of a control character of ASCII: U+2400 to U+241F, U+2421 for DEL.
void append_picture(std::string& out, unsigned char control) {
  const unsigned char low = control == 0x7F ? 0x21 : control;
  out += "\xE2\x90";
  out += static_cast<char>(0x80 + low);
}

bool is_allowed(char32_t character) {
  const bool is_later_control = character >= 0x80 && character < 0xA0;
  return !is_later_control && character != 0xFFFE && character != 0xFFFF;
}

/// Spaces of any width, and characters without one.
bool is_blank(char32_t character) {
  return character == ' ' || character == 0xA0 || character == 0xAD || character == 0x1680 ||
         (character >= 0x2000 && character <= 0x200F) || (character >= 0x2028 && character <= 0x202F) ||
         (character >= 0x205F && character <= 0x206F) || character == 0x3000 || character == 0xFEFF;
}

}  // namespace

std::string escape_html(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  while (!text.empty()) {
    const char first = text.front();
    std::size_t size = 1;
    if (is_plain(first)) {
      out += first;
    } else if (markup_characters.find(first) != std::string_view::npos) {
      out += reference_of(first);
    } else if (static_cast<unsigned char>(first) < 0x80) {
      append_picture(out, static_cast<unsigned char>(first));
    } else {
      const Utf8Character character = decode_utf8(text);
      size = character.size;
      out += character.valid && is_allowed(character.code_point) ? text.substr(0, size) : replacement_utf8;
    }
    text.remove_prefix(size);
  }
  return out;
}

std::string_view visible_name(std::string_view name) {
  for (std::string_view rest = name; !rest.empty();) {
    const Utf8Character character = decode_utf8(rest);
    if (!is_blank(character.code_point)) return name;
    rest.remove_prefix(character.size);
  }
  return "(blank)";
}

std::string name_html(std::string_view name) {
  return "<bdi>" + (name.empty() ? std::string() : escape_html(visible_name(name))) + "</bdi>";
}

std::string shortened(std::string_view name, std::size_t most) {
  std::size_t end = 0;
  std::size_t before_last = 0;
  for (std::size_t count = 0; end < name.size(); ++count) {
    if (count == most) return std::string(name.substr(0, before_last)) + "\xE2\x80\xA6";
    before_last = end;
    end += decode_utf8(name.substr(end)).size;
  }
  return std::string(name);
}

}  // namespace koku::page
