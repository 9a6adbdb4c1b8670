// The report types as data: one table drives detection, conversion, DDL, loading and the daily aggregate (spec
// ingest.md 2, 3.3). A seventh report type is one more entry in report_type.cpp.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace koku {

enum class ColumnKind {
  text,             ///< as cleaned; '' when empty, NULL when the file lacks the column
  labels,           ///< JSON text, `{}` when empty
  number,           ///< double precision, 0.0 for anything that is no finite number
  integer_or_null,  ///< int4, NULL for anything else
  number_or_null    ///< double precision, NULL for anything else
};

enum class DailyRole { key, sum, max };

/// Where a value comes from.
enum class ColumnOrigin {
  required,  ///< the header must have it
  optional,  ///< taken when the header has it
  derived    ///< computed, never read from the file
};

struct Column {
  std::string_view name;
  ColumnKind kind;
  DailyRole role;
  ColumnOrigin origin = ColumnOrigin::required;
  int width = 0;              ///< text: characters of the SQL column; 0 is unlimited
  bool html_escaped = false;  ///< text: sanitised (spec 3.5)
  bool bounded = false;       ///< number: a row with a greater value than row_bound is dropped (spec 3.4)
  bool tag_keys = false;      ///< labels: keys are registered as tag keys (spec 8)

  constexpr bool is_text() const { return kind == ColumnKind::text || kind == ColumnKind::labels; }
};

/// Rows with a bounded number above this are dropped (spec ingest.md 3.4).
inline constexpr double row_bound = 1e18;

enum class ReportTypeId { storage_usage, pod_usage, node_labels, namespace_labels, vm_usage, gpu_usage };
inline constexpr std::size_t report_type_count = 6;

/// Columns by which each row of a report tells, beside its own measures, the capacity of its node in the interval.
struct NodeCapacityColumns {
  std::string_view node;  ///< a key column
  std::string_view cpu_core_seconds;
  std::string_view memory_byte_seconds;
};

struct ReportType {
  ReportTypeId id;
  std::string_view name;            ///< e.g. pod_usage; the tables are openshift_<name>_line_items and ..._daily
  std::span<const Column> columns;  ///< in the order of the SQL table, after the common columns
  /// What operators send besides and no table holds: passed over without a word, unlike unknown columns.
  std::span<const std::string_view> ignored_columns = {};
  /// Kept for each node and interval beside the daily rows (spec summary.md 3.3).
  std::optional<NodeCapacityColumns> node_capacity = {};

  bool ignores(std::string_view column_name) const noexcept;
  /// Index into columns; nothing when there is no such column.
  std::optional<std::size_t> column_index(std::string_view column_name) const noexcept;
};

/// The four timestamp columns every report has, in the order of the SQL table.
inline constexpr std::string_view date_columns[] = {"report_period_start", "report_period_end", "interval_start",
                                                    "interval_end"};

/// A column every line-item table has in front of its own (spec ingest.md 3.1).
struct CommonColumn {
  std::string_view name;
  std::string_view sql_type;
  bool not_null;
};
std::span<const CommonColumn> common_columns() noexcept;

/// All types in the order in which a header is tried (spec ingest.md 2).
std::span<const ReportType> report_types() noexcept;
const ReportType& report_type(ReportTypeId id) noexcept;

/// The first type whose required columns are all among `header`; nullptr when none is.
const ReportType* detect_report_type(std::span<const std::string_view> header) noexcept;

}  // namespace koku
