#include "core/page/chart.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/page/calendar.hpp"
#include "core/page/html.hpp"
#include "core/page/number.hpp"

namespace koku::page {
namespace {

constexpr double bar_width = 100;
constexpr double bar_height = 16;

std::string number(double value) { return plain_decimal(value, 2); }

std::string opening(std::string_view style, double width, double height, bool keeps_shape) {
  return "<svg class=\"" + std::string(style) + "\" role=\"img\" viewBox=\"0 0 " + number(width) + " " +
         number(height) + (keeps_shape ? "\">" : "\" preserveAspectRatio=\"none\">");
}

std::string rectangle(double x, double y, double width, double height, std::string_view style) {
  return "<rect x=\"" + number(x) + "\" y=\"" + number(y) + "\" width=\"" + number(width) + "\" height=\"" +
         number(height) + "\" class=\"" + std::string(style) + "\"/>";
}

std::string title_of(const std::string& title) { return "<title>" + escape_html(visible_name(title)) + "</title>"; }

std::string description_of(const std::string& description) { return "<desc>" + escape_html(description) + "</desc>"; }

std::string text_at(double x, double y, std::string_view anchor, std::string_view style, const std::string& text) {
  return "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\" text-anchor=\"" + std::string(anchor) + "\" class=\"" +
         std::string(style) + "\">" + escape_html(text) + "</text>";
}

/// The least of 1, 2, 2.5, 5 and 10 times a power of ten that is not less.
double round_step(double least) {
  const double power = std::pow(10, std::floor(std::log10(least)));
  for (const double factor : {1.0, 2.0, 2.5, 5.0})
    if (factor * power >= least * (1 - 1e-9)) return factor * power;
  return 10 * power;
}

/// The axes of a chart over days.
class Axes {
 public:
  static constexpr double width = 760;
  static constexpr double height = 280;
  static constexpr double left = 70;
  static constexpr double right = 118;
  static constexpr double top = 26;
  static constexpr double bottom = 30;

  Axes(Day first_day, std::size_t day_count, double greatest) : first_day_(first_day), day_count_(day_count) {
    step_ = greatest > 0 ? round_step(greatest / 4) : 1;
    greatest_ = step_ * std::max(1.0, std::ceil(greatest / step_ - 1e-9));
  }

  double x(std::size_t place) const {
    const double span = width - left - right;
    return day_count_ < 2 ? left + span / 2
                          : left + span * static_cast<double>(place) / static_cast<double>(day_count_ - 1);
  }
  double y(double value) const { return top + (height - top - bottom) * (1 - std::max(0.0, value) / greatest_); }

  std::string drawing(const std::string& unit) const {
    std::string svg = text_at(left, 12, "start", "axis", unit);
    const int digits = step_ >= 1 ? 0 : static_cast<int>(std::ceil(-std::log10(step_))) + 1;
    for (double value = 0; value <= greatest_ * (1 + 1e-9); value += step_) {
      const std::string at = number(y(value));
      svg += "<line class=\"grid\" x1=\"" + number(left) + "\" x2=\"" + number(width - right) + "\" y1=\"" + at +
             "\" y2=\"" + at + "\"/>";
      svg += text_at(left - 8, y(value) + 4, "end", "axis", decimal(value, digits));
    }
    const std::size_t days_a_label = std::max<std::size_t>(1, (day_count_ + 6) / 7);
    for (std::size_t place = 0; place < day_count_; place += days_a_label)
      svg += text_at(x(place), height - 8, "middle", "axis", short_day(first_day_ + static_cast<Day>(place)));
    return svg;
  }

 private:
  Day first_day_;
  std::size_t day_count_;
  double step_;
  double greatest_;
};

double greatest_of(const std::vector<double>& values) {
  return values.empty() ? 0 : *std::max_element(values.begin(), values.end());
}

std::string point(double x, double y) { return number(x) + "," + number(y) + " "; }

std::string band_drawing(const Axes& axes, const Band& band) {
  if (band.low.empty()) return {};
  std::string points;
  for (std::size_t place = 0; place < band.high.size(); ++place)
    points += point(axes.x(band.first_place + place), axes.y(band.high[place]));
  for (std::size_t place = band.low.size(); place-- > 0;)
    points += point(axes.x(band.first_place + place), axes.y(band.low[place]));
  points.pop_back();
  return "<polygon class=\"band\" points=\"" + points + "\"/>";
}

std::string line_drawing(const Axes& axes, const Line& line) {
  std::string points;
  for (std::size_t place = 0; place < line.values.size(); ++place)
    points += point(axes.x(line.first_place + place), axes.y(line.values[place]));
  points.pop_back();
  std::string svg = "<polyline class=\"line " + std::string(line.style) + "\" points=\"" + points + "\"/>";
  const std::size_t last = line.values.size() - 1;
  svg += "<circle class=\"dot " + std::string(line.style) + "\" cx=\"" + number(axes.x(line.first_place + last)) +
         "\" cy=\"" + number(axes.y(line.values[last])) + "\" r=\"3.5\"/>";
  return svg;
}

/// The labels at the ends of the lines: beside those that end at the right, moved apart where they would meet, and
/// above those that end before it.
std::string label_drawing(const Axes& axes, const std::vector<Line>& lines, std::size_t day_count) {
  constexpr double least_distance = 17;
  struct Label {
    double y;
    const Line* line;
  };
  std::vector<Label> beside;
  std::string svg;
  for (const Line& line : lines) {
    if (line.values.empty()) continue;
    const std::size_t last = line.first_place + line.values.size() - 1;
    const double y = axes.y(line.values.back());
    if (last + 1 < day_count) {
      svg += text_at(axes.x(last) - 6, y - 9, last * 4 < day_count ? "start" : "end",
                     "label " + std::string(line.style), line.label);
    } else {
      beside.push_back({y + 4, &line});
    }
  }
  std::stable_sort(beside.begin(), beside.end(), [](const Label& one, const Label& other) { return one.y > other.y; });
  double lowest = Axes::height;
  for (Label& label : beside) {
    label.y = std::min(label.y, lowest - least_distance);
    lowest = label.y;
    svg += text_at(axes.x(day_count - 1) + 9, label.y, "start", "label " + std::string(label.line->style),
                   label.line->label);
  }
  return svg;
}

}  // namespace

std::string stacked_bar(const std::string& title, const std::vector<BarPart>& parts, double whole) {
  std::string svg = opening("spark", bar_width, bar_height, false) + title_of(title);
  double x = 0;
  for (const BarPart& part : parts) {
    if (!(part.value > 0) || !(whole > 0)) continue;
    const double width = std::min(bar_width - x, bar_width * part.value / whole);
    svg += rectangle(x, 1, width, bar_height - 2, part.style);
    x += width;
  }
  return svg + "</svg>";
}

std::string bullet_bar(const std::string& title, double requested, double used, double limit, double whole) {
  std::string svg = opening("spark", bar_width, bar_height, false) + title_of(title);
  const double scale = whole > 0 ? bar_width / whole : 0;
  svg += rectangle(0, 1, std::clamp(requested * scale, 0.0, bar_width), bar_height - 2, "requested");
  svg += rectangle(0, 5, std::clamp(used * scale, 0.0, bar_width), bar_height - 10, "used");
  if (limit > 0 && limit * scale <= bar_width)
    svg += rectangle(std::max(0.0, limit * scale - 0.6), 0, 0.6, bar_height, "limit");
  return svg + "</svg>";
}

std::string completeness_strip(const std::string& title, const std::vector<int>& hours) {
  constexpr double cell = 10;
  constexpr double height = 24;
  std::string full;
  std::string part;
  std::string ground;
  std::string none;
  for (std::size_t place = 0; place < hours.size(); ++place) {
    const double x = static_cast<double>(place) * cell + 0.7;
    const auto box = [&](double size) {
      return "M" + number(x) + " " + number(height - size) + "h" + number(cell - 1.4) + "v" + number(size) + "h-" +
             number(cell - 1.4) + "z";
    };
    const int have = hours[place];
    if (have == 24) full += box(height);
    if (have == 0) none += box(height - 1);
    if (have > 0 && have < 24) ground += box(height);
    if (have != 0 && have != 24) part += box(have < 0 || have > 24 ? height : have);
  }
  std::string svg = opening("strip", static_cast<double>(hours.size()) * cell, height, false) + title_of(title);
  const std::pair<std::string_view, const std::string*> layers[] = {
      {"full", &full}, {"part-ground", &ground}, {"part", &part}, {"none", &none}};
  for (const auto& [style, path] : layers)
    if (!path->empty()) svg += "<path class=\"" + std::string(style) + "\" d=\"" + *path + "\"/>";
  return svg + "</svg>";
}

std::string day_columns(const std::string& title, const std::string& description, Day first_day,
                        const std::vector<double>& values, const std::string& unit, int digits) {
  constexpr double width = 600;
  constexpr double height = 90;
  constexpr double base = 72;
  std::string svg = opening("days", width, height, true) + title_of(title) + description_of(description);
  const double greatest = greatest_of(values);
  const double step = width / static_cast<double>(std::max<std::size_t>(1, values.size()));
  for (std::size_t place = 0; place < values.size(); ++place) {
    const double size = greatest > 0 ? std::max(0.0, values[place]) / greatest * (base - 16) : 0;
    svg += rectangle(static_cast<double>(place) * step + step * 0.12, base - size, step * 0.76, size, "own");
  }
  svg += "<line class=\"grid\" x1=\"0\" x2=\"600\" y1=\"72\" y2=\"72\"/>";
  svg += text_at(0, 11, "start", "axis", "highest day: " + decimal(greatest, digits) + " " + unit);
  svg += text_at(0, height - 4, "start", "axis", short_day(first_day));
  svg += text_at(width, height - 4, "end", "axis", short_day(first_day + static_cast<Day>(values.size()) - 1));
  return svg + "</svg>";
}

std::string line_chart(const std::string& title, const std::string& description, Day first_day, std::size_t day_count,
                       const std::vector<Line>& lines, const Band& band, const std::string& unit) {
  double greatest = greatest_of(band.high);
  for (const Line& line : lines) greatest = std::max(greatest, greatest_of(line.values));
  const Axes axes(first_day, day_count, greatest);
  std::string svg = opening("chart", Axes::width, Axes::height, true) + title_of(title) + description_of(description);
  svg += axes.drawing(unit) + band_drawing(axes, band);
  for (const Line& line : lines)
    if (!line.values.empty()) svg += line_drawing(axes, line);
  return svg + label_drawing(axes, lines, day_count) + "</svg>";
}

}  // namespace koku::page
