// Days as a reader sees them.
#pragma once

#include <string>

#include "core/base/time.hpp"

namespace koku::page {

/// `7 November 2026`.
std::string long_day(Day day);

/// `7 Nov`.
std::string short_day(Day day);

/// `November 2026`, `1 to 7 November 2026`, or both days in full.
std::string period(Day first_day, Day last_day);

}  // namespace koku::page
