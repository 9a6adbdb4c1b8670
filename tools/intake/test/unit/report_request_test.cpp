#include "report/report_request.hpp"

#include <boost/test/unit_test.hpp>

#include "forms/refusal.hpp"

using namespace koku::intake;

namespace {

constexpr std::chrono::sys_days today = std::chrono::year(2028) / 2 / 5;

ReportRequest parse(std::string_view target) { return parse_report_request("/report/", target, today); }

unsigned status_of(std::string_view target) {
  try {
    parse(target);
  } catch (const Refusal& refusal) {
    return refusal.status();
  }
  return 200;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(report_request)

BOOST_AUTO_TEST_CASE(everything_that_can_be_asked) {
  const auto request =
      parse("/report/my%20tenant+1?from=2026-11-01&to=2026-11-30&label=a%26b&cluster=c+d&project=%3Cp%3E");
  BOOST_TEST(request.tenant == "my tenant+1");
  BOOST_TEST(request.first == "2026-11-01");
  BOOST_TEST(request.last == "2026-11-30");
  BOOST_TEST(*request.label == "a&b");
  BOOST_TEST(*request.cluster == "c d");
  BOOST_TEST(*request.project == "<p>");
}

BOOST_AUTO_TEST_CASE(without_days_it_is_the_month_of_today) {
  const auto request = parse("/report/t?label=");
  BOOST_TEST(request.first == "2028-02-01");
  BOOST_TEST(request.last == "2028-02-29");
  BOOST_TEST(!request.label);
  BOOST_TEST(!request.cluster);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_asked) {
  for (const auto* target : {"/report/", "/report/a/b", "/report/a%2fb", "/report/%zz", "/report/a%00b"}) {
    BOOST_TEST(status_of(target) == 404U, target);
  }
  for (const auto* query :
       {"from=2026-11-01", "to=2026-11-01", "from=2026-11-1&to=2026-11-30", "from=2026-11-01x&to=2026-11-30",
        "from=2026/11/01&to=2026-11-30", "from=today&to=today", "month=11", "label=a&label=b", "label=%"}) {
    BOOST_TEST(status_of(std::string("/report/t?") + query) == 400U, query);
  }
  BOOST_TEST(status_of("/report/t?label=" + std::string(1025, 'x')) == 400U);
}

BOOST_AUTO_TEST_CASE(who_takes_gzip) {
  for (const auto* header : {"gzip", "GZIP", "deflate, gzip", "br;q=1.0, gzip;q=0.8", "*", "gzip ; q=0.001"}) {
    BOOST_TEST(accepts_gzip(header), header);
  }
  for (const auto* header : {"", "identity", "gzip;q=0", "gzip;q=0.0, br", "x-gzip-like", ",,"}) {
    BOOST_TEST(!accepts_gzip(header), header);
  }
}

BOOST_AUTO_TEST_SUITE_END()
