#include "core/report/daily.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <new>

#include "core/base/assertion.hpp"
#include "core/base/hash.hpp"

namespace koku {

DailyLayout::DailyLayout(const ReportType& report_type) : type(report_type) {
  for (std::size_t index = 0; index < type.columns.size(); ++index) {
    const Column& column = type.columns[index];
    switch (column.role) {
      case DailyRole::key:
        keys.push_back(index);
        break;
      case DailyRole::sum:
        sums.push_back(index);
        break;
      case DailyRole::max:
        (column.is_text() ? text_maxes : number_maxes).push_back(index);
        break;
    }
  }
  if (type.node_capacity) {
    const auto column = [this](std::string_view name) { return *type.column_index(name); };
    const auto node = std::find(keys.begin(), keys.end(), column(type.node_capacity->node));
    node_capacity = {.node = static_cast<std::size_t>(node - keys.begin()),
                     .cpu_core_seconds = column(type.node_capacity->cpu_core_seconds),
                     .memory_byte_seconds = column(type.node_capacity->memory_byte_seconds)};
  }
}

TextInterner::TextInterner(Arena& arena, TextHeader header) : arena_(arena), header_(header), seed_(hash_seed()) {}

std::string_view TextInterner::intern(std::string_view text) {
  if (text.data() == nullptr) return text;
  const std::uint64_t hash = hash_bytes(text, seed_);
  if (const std::string_view* known = table_.find(hash, [&](std::string_view other) { return other == text; }))
    return *known;
  auto* entry = new (arena_.allocate(sizeof(std::string_view))) std::string_view(store_text(arena_, header_, text));
  table_.insert(hash, entry);
  return *entry;
}

DailyAggregate::DailyAggregate(const ReportType& type, TextHeader header)
    : layout_(type), header_(header), texts_(arena_, header) {}

const DailyKey& DailyAggregate::key(std::span<const std::string_view> texts) {
  KOKU_ASSERT(texts.size() == layout_.keys.size());
  interned_.clear();
  std::uint64_t hash = hash_seed();
  for (const std::string_view text : texts) {
    interned_.push_back(texts_.intern(text));
    hash = mix(hash ^ reinterpret_cast<std::uintptr_t>(interned_.back().data()), 0x9e3779b97f4a7c15ULL);
  }
  const auto same_texts = [&](const DailyKey& other) {
    return std::equal(interned_.begin(), interned_.end(), other.texts,
                      [](std::string_view one, std::string_view two) { return one.data() == two.data(); });
  };
  if (const DailyKey* known = keys_.find(hash, same_texts)) return *known;
  auto* stored = static_cast<std::string_view*>(arena_.allocate(sizeof(std::string_view) * texts.size()));
  std::uninitialized_copy(interned_.begin(), interned_.end(), stored);
  auto* added = new (arena_.allocate(sizeof(DailyKey))) DailyKey{static_cast<std::uint32_t>(keys_.size()), stored};
  keys_.insert(hash, added);
  return *added;
}

void DailyAggregate::forget_day(Day day) {
  const auto found = days_.find(day);
  if (found == days_.end()) return;
  KOKU_ASSERT(by_key_bytes_ >= found->second.by_key.capacity() * sizeof(DailyGroup*));
  KOKU_ASSERT(interval_bytes_ >= found->second.node_intervals.bytes());
  by_key_bytes_ -= found->second.by_key.capacity() * sizeof(DailyGroup*);
  interval_bytes_ -= found->second.node_intervals.bytes();
  days_.erase(found);
}

DailyGroup& DailyAggregate::group_of(DayGroups& groups, const DailyKey& key) {
  if (key.number >= groups.by_key.size()) {
    by_key_bytes_ -= groups.by_key.capacity() * sizeof(DailyGroup*);
    groups.by_key.resize(std::max<std::size_t>(keys_.size(), key.number + 1));
    by_key_bytes_ += groups.by_key.capacity() * sizeof(DailyGroup*);
  }
  KOKU_ASSERT(key.number < keys_.size());
  DailyGroup*& group = groups.by_key[key.number];
  if (group == nullptr) {
    const std::size_t sum_count = layout_.sums.size();
    const std::size_t max_count = layout_.number_maxes.size();
    group = new (arena_.allocate(sizeof(DailyGroup))) DailyGroup;
    group->key_ = &key;
    group->report_period_start_ = group->report_period_end_ = std::numeric_limits<Instant>::min();
    group->numbers_ = static_cast<double*>(arena_.allocate(sizeof(double) * (2 * sum_count + max_count)));
    std::fill_n(group->numbers_, 2 * sum_count, 0.0);
    std::fill_n(group->numbers_ + 2 * sum_count, max_count, std::numeric_limits<double>::quiet_NaN());
    group->texts_ =
        static_cast<DailyGroup::TextMax*>(arena_.allocate(sizeof(DailyGroup::TextMax) * layout_.text_maxes.size()));
    std::fill_n(group->texts_, layout_.text_maxes.size(), DailyGroup::TextMax{nullptr, 0, 0});
    group->hours_ = 0;
    groups.groups.push_back(group);
  }
  // A key of another aggregate would be taken for this one's of the same number.
  KOKU_ASSERT(group->key_ == &key);
  return *group;
}

void DailyAggregate::take_text(DailyGroup::TextMax& slot, std::string_view text) {
  if (slot.memory != nullptr && text <= std::string_view(slot.memory + text_header_bytes, slot.length)) return;
  if (slot.memory == nullptr || text.size() > slot.capacity) {
    // Doubling: a text that grows row by row must not cost memory row by row.
    const std::size_t capacity =
        slot.memory == nullptr ? text.size() : std::max(text.size(), std::size_t{slot.capacity} * 2);
    slot.memory = static_cast<char*>(arena_.allocate(text_header_bytes + capacity));
    slot.capacity = static_cast<std::uint32_t>(capacity);
  }
  const std::uint32_t prefix = header_(text.size());
  std::memcpy(slot.memory, &prefix, text_header_bytes);
  std::memcpy(slot.memory + text_header_bytes, text.data(), text.size());
  slot.length = static_cast<std::uint32_t>(text.size());
}

void DailyAggregate::take_interval(NodeIntervals& intervals, const NodeInterval& interval) {
  KOKU_ASSERT(interval_bytes_ >= intervals.bytes());
  interval_bytes_ -= intervals.bytes();
  intervals.add(interval);
  interval_bytes_ += intervals.bytes();
}

void DailyAggregate::add_interval(DayGroups& groups, const NodeInterval& interval) {
  NodeInterval stored = interval;
  stored.node = texts_.intern(interval.node);
  take_interval(groups.node_intervals, stored);
}

bool DailyAggregate::add(DayGroups& groups, const DailyKey& key, const Row& row) {
  DailyGroup& group = add_to_group(groups, key, row);
  const Instant time = row.interval_start - start_of(row.day);
  const bool begins_an_hour = time >= 0 && time < microseconds_per_day && time % microseconds_per_hour == 0;
  const Hours hour = begins_an_hour ? hour_of(row.interval_start, row.day) : 0;
  const bool is_new = (group.hours_ & hour) == 0;
  group.hours_ |= hour;
  if (layout_.node_capacity) add_interval_of(groups, key, row);
  return is_new;
}

void DailyAggregate::add_interval_of(DayGroups& groups, const DailyKey& key, const Row& row) {
  const auto number = [&](std::size_t column) {
    const Value& value = row.values[column];
    return value.is_null ? no_capacity : value.number;
  };
  take_interval(groups.node_intervals, {.node = key.texts[layout_.node_capacity->node],
                                        .start = row.interval_start,
                                        .cpu_core_seconds = number(layout_.node_capacity->cpu_core_seconds),
                                        .memory_byte_seconds = number(layout_.node_capacity->memory_byte_seconds)});
}

DailyGroup& DailyAggregate::add_to_group(DayGroups& groups, const DailyKey& key, const Row& row) {
  KOKU_ASSERT(row.values.size() == layout_.type.columns.size());
  DailyGroup& group = group_of(groups, key);
  group.report_period_start_ = std::max(group.report_period_start_, row.report_period_start);
  group.report_period_end_ = std::max(group.report_period_end_, row.report_period_end);

  // Compensated (Kahan) summation, as Koku adds: 0.1 + 0.2 + 0.3 is 0.6.
  const std::size_t sum_count = layout_.sums.size();
  double* sums = group.numbers_;
  double* compensations = sums + sum_count;
  for (std::size_t at = 0; at < sum_count; ++at) {
    const Value& value = row.values[layout_.sums[at]];
    if (value.is_null) continue;
    const double corrected = value.number - compensations[at];
    const double total = sums[at] + corrected;
    const double compensation = (total - sums[at]) - corrected;
    sums[at] = total;
    // After an overflow the correction would be a NaN that spreads.
    compensations[at] = std::isfinite(compensation) ? compensation : 0.0;
  }

  double* maxes = compensations + sum_count;
  for (std::size_t at = 0; at < layout_.number_maxes.size(); ++at) {
    const std::size_t column = layout_.number_maxes[at];
    const Value& value = row.values[column];
    if (value.is_null) continue;
    const double number =
        layout_.type.columns[column].kind == ColumnKind::integer_or_null ? value.integer : value.number;
    if (!(number <= maxes[at])) maxes[at] = number;
  }

  for (std::size_t at = 0; at < layout_.text_maxes.size(); ++at) {
    const std::string_view text = row.values[layout_.text_maxes[at]].text;
    if (text.data() != nullptr) take_text(group.texts_[at], text);
  }
  return group;
}

void DailyAggregate::values_of(const DailyGroup& group, std::span<Value> values) const {
  KOKU_ASSERT(values.size() == layout_.type.columns.size());
  for (std::size_t at = 0; at < layout_.keys.size(); ++at) {
    const std::string_view text = group.key_->texts[at];
    values[layout_.keys[at]] = {.text = text, .is_null = text.data() == nullptr};
  }
  const std::size_t sum_count = layout_.sums.size();
  for (std::size_t at = 0; at < sum_count; ++at) values[layout_.sums[at]] = {.number = group.numbers_[at]};
  for (std::size_t at = 0; at < layout_.number_maxes.size(); ++at) {
    const double number = group.numbers_[2 * sum_count + at];
    Value& value = values[layout_.number_maxes[at]];
    value = {.number = number, .is_null = std::isnan(number)};
    if (!value.is_null && layout_.type.columns[layout_.number_maxes[at]].kind == ColumnKind::integer_or_null)
      value.integer = static_cast<std::int32_t>(number);
  }
  for (std::size_t at = 0; at < layout_.text_maxes.size(); ++at) {
    const DailyGroup::TextMax& slot = group.texts_[at];
    Value& value = values[layout_.text_maxes[at]];
    value = {.is_null = slot.memory == nullptr};
    if (slot.memory != nullptr) value.text = {slot.memory + text_header_bytes, slot.length};
  }
}

}  // namespace koku
