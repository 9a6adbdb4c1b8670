// Numbers that look random and are the same on every machine: pure functions of a seed and what they are for, so that
// nothing has to be remembered between two rows.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace koku::generator {

/// Spreads every bit of `value` over all bits (the finalizer of splitmix64).
constexpr std::uint64_t mix(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15ULL;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
  return value ^ (value >> 31);
}

/// One number for a seed and the parts that name its purpose; the order of the parts matters.
constexpr std::uint64_t hash(std::uint64_t seed, std::initializer_list<std::uint64_t> parts) {
  for (const std::uint64_t part : parts) seed = mix(seed ^ mix(part));
  return seed;
}

/// The text as a number, for hash().
constexpr std::uint64_t number_of(std::string_view text) {
  std::uint64_t value = text.size();
  for (const char character : text) value = mix(value ^ static_cast<unsigned char>(character));
  return value;
}

/// From 0 up to, but not including, 1.
constexpr double fraction(std::uint64_t hashed) { return static_cast<double>(hashed >> 11) * 0x1.0p-53; }

/// `length` characters of `alphabet`.
std::string letters(std::uint64_t hashed, std::size_t length, std::string_view alphabet);

/// A version 4 UUID, lower case with hyphens.
std::string uuid(std::uint64_t hashed);

}  // namespace koku::generator
