// Durations and sizes as people write them in a configuration: '10s', '100MB'.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

namespace koku::intake {

using Duration = std::chrono::milliseconds;

/// A whole number with a unit: ms, s, min or h ('250ms', '10s'); '0' needs none. Throws std::invalid_argument for
/// anything else, and for more than 1000 days.
Duration parse_duration(std::string_view text);

/// A whole number with an optional unit, in bytes: B, kB, MB or GB, each 1024 times the one before, as in
/// postgresql.conf. Throws std::invalid_argument for anything else, and for more than 2^50.
std::uint64_t parse_size(std::string_view text);

}  // namespace koku::intake
