#include "checked_sink.hpp"

#include <cmath>
#include <cstring>

#include "core/base/hash.hpp"
#include "invariants.hpp"

namespace koku::fuzz {
namespace {

constexpr std::size_t most_kept_texts = 2000;

constexpr std::string_view effective_prefix = "pod_effective_usage_";

}  // namespace

DayDecision CheckedSink::begin_day(Day day, Instant first) {
  require(day == day_of(first), "a day's first row is of another day");
  require(days_of_file_.insert(day).second, "a day begins twice in one file");
  if (!decide_by_day_) return DayDecision::load;
  if (day % 5 == 0) return DayDecision::skip;
  return day % 7 == 0 ? DayDecision::expired : DayDecision::load;
}

void CheckedSink::check_text(const Column& column, std::string_view text) {
  std::uint32_t header;
  std::memcpy(&header, text.data() - text_header_bytes, text_header_bytes);
  require(header == text.size(), "the header in front of a text is not its length");
  if (column.kind == ColumnKind::labels) {
    require_label_json(text);
    return;
  }
  require_storable_text(text, column.name);
  require(characters_of(text) <= static_cast<std::size_t>(column.width), "a text is wider than its column");
  if (column.html_escaped) require(text.find_first_of("<>\"'") == text.npos, "a text has a character of HTML");
}

void CheckedSink::check_value(const Column& column, const Value& value) {
  switch (column.kind) {
    case ColumnKind::text:
    case ColumnKind::labels:
      require(value.is_null == (value.text.data() == nullptr), "whether a text is NULL");
      if (value.is_null) {
        require(column.origin == ColumnOrigin::optional || column.name.starts_with("mig_"), "a required text is NULL");
      } else {
        check_text(column, value.text);
        if (kept_texts_.size() < most_kept_texts) kept_texts_.push_back({value.text, std::string(value.text)});
      }
      break;
    case ColumnKind::number:
      require(!value.is_null && std::isfinite(value.number), "a number is not finite");
      require(std::abs(value.number) <= row_bound, "a number is out of bounds");
      break;
    case ColumnKind::number_or_null:
      require(value.is_null || std::isfinite(value.number), "an optional number is not finite");
      break;
    case ColumnKind::integer_or_null:
      break;
  }
}

void CheckedSink::check_derived(std::span<const Value> values) const {
  for (std::size_t at = 0; at < values.size(); ++at) {
    const Column& column = type_.columns[at];
    if (column.origin != ColumnOrigin::derived) continue;
    require(column.name.starts_with(effective_prefix), "a derived column that is not checked");
    const std::string measure(column.name.substr(effective_prefix.size()));
    const Value& usage = values[*type_.column_index("pod_usage_" + measure)];
    const Value& request = values[*type_.column_index("pod_request_" + measure)];
    require(values[at].number == std::max(usage.number, request.number), "an effective usage is wrong");
  }
}

void CheckedSink::add_to_digest(std::string_view bytes) { digest_ = hash_bytes(bytes, digest_ * 2 + 1); }

std::string CheckedSink::key_of(std::span<const Value> values) const {
  std::string key;
  for (const std::size_t column : layout_.keys) {
    const Value& value = values[column];
    key += value.is_null ? "N" : "T" + std::to_string(value.text.size()) + ":" + std::string(value.text);
  }
  return key;
}

void CheckedSink::add(const Row& row) {
  ++rows_of_file_;
  require(row.day == day_of(row.interval_start), "a row's day is not that of its interval");
  require(days_of_file_.contains(row.day), "a row of a day that did not begin");
  require(row.values.size() == type_.columns.size(), "number of values");
  // 0001-01-01 to 9999-12-31
  require(row.day >= -719'162 && row.day <= 2'932'896, "a day is out of range");
  for (std::size_t at = 0; at < row.values.size(); ++at) check_value(type_.columns[at], row.values[at]);
  check_derived(row.values);

  const std::string key = key_of(row.values);
  add_to_digest(key);
  add_to_digest({reinterpret_cast<const char*>(&row.interval_start), sizeof row.interval_start});
  add_to_digest({reinterpret_cast<const char*>(&row.report_period_start), sizeof row.report_period_start});
  add_to_digest({reinterpret_cast<const char*>(&row.report_period_end), sizeof row.report_period_end});
  const Instant interval_end = row.interval_end.value_or(0);
  add_to_digest({reinterpret_cast<const char*>(&interval_end), sizeof interval_end});
  intervals_[row.day].insert(row.interval_start);

  const auto [entry, is_new] = totals_.try_emplace({row.day, key});
  Total& total = entry->second;
  if (is_new) {
    total.report_period_start = row.report_period_start;
    total.report_period_end = row.report_period_end;
    total.sums.resize(layout_.sums.size());
    total.number_maxes.resize(layout_.number_maxes.size());
    total.text_maxes.resize(layout_.text_maxes.size());
  }
  total.report_period_start = std::max(total.report_period_start, row.report_period_start);
  total.report_period_end = std::max(total.report_period_end, row.report_period_end);
  for (std::size_t at = 0; at < layout_.sums.size(); ++at) {
    const Value& value = row.values[layout_.sums[at]];
    add_to_digest({reinterpret_cast<const char*>(&value.number), sizeof value.number});
    total.sums[at].value += value.number;
    total.sums[at].magnitude += std::abs(value.number);
  }
  for (std::size_t at = 0; at < layout_.number_maxes.size(); ++at) {
    const Value& value = row.values[layout_.number_maxes[at]];
    if (value.is_null) continue;
    const bool is_integer = type_.columns[layout_.number_maxes[at]].kind == ColumnKind::integer_or_null;
    const double number = is_integer ? value.integer : value.number;
    add_to_digest({reinterpret_cast<const char*>(&number), sizeof number});
    std::optional<double>& greatest = total.number_maxes[at];
    greatest = std::max(greatest.value_or(number), number);
  }
  for (std::size_t at = 0; at < layout_.text_maxes.size(); ++at) {
    const Value& value = row.values[layout_.text_maxes[at]];
    if (value.is_null) continue;
    add_to_digest(value.text);
    std::optional<std::string>& greatest = total.text_maxes[at];
    if (!greatest || *greatest < value.text) greatest = value.text;
  }
}

void CheckedSink::flush() {
  for (const KeptText& kept : kept_texts_)
    require_equal(kept.text, kept.copy, "a text changed before it was let go of");
  kept_texts_.clear();
}

void CheckedSink::check_file(const ReportReader& reader) {
  require(kept_texts_.empty(), "the texts of the last rows were not let go of");
  std::uint64_t rows = reader.findings().rows_undated();
  std::uint64_t loaded = 0;
  for (const auto& [day, counts] : reader.days()) {
    rows += counts.rows_in;
    loaded += counts.rows_loaded;
    if (counts.decision == DayDecision::load)
      require(counts.rows_in == counts.rows_loaded + counts.rows_dropped, "rows of a day got lost");
    else
      require(counts.rows_loaded == 0, "rows of a day that is not loaded were loaded");
  }
  require(rows == reader.rows_in(), "rows of a file got lost");
  require(loaded == rows_of_file_, "rows that were counted did not come");
  rows_of_file_ = 0;
}

void CheckedSink::check_group(const Total& total, const DailyGroup& group, std::span<const Value> values) const {
  require(group.report_period_start() == total.report_period_start, "greatest report_period_start");
  require(group.report_period_end() == total.report_period_end, "greatest report_period_end");
  for (std::size_t at = 0; at < layout_.sums.size(); ++at) {
    const Value& value = values[layout_.sums[at]];
    require(!value.is_null && std::isfinite(value.number), "a daily sum is not finite");
    require(std::abs(value.number - total.sums[at].value) <= 1e-12L * total.sums[at].magnitude, "a daily sum is wrong");
  }
  for (std::size_t at = 0; at < layout_.number_maxes.size(); ++at) {
    const Value& value = values[layout_.number_maxes[at]];
    const std::optional<double>& greatest = total.number_maxes[at];
    require(value.is_null == !greatest, "a greatest number is NULL");
    require(!greatest || value.number == *greatest, "a greatest number is wrong");
  }
  for (std::size_t at = 0; at < layout_.text_maxes.size(); ++at) {
    const Value& value = values[layout_.text_maxes[at]];
    const std::optional<std::string>& greatest = total.text_maxes[at];
    require(value.is_null == !greatest, "a greatest text is NULL");
    if (greatest) require_equal(value.text, *greatest, "greatest text");
  }
}

void CheckedSink::check_daily(const DailyAggregate& aggregate) const {
  std::size_t groups = 0;
  std::vector<Value> values(type_.columns.size());
  for (const auto& [day, day_groups] : aggregate.days()) {
    groups += day_groups.groups.size();
    for (const DailyGroup* group : day_groups.groups) {
      aggregate.values_of(*group, values);
      const auto total = totals_.find({day, key_of(values)});
      require(total != totals_.end(), "a daily row of a key that did not come");
      check_group(total->second, *group, values);
    }
  }
  require(groups == totals_.size(), "there is not one daily row per key and day");
}

}  // namespace koku::fuzz
