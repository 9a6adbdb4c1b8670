// Whether it adds up, the prices, and what the words mean.
#include <algorithm>

#include "core/page/calendar.hpp"
#include "core/page/number.hpp"
#include "core/page/panel.hpp"
#include "core/page/table.hpp"

namespace koku::page {
namespace {

Cell verdict_cell(bool is_equal) {
  return is_equal ? Cell{"<span class=\"good\">equal</span>", "equal"}
                  : Cell{"<span class=\"bad\">differs</span>", "differs"};
}

void write_definition(HtmlWriter& page, std::string_view term, std::string_view meaning) {
  page.markup("<dt>").text(term).markup("</dt><dd>").text(meaning).markup("</dd>\n");
}

}  // namespace

void write_reconciliation(HtmlWriter& page, const Context& context) {
  const ReportData& data = context.data;
  open_section(page, "reconciliation", "Does it add up");
  const bool all_equal =
      std::all_of(data.pools.begin(), data.pools.end(), [](const Pool& pool) { return pool.is_equal; }) &&
      std::all_of(data.totals.begin(), data.totals.end(), [](const TotalCheck& check) { return check.is_equal; });
  page.markup(all_equal ? "<p><span class=\"good\">Yes.</span> " : "<p><span class=\"bad\">No.</span> ");
  page.markup(
      "The totals by cluster, node and project are compared to the last digit shown, shared costs pool by pool. "
      "<code>koku_check()</code> compares the summaries with the rows that were delivered.</p>\n");
  Table totals("Totals of three tables", "totals",
               {{"Total"}, {"by cluster", true}, {"by node", true}, {"by project", true}, {"Result"}});
  for (const TotalCheck& check : data.totals) {
    const int digits = check.measure.starts_with("Cost") ? 2 : 1;
    totals.add({text_cell(check.measure), number_cell(check.by_cluster, digits), number_cell(check.by_node, digits),
                number_cell(check.by_project, digits), verdict_cell(check.is_equal)});
  }
  totals.write(page);
  if (data.has_costs) {
    page.markup("<h3>Shared costs</h3>");
    if (data.pools.empty()) {
      page.markup("<p class=\"muted\">None were distributed.</p>");
    } else {
      Table pools("Shared costs: what pools gave and projects received", "shared-costs",
                  {{"Distribution"}, {"From"}, {"Given, " + context.unit, true}, {"Received", true}, {"Result"}});
      for (const Pool& pool : data.pools)
        pools.add({text_cell(pool.rate_type), name_cell(pool.payers), number_cell(pool.given, 2),
                   number_cell(pool.received, 2), verdict_cell(pool.is_equal)});
      pools.write(page);
    }
  }
  page.markup("</section>\n");
}

void write_prices(HtmlWriter& page, const Context& context) {
  const ReportData& data = context.data;
  open_section(page, "prices", "Prices");
  if (data.prices.empty()) {
    page.markup("<p class=\"muted\">")
        .text(data.has_costs ? "The prices are not stored in this database." : "No cost model applies.");
    page.markup("</p></section>\n");
    return;
  }
  page.markup("<p>In force on ").text(long_day(data.first_day)).markup(".</p>\n");
  Table table("Price list", "prices",
              {{"Cost model"}, {"Metric"}, {"Cost type"}, {"Label"}, {"Price", true}, {"Currency"}, {"Valid"}});
  for (const Price& price : data.prices)
    table.add({name_cell(price.model), text_cell(price.metric), text_cell(price.cost_type), name_cell(price.label),
               text_cell(price.value), text_cell(price.currency), text_cell(price.validity)});
  table.write(page);
  page.markup("</section>\n");
}

void write_definitions(HtmlWriter& page, const Context& context) {
  open_section(page, "definitions", "What the words mean");
  page.markup("<dl class=\"definitions\">\n");
  if (context.data.has_costs) {
    write_definition(page, "Own cost",
                     "What the prices of the cost model make of a project's own usage, requests, volumes and GPUs.");
    write_definition(
        page, "Shared cost",
        "The cost of platform projects, of capacity that no project kept, of unused GPUs, as far as the cost model "
        "distributes it. It is added to the projects that receive it and taken from where it arose, so that the total "
        "stays the same.");
    write_definition(page, "Wasted cost",
                     "The own cost of CPU and memory, each times 1 - used / requested where that is positive.");
  } else {
    write_definition(page, "CPU",
                     "Effective core-hours: the greater of usage and request of each pod and hour, added up.");
  }
  write_definition(page, "Core-hour, GiB-hour", "One core, or 2^30 bytes of memory, for one hour.");
  write_definition(page, "GiB-month", "2^30 bytes of a volume for a whole calendar month.");
  write_definition(page, "Idle", "Capacity of nodes that pods neither requested nor used, as a share of the capacity.");
  write_definition(
      page, "Same days before",
      "The days of the period before, from its first on, as many as this period has with data: for a month, those of "
      "the month before.");
  write_definition(page, "Complete", "A day of a cluster of which every hour brought a report with pods.");
  page.markup("</dl></section>\n");
}

}  // namespace koku::page
