// What the period amounts to: six numbers, budgets, and the course over its days.
#include <algorithm>
#include <numeric>

#include "core/page/calendar.hpp"
#include "core/page/chart.hpp"
#include "core/page/forecast.hpp"
#include "core/page/number.hpp"
#include "core/page/panel.hpp"
#include "core/page/table.hpp"

namespace koku::page {
namespace {

struct Tile {
  std::string title;
  std::string value;
  std::string unit;
  std::string small_html;
  double exact = 0;
};

void write_tile(HtmlWriter& page, const Tile& tile) {
  page.markup("<div><dt>").text(tile.title).markup("</dt><dd><span class=\"big\"><data value=\"");
  page.markup(plain_decimal(tile.exact, 6)).markup("\">").text(tile.value).markup("</data>");
  if (!tile.unit.empty()) page.markup(" <span class=\"unit\">").text(tile.unit).markup("</span>");
  page.markup("</span><br/><span class=\"small\">").markup(tile.small_html).markup("</span></dd></div>\n");
}

/// Days of which every cluster that has data of it has all hours, as far as that is known.
std::vector<bool> complete_days(const Context& context) {
  std::vector<bool> has_rows(context.by_day.size());
  std::vector<bool> lacks_hours(context.by_day.size());
  for (const ClusterDay& day : context.data.days) {
    const auto place = static_cast<std::size_t>(day.day - context.data.first_day);
    has_rows[place] = true;
    if (day.hours >= 0 && day.hours < 24) lacks_hours[place] = true;
  }
  for (std::size_t place = 0; place < has_rows.size(); ++place)
    if (lacks_hours[place]) has_rows[place] = false;
  return has_rows;
}

std::optional<Forecast> forecast(const Context& context) {
  const std::vector<bool> is_complete = complete_days(context);
  std::vector<double> values;
  for (std::size_t place = 0; place < is_complete.size(); ++place)
    if (is_complete[place]) values.push_back(context.by_day[place]);
  const std::optional<double> unfinished = is_complete.back() ? std::nullopt : std::optional(context.by_day.back());
  return forecast_of(context.total, values, unfinished, context.day_count - context.by_day.size());
}

std::string change_html(double now, double before, int digits, const std::string& unit) {
  const double change = now - before;
  std::string html = "<span class=\"" + std::string(change > 0 ? "up" : "down") + "\">" +
                     signed_decimal(change, digits) + " " + escape_html(unit);
  if (before > 0) html += " (" + signed_decimal(100 * change / before, 1) + "\xC2\xA0%)";
  return html + "</span>";
}

Tile so_far(const Context& context) {
  const ReportData& data = context.data;
  return {data.has_costs ? "Cost to date" : "CPU to date", decimal(context.total, context.digits), context.unit,
          escape_html(period(data.first_day, *data.as_of)), context.total};
}

Tile before(const Context& context) {
  const ReportData& data = context.data;
  if (context.previous_by_day.empty())
    return {"Same days before", "\xE2\x80\x93", "", "no data of the period before", 0};
  const std::size_t same_days = std::min(context.by_day.size(), context.previous_by_day.size());
  return {"Same days before", decimal(context.previous_total, context.digits), context.unit,
          escape_html(period(data.previous_first_day, data.previous_first_day + static_cast<Day>(same_days) - 1)) +
              ": now " + change_html(context.total, context.previous_total, context.digits, context.unit),
          context.previous_total};
}

Tile ahead(const Context& context) {
  const std::optional<Forecast> expected = forecast(context);
  if (expected)
    return {"Forecast", decimal(expected->total, context.digits), context.unit,
            "by " + escape_html(long_day(context.data.last_day)) + ", between " +
                decimal(expected->low, context.digits) + " and " + decimal(expected->high, context.digits),
            expected->total};
  const bool is_over = context.by_day.size() == context.day_count;
  return {"Forecast", is_over ? decimal(context.total, context.digits) : "\xE2\x80\x93", is_over ? context.unit : "",
          is_over ? "the period has all of its days" : "fewer than three complete days so far",
          is_over ? context.total : 0};
}

Tile idle(const Context& context) {
  double capacity = 0;
  double kept = 0;
  for (const ClusterDay& day : context.data.days) {
    capacity += day.cpu.capacity;
    kept += day.cpu.effective;
  }
  double cost = 0;
  for (const Project& project : context.data.projects)
    if (project.is_capacity) cost += project.own_cost();
  const double idle_share = share_of(capacity - kept, capacity);
  const std::string small =
      context.data.has_costs
          ? decimal(cost, context.digits) + " " + escape_html(context.unit) + " for what no project kept"
          : decimal(capacity - kept, 1) + " of " + decimal(capacity, 1) + " core-hours";
  return {"Idle share of CPU", decimal(100 * idle_share, 1), "%", small, 100 * idle_share};
}

Tile waste(const Context& context) {
  double wasted = 0;
  for (const Project& project : context.data.projects)
    if (!project.is_capacity) wasted += context.wasted(project);
  return {context.data.has_costs ? "Wasted cost" : "Requested, not used", decimal(wasted, context.digits), context.unit,
          percent(share_of(wasted, context.total), 1) + (context.data.has_costs ? " of the cost: " : " of the CPU: ") +
              "requested by projects and not used",
          wasted};
}

Tile coverage(const Context& context) {
  const ReportData& data = context.data;
  if (data.label.empty()) {
    const auto count =
        static_cast<double>(std::count_if(data.projects.begin(), data.projects.end(), [&](const Project& project) {
          return !project.is_capacity && (project.cpu.effective > 0 || project.own_cost() > 0);
        }));
    return {"Projects", decimal(count, 0), "", "no label was asked for", count};
  }
  double with = 0;
  double whole = 0;
  for (const LabelValue& row : data.label_values) {
    const double value = data.has_costs ? row.cost : row.core_hours;
    if (row.kind != LabelValue::Kind::capacity) whole += value;
    if (row.kind == LabelValue::Kind::value) with += value;
  }
  return {"Label coverage", decimal(100 * share_of(with, whole), 1), "%",
          "of the " + context.what + " of projects has label " + name_html(data.label), 100 * share_of(with, whole)};
}

std::vector<double> running_sum(const std::vector<double>& values) {
  std::vector<double> sums(values.size());
  std::partial_sum(values.begin(), values.end(), sums.begin());
  return sums;
}

}  // namespace

void write_numbers(HtmlWriter& page, const Context& context) {
  open_section(page, "numbers", "In six numbers");
  page.markup("<dl class=\"tiles\">\n");
  for (const Tile& tile :
       {so_far(context), before(context), ahead(context), idle(context), waste(context), coverage(context)})
    write_tile(page, tile);
  page.markup("</dl>");
  write_budgets(page, context);
  page.markup("</section>\n");
}

void write_budgets(HtmlWriter& page, const Context& context) {
  if (context.data.budgets.empty()) return;
  page.markup("<h3>Budgets</h3>");
  Table table("Budgets of the month", "budgets",
              {{"Budget"},
               {"Scope"},
               {"", false, true},
               {"Spent", true},
               {"Budget a month", true},
               {"Used", true},
               {"Forecast", true},
               {"State"}});
  for (const Budget& budget : context.data.budgets)
    table.add({name_cell(budget.name), name_cell(budget.scope),
               drawing_cell(stacked_bar("Part of the budget that is spent", {{budget.spent, "own"}}, budget.monthly)),
               number_cell(budget.spent, context.digits), number_cell(budget.monthly, context.digits),
               percent_cell(share_of(budget.spent, budget.monthly)),
               budget.forecast ? number_cell(*budget.forecast, context.digits) : empty_cell(),
               text_cell(budget.state)});
  table.write(page);
}

void write_course(HtmlWriter& page, const Context& context) {
  const ReportData& data = context.data;
  open_section(page, "course", "Over time");
  const std::vector<double> sums = running_sum(context.by_day);
  const std::vector<double> sums_before = running_sum(context.previous_by_day);
  std::vector<Line> lines;
  if (!sums_before.empty()) lines.push_back({.label = "before", .style = "before", .values = sums_before});
  Band band;
  const std::optional<Forecast> expected = forecast(context);
  if (expected) {
    const std::size_t first = sums.size() - 1;
    Line line{.label = "forecast", .style = "ahead", .values = {}, .first_place = first};
    band.first_place = first;
    for (std::size_t place = 0; place <= expected->days_left; ++place) {
      const double part = static_cast<double>(place) / static_cast<double>(expected->days_left);
      line.values.push_back(sums.back() + part * (expected->total - sums.back()));
      band.low.push_back(sums.back() + part * (expected->low - sums.back()));
      band.high.push_back(sums.back() + part * (expected->high - sums.back()));
    }
    lines.push_back(std::move(line));
  }
  lines.push_back({.label = "this period", .style = "now", .values = sums});
  const std::string title = "Cumulative " + context.what + " by day, in " + context.unit;
  page.markup("<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"").text(title).markup("\">");
  page.markup(line_chart(title,
                         "A line from " + short_day(data.first_day) + " to " + short_day(*data.as_of) +
                             " that ends at " + decimal(context.total, context.digits) + " " + context.unit + ".",
                         data.first_day, context.day_count, lines, band, "cumulative, " + context.unit));
  page.markup("</div><ul class=\"key\"><li>solid: this period</li>");
  if (!sums_before.empty())
    page.markup("<li>dashed: ").text(period(data.previous_first_day, data.previous_last_day)).markup("</li>");
  if (expected) page.markup("<li>dotted: forecast, in the band of 95 %</li>");
  page.markup("</ul>\n");
  if (expected)
    page.markup("<p class=\"muted\">Forecast: the mean of the last ")
        .text(std::to_string(expected->days_used))
        .markup(" complete days, ")
        .text(decimal(expected->day, context.digits) + " " + context.unit)
        .markup(" a day, for the ")
        .text(std::to_string(expected->days_left))
        .markup(" days that are left. The band takes the days as independent of each other (standard deviation ")
        .text(decimal(expected->deviation, context.digits))
        .markup(").</p>\n");

  page.markup("<details><summary>The days as a table</summary><div class=\"inner\">");
  Table table("Days", "days",
              {{"Day"}, {context.unit, true}, {"cumulative", true}, {"day before", true}, {"cumulative before", true}});
  for (std::size_t place = 0; place < std::max(sums.size(), sums_before.size()); ++place)
    table.add({text_cell(to_string(data.first_day + static_cast<Day>(place))),
               place < sums.size() ? number_cell(context.by_day[place], context.digits) : empty_cell(),
               place < sums.size() ? number_cell(sums[place], context.digits) : empty_cell(),
               place < sums_before.size() ? number_cell(context.previous_by_day[place], context.digits) : empty_cell(),
               place < sums_before.size() ? number_cell(sums_before[place], context.digits) : empty_cell()});
  table.write(page);
  page.markup("</div></details></section>\n");
}

}  // namespace koku::page
