// From the text of a field to a typed value (spec ingest.md 3.2, 3.5).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/time.hpp"

namespace koku {

enum class NumberState : std::uint8_t {
  finite,
  empty,          ///< nothing, or only blanks
  invalid,        ///< no decimal number
  not_a_number,   ///< nan in any case
  plus_infinity,  ///< inf, infinity, or overflow
  minus_infinity
};

struct Number {
  double value;  ///< 0.0 unless finite
  NumberState state;
};

/// A decimal number: ASCII white space around, sign, digits, fraction, exponent; the nearest double, as strtod gives.
/// Underflow gives 0. Independent of the locale.
Number parse_number(std::string_view text) noexcept;

/// A number truncated towards 0 that fits int4; nothing for empty, garbage, infinity or out of range.
std::optional<std::int32_t> parse_integer(std::string_view text) noexcept;

/// A CSV timestamp: every ` +0000 UTC` removed, then strict ISO 8601, converted to UTC; nothing when it is not one.
/// Years 0001..9999, as written and as converted.
std::optional<Instant> parse_timestamp(std::string_view text) noexcept;

/// Appends `text` with & < > " ' as HTML entities. Returns whether anything was escaped.
bool append_html_escaped(std::string_view text, std::string& out);

/// Bytes of the longest prefix of valid UTF-8 `text` that has at most `characters` characters.
std::size_t prefix_of_characters(std::string_view text, std::size_t characters) noexcept;

/// Whether a text looks like an injection attempt or is longer than it should be (spec ingest.md 3.5): only counted,
/// never changed. `text` is valid UTF-8, as delivered. `column` is the column's name; columns without a length limit
/// there are only looked at for content. What counts as an attempt: suspicious_text.cpp.
bool looks_suspicious(std::string_view column, std::string_view text) noexcept;

}  // namespace koku
