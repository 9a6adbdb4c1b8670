#include "core/base/excerpt.hpp"

#include "core/base/hexadecimal.hpp"
#include "core/base/utf8.hpp"

namespace koku {
namespace {

bool is_control(char32_t code_point) { return code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0); }

void append_escapes(std::string_view bytes, std::string& out) {
  for (const char byte : bytes) {
    out += "\\x";
    append_hexadecimal(static_cast<unsigned char>(byte), 2, out);
  }
}

}  // namespace

std::string excerpt(std::string_view text, std::size_t max_bytes) {
  std::string out;
  std::size_t taken = 0;
  while (taken < text.size()) {
    const Utf8Character character = decode_utf8(text.substr(taken));
    if (taken + character.size > max_bytes) return out + "...";
    const std::string_view bytes = text.substr(taken, character.size);
    if (!character.valid || is_control(character.code_point)) {
      append_escapes(bytes, out);
    } else {
      out += bytes;
    }
    taken += character.size;
  }
  return out;
}

}  // namespace koku
