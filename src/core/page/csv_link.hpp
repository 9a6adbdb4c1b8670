// A table as a CSV file that lies in the page itself, behind a link.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace koku::page {

/// One field as RFC 4180 has it. A text that a spreadsheet would take for a formula (it begins with `= + - @`, a tab or
/// a carriage return) gets an apostrophe in front.
std::string csv_text(std::string_view text);

/// The value of an attribute href with the file in it; lines are fields joined by commas.
std::string csv_address(const std::vector<std::string>& lines);

}  // namespace koku::page
