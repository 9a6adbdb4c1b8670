#include "core/page/csv_link.hpp"

namespace koku::page {
namespace {

/// Whether a character of a data address stands for itself, also in a quoted attribute.
bool is_unreserved(char byte) {
  return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') ||
         std::string_view("-_.~,:;/@!$*()=").find(byte) != std::string_view::npos;
}

void append_encoded(std::string& out, std::string_view bytes) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  for (const char byte : bytes) {
    if (is_unreserved(byte)) {
      out += byte;
      continue;
    }
    const auto value = static_cast<unsigned char>(byte);
    out += '%';
    out += digits[value >> 4];
    out += digits[value & 15];
  }
}

}  // namespace

std::string csv_text(std::string_view text) {
  std::string field;
  if (!text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos) field += '\'';
  field += text;
  if (field.find_first_of(",\"\r\n") == std::string::npos) return field;
  std::string quoted = "\"";
  for (const char character : field) {
    if (character == '"') quoted += '"';
    quoted += character;
  }
  return quoted += '"';
}

std::string csv_address(const std::vector<std::string>& lines) {
  // With the mark, spreadsheets read it as UTF-8.
  std::string address = "data:text/csv;charset=utf-8,%EF%BB%BF";
  for (const std::string& line : lines) {
    append_encoded(address, line);
    address += "%0D%0A";
  }
  return address;
}

}  // namespace koku::page
