#include "core/page/link.hpp"

#include <string_view>

namespace koku::page {
namespace {

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                          c == '.' || c == '_' || c == '~';
    if (is_plain) {
      encoded += c;
    } else {
      encoded += {'%', digits[byte >> 4], digits[byte & 15]};
    }
  }
  return encoded;
}

void add_parameter(std::string& address, std::string_view name, const std::string& value) {
  if (value.empty()) return;
  address += address.empty() ? '?' : '&';
  address.append(name) += '=';
  address += percent_encoded(value);
}

/// The months of a period that has only whole ones, else 0.
int whole_months(Day first_day, Day last_day) {
  if (first_day_of_month(first_day) != first_day || first_day_of_month(last_day + 1) != last_day + 1) return 0;
  const CivilDate first = civil_from_day(first_day);
  const CivilDate end = civil_from_day(last_day + 1);
  return 12 * (end.year - first.year) + static_cast<int>(end.month) - static_cast<int>(first.month);
}

}  // namespace

std::string ReportAddress::text() const {
  std::string address;
  add_parameter(address, "from", to_string(first_day));
  add_parameter(address, "to", to_string(last_day));
  add_parameter(address, "label", label);
  add_parameter(address, "cluster", cluster);
  add_parameter(address, "project", project);
  return address;
}

ReportAddress address_of(const ReportData& data) {
  return {data.first_day, data.last_day, data.label, data.cluster, data.project};
}

ReportAddress address_before(const ReportData& data) {
  ReportAddress address = address_of(data);
  address.last_day = data.first_day - 1;
  const int months = whole_months(data.first_day, data.last_day);
  address.first_day = data.first_day - (data.last_day - data.first_day + 1);
  if (months > 0) address.first_day = data.first_day;
  for (int month = 0; month < months; ++month) address.first_day = first_day_of_month(address.first_day - 1);
  return address;
}

ReportAddress address_after(const ReportData& data) {
  ReportAddress address = address_of(data);
  address.first_day = data.last_day + 1;
  const int months = whole_months(data.first_day, data.last_day);
  address.last_day = data.last_day + (data.last_day - data.first_day + 1);
  if (months > 0) address.last_day = data.last_day;
  for (int month = 0; month < months; ++month) address.last_day = first_day_of_next_month(address.last_day + 1) - 1;
  return address;
}

}  // namespace koku::page
