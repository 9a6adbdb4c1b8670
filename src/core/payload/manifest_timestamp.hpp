// Timestamps of a manifest (spec ingest.md 1.3). Those of reports have other rules: see convert.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/time.hpp"

namespace koku {

/// `YYYY-MM-DD` (midnight), or that, `T`, `t` or a blank, `HH:MM`, `:SS` and a fraction as one likes, and `Z`, `z`,
/// `+HH:MM`, `+HHMM` or nothing (UTC); digits after the sixth of the fraction are cut off. Or a Unix time in digits,
/// with a sign or a fraction. Nothing for anything else and for instants outside the years 0001 to 9999.
std::optional<Instant> parse_manifest_timestamp(std::string_view text) noexcept;

/// A Unix time: seconds, or milliseconds when above 20,000,000,000 (the year 2603). Nothing outside the years 0001 to
/// 9999 and for what is not finite.
std::optional<Instant> instant_of_unix_time(std::int64_t number) noexcept;
std::optional<Instant> instant_of_unix_time(double number) noexcept;

}  // namespace koku
