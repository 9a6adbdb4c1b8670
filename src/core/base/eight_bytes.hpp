// Eight characters in one word: the first character is the lowest byte, whatever the processor's byte order.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace koku {

inline constexpr std::uint64_t repeated(unsigned char byte) { return 0x0101010101010101ULL * byte; }

template <typename Word>
inline Word load_characters(const char* at) noexcept {
  Word word;
  std::memcpy(&word, at, sizeof word);
  if constexpr (std::endian::native == std::endian::big) {
    if constexpr (sizeof word == 8) return static_cast<Word>(__builtin_bswap64(word));
    if constexpr (sizeof word == 4) return static_cast<Word>(__builtin_bswap32(word));
  }
  return word;
}

/// Eight characters that must be there.
inline std::uint64_t load_eight(const char* at) noexcept { return load_characters<std::uint64_t>(at); }

/// The characters from `at` to `end`, eight at most, as the lowest bytes; the others are 0. Reads nothing before
/// `begin` and nothing from `end` on; begin <= at <= end.
inline std::uint64_t load_up_to_eight(const char* begin, const char* at, const char* end) noexcept {
  const auto left = static_cast<std::size_t>(end - at);
  if (left >= 8) return load_eight(at);
  if (left == 0) return 0;
  if (end - begin >= 8) return load_eight(end - 8) >> (8 * (8 - left));
  // The two halves, or the first, middle and last character, overlap in what they have in common.
  if (left >= 4) {
    const std::uint64_t last = load_characters<std::uint32_t>(end - 4);
    return load_characters<std::uint32_t>(at) | last << (8 * (left - 4));
  }
  const auto byte = [at](std::size_t place) {
    return static_cast<std::uint64_t>(static_cast<unsigned char>(at[place])) << (8 * place);
  };
  return byte(0) | byte(left / 2) | byte(left - 1);
}

/// The highest bit of each byte that is no digit; of use is only the lowest such bit, those above may be wrong.
inline constexpr std::uint64_t non_digits(std::uint64_t characters) noexcept {
  const std::uint64_t values = characters ^ repeated('0');
  return ((values + repeated(0x76)) | values) & repeated(0x80);
}

/// The number that eight digits are.
inline constexpr std::uint64_t number_of_eight_digits(std::uint64_t digits) noexcept {
  // Neighbours become pairs, pairs groups of four, those the whole: the products add what belongs together.
  digits -= repeated('0');
  digits = digits * 10 + (digits >> 8);
  constexpr std::uint64_t pairs = 0x000000FF000000FFULL;
  constexpr std::uint64_t odd_pairs = 100 + (1'000'000ULL << 32);
  constexpr std::uint64_t even_pairs = 1 + (10'000ULL << 32);
  return ((digits & pairs) * odd_pairs + (digits >> 16 & pairs) * even_pairs) >> 32;
}

}  // namespace koku
