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

std::string name_html(std::string_view name) { return "<bdi>" + escape_html(name) + "</bdi>"; }

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
