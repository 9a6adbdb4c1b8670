// The daily aggregate: one group per key and day, however many rows, files or payloads bring it (spec ingest.md 4).
// Memory grows with the distinct keys, not with the rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/base/arena.hpp"
#include "core/base/pointer_table.hpp"
#include "core/report/node_intervals.hpp"
#include "core/report/report_type.hpp"
#include "core/report/row.hpp"

namespace koku {

/// Where the columns of a report type go in a group.
struct DailyLayout {
  explicit DailyLayout(const ReportType& report_type);

  const ReportType& type;
  std::vector<std::size_t> keys;          ///< key columns
  std::vector<std::size_t> sums;          ///< numbers that are added
  std::vector<std::size_t> number_maxes;  ///< numbers and integers of which the greatest counts
  std::vector<std::size_t> text_maxes;    ///< texts of which the greatest counts (byte order)

  struct NodeCapacity {
    std::size_t node;  ///< place among the key columns
    std::size_t cpu_core_seconds;
    std::size_t memory_byte_seconds;
  };
  std::optional<NodeCapacity> node_capacity;
};

/// The key texts of a group, each stored once. Numbered from 0 in order of appearance.
struct DailyKey {
  std::uint32_t number;
  const std::string_view* texts;  ///< one per key column; data() == nullptr is NULL, a key of its own
};

/// Texts stored once each; equal texts have equal addresses.
class TextInterner {
 public:
  TextInterner(Arena& arena, TextHeader header);
  /// NULL (data() == nullptr) stays NULL.
  std::string_view intern(std::string_view text);
  std::size_t size() const noexcept { return table_.size(); }
  std::size_t bytes() const noexcept { return table_.bytes(); }
  void clear() { table_.clear(); }

 private:
  Arena& arena_;
  TextHeader header_;
  std::uint64_t seed_;
  PointerTable<std::string_view> table_;
};

/// One day's running values of a key.
class DailyGroup {
 public:
  const DailyKey& key() const noexcept { return *key_; }
  Instant report_period_start() const noexcept { return report_period_start_; }
  Instant report_period_end() const noexcept { return report_period_end_; }

 private:
  friend class DailyAggregate;
  struct TextMax {
    char* memory;  ///< header and bytes; nullptr while nothing was seen
    std::uint32_t length;
    std::uint32_t capacity;  ///< bytes after the header
  };
  const DailyKey* key_;
  Instant report_period_start_;
  Instant report_period_end_;
  double* numbers_;  ///< sums, their compensations, greatest numbers (NaN: none yet)
  TextMax* texts_;
  Hours hours_;  ///< of the rows that were added whose interval begins on the hour
};

/// The groups of one report type, over all files of a payload.
class DailyAggregate {
 public:
  DailyAggregate(const ReportType& type, TextHeader header = plain_text_header);
  DailyAggregate(const DailyAggregate&) = delete;
  DailyAggregate& operator=(const DailyAggregate&) = delete;

  const DailyLayout& layout() const noexcept { return layout_; }

  /// The key with these texts (one per key column of the layout), added when new.
  const DailyKey& key(std::span<const std::string_view> texts);
  std::size_t key_count() const noexcept { return keys_.size(); }

  struct DayGroups {
    std::vector<DailyGroup*> by_key;  ///< indexed by DailyKey::number, nullptr where the day lacks the key
    std::vector<DailyGroup*> groups;  ///< in order of appearance
    NodeIntervals node_intervals;     ///< empty where the report type has no capacity of nodes
  };
  /// The groups of a day, made when new. The reference stays valid until forget_day(day).
  DayGroups& day(Day day) { return days_[day]; }
  const std::map<Day, DayGroups>& days() const noexcept { return days_; }
  /// Drops the groups of a day (their memory is kept until the aggregate ends) and its intervals of nodes.
  void forget_day(Day day);

  /// Adds a row of a report to the group of its key and to the interval of its node. False when a row of this key and
  /// hour was added before; of intervals that begin within an hour nothing is known.
  bool add(DayGroups& groups, const DailyKey& key, const Row& row);
  /// Adds a row, or a stored daily row, to the group of its key: sums add (NULL counts as 0), the greatest wins, NULL
  /// ignored.
  DailyGroup& add_to_group(DayGroups& groups, const DailyKey& key, const Row& row);
  /// Adds a stored interval of a node.
  void add_interval(DayGroups& groups, const NodeInterval& interval);

  /// Asks for the memory of a key's group, to which a row is added soon.
  static void prefetch(const DayGroups& groups, const DailyKey& key) noexcept {
    constexpr std::size_t lines = 4;
    if (key.number >= groups.by_key.size() || groups.by_key[key.number] == nullptr) return;
    // The numbers of a group stand behind it.
    const auto* memory = reinterpret_cast<const char*>(groups.by_key[key.number]);
    for (std::size_t line = 0; line < lines; ++line) __builtin_prefetch(memory + 64 * line, 1);
  }

  /// A group's values by column of the report type. Texts are valid until the next add().
  void values_of(const DailyGroup& group, std::span<Value> values) const;

  /// Bytes of all keys, groups and intervals of nodes, and of the tables that find them.
  std::size_t allocated_bytes() const noexcept {
    return arena_.allocated_bytes() + texts_.bytes() + keys_.bytes() + by_key_bytes_ + interval_bytes_;
  }
  Arena& arena() noexcept { return arena_; }
  TextHeader header() const noexcept { return header_; }

 private:
  DailyGroup& group_of(DayGroups& groups, const DailyKey& key);
  void add_interval_of(DayGroups& groups, const DailyKey& key, const Row& row);
  void take_text(DailyGroup::TextMax& slot, std::string_view text);
  void take_interval(NodeIntervals& intervals, const NodeInterval& interval);

  DailyLayout layout_;
  TextHeader header_;
  Arena arena_;
  TextInterner texts_;
  PointerTable<DailyKey> keys_;
  std::map<Day, DayGroups> days_;
  std::size_t by_key_bytes_ = 0;    ///< of all days: it grows with keys times days
  std::size_t interval_bytes_ = 0;  ///< of all days
  std::vector<std::string_view> interned_;
};

}  // namespace koku
