// The head of the report, and what its numbers rest on.
#include <algorithm>
#include <map>

#include "core/page/calendar.hpp"
#include "core/page/chart.hpp"
#include "core/page/link.hpp"
#include "core/page/number.hpp"
#include "core/page/panel.hpp"
#include "core/page/table.hpp"

namespace koku::page {
namespace {

constexpr std::size_t most_clusters = 100;

void write_fact(HtmlWriter& page, std::string_view term, const std::string& html) {
  page.markup("<div><dt>").text(term).markup("</dt><dd>").markup(html).markup("</dd></div>");
}

/// Hours a day of each cluster, from the first day of the period to the last with data.
std::vector<std::vector<int>> hours_by_cluster(const ReportData& data) {
  const auto day_count = static_cast<std::size_t>(*data.as_of - data.first_day + 1);
  std::vector<std::vector<int>> hours(data.clusters.size(), std::vector<int>(day_count, 0));
  for (const ClusterDay& day : data.days)
    hours[day.cluster][static_cast<std::size_t>(day.day - data.first_day)] = day.hours;
  return hours;
}

struct Gaps {
  int missing_hours = 0;
  int unknown_days = 0;
  std::string words;
};

std::string run_of_days(Day first_day, std::size_t first, std::size_t last) {
  const Day from = first_day + static_cast<Day>(first);
  const Day to = first_day + static_cast<Day>(last);
  return first == last ? short_day(from) : short_day(from) + " to " + short_day(to);
}

Gaps gaps_of(const std::vector<int>& hours, Day first_day) {
  constexpr int most_runs = 6;
  Gaps gaps;
  int runs = 0;
  for (std::size_t place = 0; place < hours.size();) {
    std::size_t last = place;
    while (last + 1 < hours.size() && hours[last + 1] == hours[place]) ++last;
    const int have = hours[place];
    if (have != 24) {
      if (have < 0) gaps.unknown_days += static_cast<int>(last - place + 1);
      if (have >= 0) gaps.missing_hours += (24 - have) * static_cast<int>(last - place + 1);
      if (++runs <= most_runs) {
        gaps.words += (gaps.words.empty() ? "" : "; ") + run_of_days(first_day, place, last);
        gaps.words +=
            have == 0 ? ": nothing" : (have < 0 ? ": hours not known" : ": " + std::to_string(have) + " of 24 hours");
      }
    }
    place = last + 1;
  }
  if (runs > most_runs) gaps.words += "; and " + std::to_string(runs - most_runs) + " more gaps";
  return gaps;
}

void write_link(HtmlWriter& page, const ReportAddress& address, const std::string& html) {
  page.markup("<li><a href=\"").text(address.text()).markup("\">").markup(html).markup("</a></li>");
}

/// Other reports of the tenant: the periods beside this one, all clusters and projects again, each label.
void write_other_reports(HtmlWriter& page, const ReportData& data) {
  constexpr std::size_t most_labels = 30;
  const ReportAddress here = address_of(data);
  const ReportAddress before = address_before(data);
  const ReportAddress after = address_after(data);
  page.markup("<nav class=\"others\" aria-label=\"Other reports\"><ul>");
  write_link(page, before, "\u2190 " + escape_html(period(before.first_day, before.last_day)));
  write_link(page, after, escape_html(period(after.first_day, after.last_day)) + " \u2192");
  ReportAddress other = here;
  other.cluster.clear();
  if (!data.cluster.empty()) write_link(page, other, "all clusters");
  other = here;
  other.project.clear();
  if (!data.project.empty()) write_link(page, other, "all projects");
  for (std::size_t place = 0; place < std::min(data.enabled_labels.size(), most_labels); ++place) {
    if (data.enabled_labels[place] == data.label) continue;
    other = here;
    other.label = data.enabled_labels[place];
    write_link(page, other, "by label " + name_html(shortened(other.label, 60)));
  }
  page.markup("</ul></nav>\n");
}

}  // namespace

void write_head(HtmlWriter& page, const Context& context) {
  const ReportData& data = context.data;
  page.markup("<header><p class=\"eyebrow\">").text(data.has_costs ? "Cost report" : "Usage report").markup(" · ");
  page.name(data.tenant)
      .markup("</p>\n<h1>")
      .text(period(data.first_day, data.last_day))
      .markup("</h1>\n<dl class=\"facts\">");
  if (data.clusters.size() == 1) {
    write_fact(page, "Cluster", name_html(data.clusters.front().name));
  } else {
    write_fact(page, "Clusters", std::to_string(data.clusters.size()));
  }
  if (data.as_of) write_fact(page, "As of", escape_html(long_day(*data.as_of)));
  write_fact(page, data.has_costs ? "Currency" : "Units",
             escape_html(data.has_costs ? context.unit : "core-hours and GiB-hours"));
  if (!data.label.empty()) write_fact(page, "Label", name_html(data.label));
  if (!data.project.empty()) write_fact(page, "Project in detail", name_html(data.project));
  page.markup("</dl>\n");
  if (data.as_of && !data.has_costs)
    page.markup("<p class=\"note\"><strong>No costs.</strong> ").text(data.why_without_costs).markup("</p>\n");
  page.markup("</header>\n");
  if (data.has_links) write_other_reports(page, data);
}

void write_completeness(HtmlWriter& page, const Context& context) {
  const ReportData& data = context.data;
  open_section(page, "completeness", "Completeness");
  const std::vector<std::vector<int>> hours = hours_by_cluster(data);
  std::vector<Gaps> gaps;
  int missing_hours = 0;
  int unknown_days = 0;
  for (const std::vector<int>& cluster_hours : hours) {
    gaps.push_back(gaps_of(cluster_hours, data.first_day));
    missing_hours += gaps.back().missing_hours;
    unknown_days += gaps.back().unknown_days;
  }
  std::vector<std::size_t> order(data.clusters.size());
  for (std::size_t at = 0; at < order.size(); ++at) order[at] = at;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t one, std::size_t other) {
    return gaps[one].missing_hours > gaps[other].missing_hours;
  });

  page.markup("<p>");
  if (missing_hours == 0 && unknown_days == 0) {
    page.markup("<span class=\"good\">Nothing is missing</span>: every hour up to ").text(long_day(*data.as_of));
    page.markup(" has data of pods.");
  } else if (missing_hours > 0) {
    page.markup("<span class=\"bad\">").text(decimal(missing_hours, 0)).markup(" hours are missing</span> of ");
    page.text(decimal(24.0 * static_cast<double>(context.by_day.size() * data.clusters.size()), 0)).markup(" up to ");
    page.text(long_day(*data.as_of)).markup(". What is missing costs nothing here.");
  }
  if (unknown_days > 0)
    page.markup(" Of ").text(decimal(unknown_days, 0)).markup(" days nobody kept how many hours came.");
  page.markup("</p>\n");
  Table table("Hours received by cluster and day", "completeness",
              {{"Cluster"}, {period(data.first_day, *data.as_of), false, true}, {"Hours missing", true}, {"Gaps"}});
  for (std::size_t place = 0; place < order.size(); ++place) {
    const std::size_t cluster = order[place];
    const std::string& name = context.cluster_name(cluster);
    std::vector<Cell> cells = {linked_cell(name, context.cluster_address(cluster)),
                               drawing_cell(completeness_strip("Hours received a day", hours[cluster])),
                               number_cell(gaps[cluster].missing_hours, 0),
                               text_cell(gaps[cluster].words.empty() ? "none" : gaps[cluster].words)};
    if (place < most_clusters) {
      table.add(std::move(cells));
    } else {
      table.add_to_csv(std::move(cells));
    }
  }
  if (order.size() > most_clusters)
    table.add_sum({text_cell("and " + std::to_string(order.size() - most_clusters) + " more clusters")});
  table.write(page);
  page.markup("<ul class=\"key\">");
  write_key(page, "full", "24 hours");
  write_key(page, "part", "some hours, the higher the more");
  write_key(page, "none", "nothing");
  page.markup("</ul></section>\n");
}

}  // namespace koku::page
