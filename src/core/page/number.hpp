// Numbers as a reader sees them, the same wherever the page is made: a point for decimals, commas for thousands.
#pragma once

#include <string>

namespace koku::page {

/// `1,234.50` with two digits; a value that rounds to zero has no sign. What is no number is an en dash.
std::string decimal(double value, int digits);

/// The same with a sign in front: `+12.00`, `−3.00`, `0.00`.
std::string signed_decimal(double value, int digits);

/// `37.5 %` of 0.375 with one digit.
std::string percent(double share, int digits = 0);

/// Without separators and without zeros at the end, for CSV and for SVG: `1234.5`.
std::string plain_decimal(double value, int digits);

/// `part / whole`, 0 where the whole is not positive.
double share_of(double part, double whole) noexcept;

}  // namespace koku::page
