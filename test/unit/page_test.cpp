// The pieces of the report page, and the page of a small made-up tenant.
#include <boost/test/unit_test.hpp>
#include <limits>

#include "core/page/calendar.hpp"
#include "core/page/chart.hpp"
#include "core/page/csv_link.hpp"
#include "core/page/forecast.hpp"
#include "core/page/html.hpp"
#include "core/page/link.hpp"
#include "core/page/number.hpp"
#include "core/page/project_order.hpp"
#include "core/page/report_page.hpp"
#include "core/page/table.hpp"

using namespace koku;
using namespace koku::page;

BOOST_AUTO_TEST_SUITE(page_test)

BOOST_AUTO_TEST_CASE(text_stays_text) {
  BOOST_TEST(escape_html("<script>alert(1)</script>") == "&lt;script&gt;alert(1)&lt;/script&gt;");
  BOOST_TEST(escape_html("a&b \"c\" 'd'") == "a&amp;b &quot;c&quot; &#39;d&#39;");
  BOOST_TEST(escape_html("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80") == "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
  // Control characters become pictures: NUL, newline, escape, DEL.
  BOOST_TEST(escape_html(std::string_view("\0\n\x1B\x7F", 4)) == "\xE2\x90\x80\xE2\x90\x8A\xE2\x90\x9B\xE2\x90\xA1");
  // What XML does not allow: a later control character, U+FFFE; and a byte that is no UTF-8.
  BOOST_TEST(escape_html("\xC2\x85") == "\xEF\xBF\xBD");
  BOOST_TEST(escape_html("\xEF\xBF\xBE") == "\xEF\xBF\xBD");
  BOOST_TEST(escape_html("\xFF") == "\xEF\xBF\xBD");
  BOOST_TEST(name_html("\xD7\x90<") == "<bdi>\xD7\x90&lt;</bdi>");
}

BOOST_AUTO_TEST_CASE(a_name_that_nobody_would_see_is_told) {
  BOOST_TEST(name_html(" ") == "<bdi>(blank)</bdi>");
  BOOST_TEST(name_html("\xC2\xA0\xE2\x80\x8B\xE3\x80\x80") == "<bdi>(blank)</bdi>");
  BOOST_TEST(name_html(" a") == "<bdi> a</bdi>");
  BOOST_TEST(name_html("") == "<bdi></bdi>");
}

BOOST_AUTO_TEST_CASE(names_are_shortened_between_characters) {
  BOOST_TEST(shortened("abc", 3) == "abc");
  BOOST_TEST(shortened("abcd", 3) == "ab\xE2\x80\xA6");
  BOOST_TEST(shortened("\xC3\xA9\xC3\xA9\xC3\xA9", 2) == "\xC3\xA9\xE2\x80\xA6");
  BOOST_TEST(shortened("", 3) == "");
}

BOOST_AUTO_TEST_CASE(numbers_have_one_form) {
  BOOST_TEST(decimal(0, 2) == "0.00");
  BOOST_TEST(decimal(1234567.891, 2) == "1,234,567.89");
  BOOST_TEST(decimal(999, 0) == "999");
  BOOST_TEST(decimal(1000, 0) == "1,000");
  BOOST_TEST(decimal(-1234.5, 1) ==
             "\xE2\x88\x92"
             "1,234.5");
  BOOST_TEST(decimal(-0.001, 2) == "0.00");
  BOOST_TEST(decimal(999999999999999.0, 0) == "999,999,999,999,999");
  BOOST_TEST(decimal(std::numeric_limits<double>::infinity(), 2) == "\xE2\x80\x93");
  BOOST_TEST(decimal(std::numeric_limits<double>::quiet_NaN(), 2) == "\xE2\x80\x93");
  BOOST_TEST(signed_decimal(2, 1) == "+2.0");
  BOOST_TEST(signed_decimal(-2, 1) ==
             "\xE2\x88\x92"
             "2.0");
  BOOST_TEST(signed_decimal(0.001, 2) == "0.00");
  BOOST_TEST(percent(0.375, 1) == "37.5\xC2\xA0%");
  BOOST_TEST(plain_decimal(1234.5, 4) == "1234.5");
  BOOST_TEST(plain_decimal(-3, 2) == "-3");
  BOOST_TEST(plain_decimal(-0.00001, 2) == "0");
  BOOST_TEST(share_of(1, 4) == 0.25);
  BOOST_TEST(share_of(1, 0) == 0);
}

BOOST_AUTO_TEST_CASE(csv_fields) {
  BOOST_TEST(csv_text("plain") == "plain");
  BOOST_TEST(csv_text("a,\"b\"") == "\"a,\"\"b\"\"\"");
  BOOST_TEST(csv_text("=1+1") == "'=1+1");
  BOOST_TEST(csv_text("@x\n") == "\"'@x\n\"");
  BOOST_TEST(csv_address({"a,b", "\"<&\",1"}) == "data:text/csv;charset=utf-8,%EF%BB%BFa,b%0D%0A%22%3C%26%22,1%0D%0A");
}

BOOST_AUTO_TEST_CASE(table_shows_and_gives_away) {
  Table table("T & U", "file", {{"Name"}, {"", false, true}, {"Value", true}});
  table.add({name_cell("<a>"), drawing_cell("<svg/>"), number_cell(1.5, 2)});
  table.add_to_csv({name_cell("hidden"), empty_cell(), number_cell(2, 2)});
  table.add_sum({text_cell("Total"), empty_cell(), number_cell(3.5, 2)});
  HtmlWriter page;
  table.write(page);
  const std::string html = page.take();
  BOOST_TEST(
      html.find("<th scope=\"row\"><bdi>&lt;a&gt;</bdi></th><td class=\"bar\"><svg/></td><td class=\"n\">1.50</td>") !=
      std::string::npos);
  BOOST_TEST(html.find("hidden</bdi>") == std::string::npos);
  BOOST_TEST(html.find("Name,Value%0D%0A%3Ca%3E,1.5%0D%0Ahidden,2%0D%0A\"") != std::string::npos);
  BOOST_TEST(html.find("T &amp; U") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(days_and_periods) {
  const Day first = day_from_civil({2026, 11, 1});
  BOOST_TEST(long_day(first) == "1 November 2026");
  BOOST_TEST(short_day(first + 6) == "7 Nov");
  BOOST_TEST(period(first, first + 29) == "November 2026");
  BOOST_TEST(period(first, first + 6) == "1 to 7 November 2026");
  BOOST_TEST(period(first, first) == "1 November 2026");
  BOOST_TEST(period(first - 1, first) == "31 October 2026 to 1 November 2026");
}

BOOST_AUTO_TEST_CASE(forecast_is_the_mean_of_complete_days) {
  BOOST_TEST(!forecast_of(2, {1, 1}, std::nullopt, 5));
  BOOST_TEST(!forecast_of(3, {1, 1, 1}, std::nullopt, 0));
  const auto steady = forecast_of(30, {10, 10, 10}, std::nullopt, 2);
  BOOST_TEST(steady->total == 50);
  BOOST_TEST(steady->low == 50);
  BOOST_TEST(steady->high == 50);
  // The last day has 4 of an expected 10.
  BOOST_TEST(forecast_of(34, {10, 10, 10}, 4.0, 2)->total == 60);
  // Mean 10, deviation 1 (8 squares of 1 over 8): 1.96 * sqrt(4) on both sides.
  const auto scattered = forecast_of(90, {9, 11, 9, 11, 10, 9, 11, 9, 11}, std::nullopt, 4);
  BOOST_TEST(scattered->total == 130);
  BOOST_TEST(scattered->high == 130 + 1.96 * 2, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(scattered->low == 130 - 1.96 * 2, boost::test_tools::tolerance(1e-12));
  // Of many days, the last fourteen.
  std::vector<double> days(20, 100.0);
  days.insert(days.end(), 14, 1.0);
  BOOST_TEST(forecast_of(2014, days, std::nullopt, 1)->day == 1);
}

BOOST_AUTO_TEST_CASE(bars_keep_to_their_width) {
  const std::string bar = stacked_bar("t<", {{30, "own"}, {-5, "worker"}, {90, "platform"}}, 100);
  BOOST_TEST(bar.find("<title>t&lt;</title>") != std::string::npos);
  BOOST_TEST(bar.find("width=\"30\" height=\"14\" class=\"own\"") != std::string::npos);
  BOOST_TEST(bar.find("worker") == std::string::npos);
  BOOST_TEST(bar.find("x=\"30\" y=\"1\" width=\"70\"") != std::string::npos);
  BOOST_TEST(stacked_bar("nothing", {{1, "own"}}, 0).find("rect") == std::string::npos);
}

namespace {

ReportData small_tenant() {
  ReportData data;
  data.tenant = "koku";
  data.first_day = day_from_civil({2026, 11, 1});
  data.last_day = data.first_day + 29;
  data.previous_first_day = day_from_civil({2026, 10, 1});
  data.previous_last_day = data.previous_first_day + 29;
  data.clusters = {{"cluster-1", "First & only"}};
  return data;
}

ReportData tenant_with_costs() {
  ReportData data = small_tenant();
  data.as_of = data.first_day + 3;
  data.has_costs = true;
  data.currency = "EUR";
  for (Day day = 0; day < 4; ++day) {
    ClusterDay row;
    row.day = data.first_day + day;
    row.cost = 30;
    row.hours = 24;
    row.cpu = {.usage = 10, .request = 20, .effective = 20, .limit = 40, .capacity = 100};
    data.days.push_back(row);
    row.day = data.previous_first_day + day;
    row.cost = 20;
    data.previous_days.push_back(row);
  }
  Project shop;
  shop.name = "<script>alert(1)</script>";
  shop.cpu_cost = 60;
  shop.distributed.worker = 20;
  shop.cpu = {.usage = 40, .request = 80, .effective = 80, .limit = 160, .capacity = 0};
  shop.previous = 50;
  Project other = shop;
  other.name = "other";
  other.cpu_cost = 40;
  other.distributed.worker = 0;
  Project idle;
  idle.name = "Worker unallocated";
  idle.is_capacity = true;
  idle.cpu_cost = 20;
  idle.distributed.worker = -20;
  data.projects = {other, idle, shop};
  data.pools = {{.rate_type = "worker_distributed",
                 .payers = "Worker unallocated",
                 .given = 20,
                 .received = 20,
                 .is_equal = true}};
  data.totals = {{.measure = "Cost, EUR", .by_cluster = 120, .by_node = 120, .by_project = 120, .is_equal = true}};
  return data;
}

bool contains(const std::string& html, std::string_view text) { return html.find(text) != std::string::npos; }

}  // namespace

BOOST_AUTO_TEST_CASE(projects_are_ordered_by_what_they_cost_in_the_end) {
  const ReportData data = tenant_with_costs();
  const std::vector<std::size_t> expected = {2, 0};
  const std::vector<std::size_t> order = projects_by_size(data.projects, true);
  BOOST_TEST(order == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(page_without_data_says_so) {
  const std::string html = report_page(small_tenant());
  BOOST_TEST(contains(html, "No rows are summarized for this period."));
  BOOST_TEST(contains(html, "<bdi>First &amp; only</bdi>"));
  BOOST_TEST(!contains(html, "No costs."));
}

BOOST_AUTO_TEST_CASE(page_with_costs) {
  const std::string html = report_page(tenant_with_costs());
  BOOST_TEST(html == report_page(tenant_with_costs()));
  BOOST_TEST(!contains(html, "<script"));
  BOOST_TEST(contains(html, "&lt;script&gt;alert(1)&lt;/script&gt;"));
  BOOST_TEST(contains(html, "<data value=\"120\">120.00</data> <span class=\"unit\">EUR</span>"));  // to date
  BOOST_TEST(contains(html, "<data value=\"80\">80.00</data>"));                                    // same days before
  BOOST_TEST(contains(html, "+40.00 EUR (+50.0\xC2\xA0%)"));
  BOOST_TEST(contains(html, "<data value=\"900\">900.00</data>"));  // forecast: 120 + 26 * 30
  BOOST_TEST(contains(html, "<data value=\"80\">80.0</data>"));     // idle: 80 of 100
  BOOST_TEST(contains(html, "<data value=\"50\">50.00</data>"));    // wasted: half of 60 and 40
  BOOST_TEST(contains(html, "Nothing is missing"));
  BOOST_TEST(contains(html, "id=\"project-2\""));
  BOOST_TEST(!contains(html, "id=\"project-3\""));
}

BOOST_AUTO_TEST_CASE(page_tells_missing_hours) {
  ReportData data = tenant_with_costs();
  data.days[1].hours = 20;
  data.days.erase(data.days.begin() + 2);
  const std::string html = report_page(data);
  BOOST_TEST(contains(html, "28 hours are missing</span> of 96"));
  BOOST_TEST(contains(html, "2 Nov: 20 of 24 hours; 3 Nov: nothing"));
  // Two complete days are too few for a forecast.
  BOOST_TEST(contains(html, "fewer than three complete days so far"));
}

BOOST_AUTO_TEST_CASE(page_tells_days_of_unknown_hours) {
  ReportData data = tenant_with_costs();
  data.days[0].hours = -1;
  data.days[1].hours = -1;
  const std::string html = report_page(data);
  BOOST_TEST(!contains(html, "Nothing is missing"));
  BOOST_TEST(contains(html, "Of 2 days nobody kept how many hours came."));
  BOOST_TEST(contains(html, "1 Nov to 2 Nov: hours not known"));
}

BOOST_AUTO_TEST_CASE(page_without_costs_counts_hours) {
  ReportData data = tenant_with_costs();
  data.has_costs = false;
  data.why_without_costs = "No cost model.";
  const std::string html = report_page(data);
  BOOST_TEST(contains(html, "<strong>No costs.</strong> No cost model."));
  BOOST_TEST(contains(html, "<data value=\"80\">80.0</data> <span class=\"unit\">core-hours</span>"));
}

BOOST_AUTO_TEST_CASE(page_of_many_projects_stays_small) {
  ReportData data = tenant_with_costs();
  const Project project = data.projects[0];
  for (int number = 0; number < 5000; ++number) {
    data.projects.push_back(project);
    data.projects.back().name = "project-with-a-rather-long-name-" + std::to_string(number);
  }
  const std::string html = report_page(data);
  BOOST_TEST(html.size() < 2'000'000u);
  BOOST_TEST(contains(html, "and 4,987 more"));
  BOOST_TEST(contains(html, "id=\"project-50\""));
  BOOST_TEST(!contains(html, "id=\"project-51\""));
}

BOOST_AUTO_TEST_CASE(addresses_of_other_reports) {
  ReportData data;
  data.first_day = day_from_civil({2026, 11, 1});
  data.last_day = day_from_civil({2026, 11, 30});
  BOOST_TEST(address_of(data).text() == "?from=2026-11-01&to=2026-11-30");
  BOOST_TEST(address_before(data).text() == "?from=2026-10-01&to=2026-10-31");
  BOOST_TEST(address_after(data).text() == "?from=2026-12-01&to=2026-12-31");
  data.label = "a b&c";
  data.cluster = "\xC3\xA9\"<";
  data.project = "x-1.2_~";
  BOOST_TEST(address_of(data).text() ==
             "?from=2026-11-01&to=2026-11-30&label=a%20b%26c&cluster=%C3%A9%22%3C&project=x-1.2_~");
  // A quarter leads to a quarter, days to as many days.
  data = {};
  data.first_day = day_from_civil({2027, 1, 1});
  data.last_day = day_from_civil({2027, 3, 31});
  BOOST_TEST(address_before(data).text() == "?from=2026-10-01&to=2026-12-31");
  BOOST_TEST(address_after(data).text() == "?from=2027-04-01&to=2027-06-30");
  data.first_day = day_from_civil({2026, 11, 5});
  data.last_day = day_from_civil({2026, 11, 11});
  BOOST_TEST(address_before(data).text() == "?from=2026-10-29&to=2026-11-04");
  BOOST_TEST(address_after(data).text() == "?from=2026-11-12&to=2026-11-18");
}

BOOST_AUTO_TEST_CASE(sections_of_one_project) {
  ReportData data;
  for (std::size_t place = 0; place < detailed_projects + 5; ++place) {
    Project project;
    project.name = "p" + std::to_string(place % 54);  // p0 is there twice, as in two clusters
    project.cluster = place / 54;
    project.cpu.effective = static_cast<double>(1000 - place);
    data.projects.push_back(project);
  }
  const auto order = projects_by_size(data.projects, false);
  BOOST_TEST(projects_in_detail(data, order).size() == detailed_projects);
  data.project = "p52";
  BOOST_TEST(projects_in_detail(data, order) == std::vector<std::size_t>{52});
  data.project = "p0";
  BOOST_TEST(projects_in_detail(data, order) == (std::vector<std::size_t>{0, 54}));
  data.project = "elsewhere";
  BOOST_TEST(projects_in_detail(data, order).empty());
}

BOOST_AUTO_TEST_SUITE_END()
