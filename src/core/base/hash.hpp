// Hashing of short byte strings for the tables of this folder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace koku {

/// Mixes two words into one by the halves of their 128-bit product.
inline std::uint64_t mix(std::uint64_t a, std::uint64_t b) noexcept {
  const unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

/// A number that the operating system's random source gives each process at its first call, so that nobody outside can
/// aim for collisions. Throws what std::random_device throws when there is no such source.
std::uint64_t hash_seed();

inline std::uint64_t hash_bytes(std::string_view text, std::uint64_t seed) noexcept {
  constexpr std::uint64_t odd1 = 0x9e3779b97f4a7c15ULL;
  constexpr std::uint64_t odd2 = 0xd6e8feb86659fd93ULL;
  const char* bytes = text.data();
  std::size_t left = text.size();
  std::uint64_t state = seed ^ mix(left ^ odd1, odd2);
  std::uint64_t first;
  std::uint64_t second;
  while (left > 16) {
    std::memcpy(&first, bytes, 8);
    std::memcpy(&second, bytes + 8, 8);
    state = mix(first ^ odd1 ^ state, second ^ odd2 ^ seed);
    bytes += 16;
    left -= 16;
  }
  first = second = 0;
  if (left >= 8) {
    std::memcpy(&first, bytes, 8);
    std::memcpy(&second, bytes + left - 8, 8);
  } else if (left > 0) {
    std::memcpy(&first, bytes, left);
  }
  return mix(first ^ odd2 ^ state, second ^ odd1 ^ seed);
}

}  // namespace koku
