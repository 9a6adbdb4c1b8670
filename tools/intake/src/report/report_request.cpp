#include "report/report_request.hpp"

#include <algorithm>
#include <cstdio>

#include "forms/header_value.hpp"
#include "forms/refusal.hpp"
#include "observe/log.hpp"
#include "sources/query_string.hpp"

namespace koku::intake {
namespace {

constexpr std::size_t longest_value = 1024;

std::string iso_date(std::chrono::year_month_day day) {
  char text[32];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(day.year()), static_cast<unsigned>(day.month()),
                static_cast<unsigned>(day.day()));
  return text;
}

/// YYYY-MM-DD and nothing else: what a day is beyond that, the database knows.
void check_day(const char* name, const std::string& text) {
  const std::string_view form = "dddd-dd-dd";
  const bool fits =
      text.size() == form.size() && std::equal(text.begin(), text.end(), form.begin(),
                                               [](char c, char f) { return f == 'd' ? c >= '0' && c <= '9' : c == f; });
  if (!fits) throw Refusal(400, std::string(name) + " is not a day such as 2026-11-01");
}

/// A path has no blanks to be written as '+'.
std::optional<std::string> decode_path(std::string_view path) {
  std::string text;
  for (const char c : path) {
    if (c == '+') {
      text += "%2B";
    } else {
      text += c;
    }
  }
  return decode_percent(text);
}

}  // namespace

ReportRequest parse_report_request(std::string_view prefix, std::string_view target, std::chrono::sys_days today) {
  const auto path = target.substr(0, target.find('?'));
  const auto query = target.substr(std::min(path.size() + 1, target.size()));
  const auto tenant = decode_path(path.substr(std::min(prefix.size(), path.size())));
  if (!tenant || tenant->empty() || tenant->find('/') != std::string::npos || tenant->size() > longest_value) {
    throw Refusal(404, "a report is at " + std::string(prefix) + "TENANT");
  }
  const auto parameters = parse_query_string(query);
  if (!parameters) throw Refusal(400, "the query is malformed, or has a parameter twice");
  ReportRequest request{.tenant = *tenant, .first = {}, .last = {}, .label = {}, .cluster = {}, .project = {}};
  for (const auto& [name, value] : *parameters) {
    if (value.size() > longest_value) throw Refusal(400, "a parameter is longer than 1024 bytes");
    if (name == "from") {
      request.first = value;
    } else if (name == "to") {
      request.last = value;
    } else if (name == "label" || name == "cluster" || name == "project") {
      auto& member = name == "label" ? request.label : name == "cluster" ? request.cluster : request.project;
      if (!value.empty()) member = value;
    } else {
      throw Refusal(400,
                    "there is no parameter '" + excerpt(name, 40) + "'; there are from, to, label, cluster, project");
    }
  }
  if (request.first.empty() && request.last.empty()) {
    const std::chrono::year_month_day day(today);
    request.first = iso_date(day.year() / day.month() / 1);
    request.last = iso_date(day.year() / day.month() / std::chrono::last);
  }
  check_day("from", request.first);
  check_day("to", request.last);
  return request;
}

bool accepts_gzip(std::string_view accept_encoding) {
  while (!accept_encoding.empty()) {
    const auto end = std::min(accept_encoding.find(','), accept_encoding.size());
    const auto item = accept_encoding.substr(0, end);
    accept_encoding.remove_prefix(std::min(end + 1, accept_encoding.size()));
    const auto name = to_lower(trim(item.substr(0, item.find(';'))));
    if (name != "gzip" && name != "*") continue;
    // 'q=0', 'q=0.0' and so on forbid it.
    const auto weight = item.find("q=");
    return weight == std::string_view::npos ||
           trim(item.substr(weight + 2)).find_first_not_of("0.") != std::string_view::npos;
  }
  return false;
}

}  // namespace koku::intake
