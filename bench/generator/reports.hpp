// The six reports of a payload, line by line, with the columns, their order and the number format of the operator
// (spec ingest.md 3.3).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "generator/cluster.hpp"

namespace koku::generator {

/// Hours since 1970-01-01 00:00 UTC.
using Hour = std::int64_t;

/// Takes the lines of one report, header first.
class LineOutput {
 public:
  virtual ~LineOutput() = default;
  /// One line with its line end.
  virtual void line(std::string_view text) = 0;
};

struct Report {
  std::string_view file_name_part;  ///< as in cm-openshift-<part>-usage-YYYYMM
  std::string_view header;
  /// Writes the rows of one hour.
  void (*write_hour)(const Cluster& cluster, Hour hour, LineOutput& output);
};

/// All six, in the order in which they are packed.
extern const std::array<Report, 6> reports;

/// Writes a report's header and its rows, hour by hour.
void write_report(const Report& report, const Cluster& cluster, std::span<const Hour> hours, LineOutput& output);

}  // namespace koku::generator
