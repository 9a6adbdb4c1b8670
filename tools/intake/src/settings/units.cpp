#include "settings/units.hpp"

#include <charconv>
#include <stdexcept>
#include <string>
#include <utility>

namespace koku::intake {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr Unit duration_units[] = {{"ms", 1}, {"s", 1000}, {"min", 60 * 1000}, {"h", 60 * 60 * 1000}};
constexpr Unit size_units[] = {{"", 1}, {"B", 1}, {"kB", 1 << 10}, {"MB", 1 << 20}, {"GB", 1 << 30}};
constexpr std::uint64_t largest_duration = 1000ULL * 24 * 60 * 60 * 1000;
constexpr std::uint64_t largest_size = 1ULL << 50;

/// The number at the start of the text and what follows it.
std::pair<std::uint64_t, std::string_view> number_and_unit(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) throw std::invalid_argument("'" + std::string(text) + "' is not a number");
  auto unit = text.substr(static_cast<std::size_t>(end - text.data()));
  while (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
  return {number, unit};
}

template <std::size_t count>
std::uint64_t scaled(std::string_view text, const Unit (&units)[count], std::uint64_t largest, const char* expected) {
  const auto [number, unit_name] = number_and_unit(text);
  for (const auto& unit : units) {
    if (unit.name != unit_name) continue;
    if (number > largest / unit.factor) throw std::invalid_argument("'" + std::string(text) + "' is too large");
    return number * unit.factor;
  }
  throw std::invalid_argument("'" + std::string(text) + "' has no known unit, expected " + expected);
}

}  // namespace

Duration parse_duration(std::string_view text) {
  if (text == "0") return Duration::zero();
  return Duration(scaled(text, duration_units, largest_duration, "ms, s, min or h"));
}

std::uint64_t parse_size(std::string_view text) { return scaled(text, size_units, largest_size, "B, kB, MB or GB"); }

}  // namespace koku::intake
