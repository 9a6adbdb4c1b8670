#include "generator/random.hpp"

#include <cstddef>

namespace koku::generator {

std::string letters(std::uint64_t hashed, std::size_t length, std::string_view alphabet) {
  std::string result;
  for (std::size_t position = 0; position < length; ++position) {
    hashed = mix(hashed);
    result += alphabet[hashed % alphabet.size()];
  }
  return result;
}

std::string uuid(std::uint64_t hashed) {
  std::string result = letters(hashed, 36, "0123456789abcdef");
  for (const std::size_t hyphen : {8, 13, 18, 23}) result[hyphen] = '-';
  result[14] = '4';                           // the version
  result[19] = "89ab"[mix(hashed ^ 19) % 4];  // the variant
  return result;
}

}  // namespace koku::generator
