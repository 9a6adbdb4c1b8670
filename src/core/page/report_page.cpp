#include "core/page/report_page.hpp"

#include <array>

#include "core/page/calendar.hpp"
#include "core/page/panel.hpp"
#include "core/page/style.hpp"

namespace koku::page {
namespace {

struct Panel {
  std::string_view id;
  std::string_view title;
  void (*write)(HtmlWriter& page, const Context& context);
};

constexpr std::array<Panel, 14> panels = {{
    {"completeness", "Completeness", write_completeness},
    {"numbers", "In six numbers", write_numbers},
    {"course", "Over time", write_course},
    {"projects", "Projects", write_projects},
    {"movers", "What changed", write_movers},
    {"labels", "By label", write_labels},
    {"waste", "Requested and used", write_waste},
    {"capacity", "Clusters and nodes", write_capacity},
    {"volumes", "Volumes", write_volumes},
    {"machines", "GPUs and virtual machines", write_machines},
    {"project-sections", "Project by project", write_project_sections},
    {"reconciliation", "Does it add up", write_reconciliation},
    {"prices", "Prices", write_prices},
    {"definitions", "What the words mean", write_definitions},
}};

void write_contents(HtmlWriter& page) {
  page.markup("<nav aria-label=\"Contents\"><ul>");
  for (const Panel& panel : panels)
    page.markup("<li><a href=\"#").markup(panel.id).markup("\">").text(panel.title).markup("</a></li>");
  page.markup("</ul></nav>\n");
}

void write_no_data(HtmlWriter& page, const ReportData& data) {
  open_section(page, "no-data", "No data");
  page.markup("<p>").text(data.clusters.empty() ? "No cluster is registered for this tenant."
                                                : "No rows are summarized for this period.");
  page.markup(
      " A report shows what payloads brought and summaries made of it: see <code>koku_sources</code>, "
      "<code>koku_data_gaps</code> and <code>koku_health()</code>.</p></section>\n");
}

}  // namespace

std::string report_page(const ReportData& data) {
  const Context context(data);
  HtmlWriter page;
  page.markup("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>\n");
  page.markup(
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src &#39;none&#39;; style-src "
      "&#39;unsafe-inline&#39;; "
      "img-src data:; base-uri &#39;none&#39;; form-action &#39;none&#39;\"/>\n");
  page.markup("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>");
  page.text(data.tenant + ": " + period(data.first_day, data.last_day)).markup("</title>\n<style>");
  page.markup(style_sheet).markup("</style></head>\n<body>\n");
  write_head(page, context);
  if (data.as_of) write_contents(page);
  page.markup("<main>\n");
  if (data.as_of) {
    for (const Panel& panel : panels) panel.write(page, context);
  } else {
    write_no_data(page, data);
  }
  page.markup("</main>\n<footer><p>All days are UTC. Made by koku_onprem from the tables of tenant ").name(data.tenant);
  page.markup("; this file is complete in itself.</p></footer>\n</body></html>\n");
  return page.take();
}

}  // namespace koku::page
