// Bytes and numbers in hexadecimal digits.
#pragma once

#include <cstdint>
#include <string>

namespace koku {

/// Appends the lowest `digits` hexadecimal digits of a number, in lower case, with zeros in front.
inline void append_hexadecimal(std::uint32_t number, int digits, std::string& out) {
  for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) out += "0123456789abcdef"[number >> shift & 0xF];
}

}  // namespace koku
