// One converted record, as it goes from the reader to the bulk load and into the daily aggregate.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "core/base/time.hpp"

namespace koku {

/// A typed value of a report column; which member counts follows from the column's kind.
/// A text that is NULL has data() == nullptr; an empty text has not. Texts stand behind a text header (arena.hpp).
struct Value {
  std::string_view text{};
  double number = 0.0;
  std::int32_t integer = 0;
  bool is_null = false;
};

struct Row {
  Instant report_period_start;
  Instant report_period_end;
  Instant interval_start;
  std::optional<Instant> interval_end;
  Day day;                        ///< UTC day of interval_start
  std::span<const Value> values;  ///< one per column of the report type, in its order
};

}  // namespace koku
