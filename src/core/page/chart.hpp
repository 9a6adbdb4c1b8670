// Drawings of the page, in SVG: small bars that stand in a table's row, and charts over days.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.hpp"

namespace koku::page {

/// Part of a stacked bar. `style` is a class of the style sheet.
struct BarPart {
  double value;
  std::string_view style;
};

/// A stacked bar from zero; `whole` is the value of its full width. Negative parts are left out.
std::string stacked_bar(const std::string& title, const std::vector<BarPart>& parts, double whole);

/// What was asked for as a wide bar, what was used as a narrow one in it, the limit as a line where it fits.
std::string bullet_bar(const std::string& title, double requested, double used, double limit, double whole);

/// Hours received a day, 0 to 24; -1: there were rows, of how many hours nobody says.
std::string completeness_strip(const std::string& title, const std::vector<int>& hours);

/// One column a day.
std::string day_columns(const std::string& title, const std::string& description, Day first_day,
                        const std::vector<double>& values, const std::string& unit, int digits);

/// A line of the chart over days; value n is that of day n. `label` stands at its end.
struct Line {
  std::string label;
  std::string_view style;
  std::vector<double> values;
  std::size_t first_place = 0;
};

/// Where a value is likely to end up: from a point, on or between two lines.
struct Band {
  std::size_t first_place = 0;
  std::vector<double> low;
  std::vector<double> high;
};

/// Lines over the days of a period, from zero.
std::string line_chart(const std::string& title, const std::string& description, Day first_day, std::size_t day_count,
                       const std::vector<Line>& lines, const Band& band, const std::string& unit);

}  // namespace koku::page
