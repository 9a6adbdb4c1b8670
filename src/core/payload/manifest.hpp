// manifest.json: what a payload says about itself (spec ingest.md 1.3, 1.4).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/time.hpp"

namespace koku {

struct Manifest {
  std::string uuid;  ///< lower case with hyphens
  std::string cluster_id;
  Instant date = 0;                ///< when the payload was made
  std::vector<std::string> files;  ///< manifest order, each name once
  std::optional<Instant> start;
  std::optional<Instant> end;           ///< after the end rule
  std::optional<Instant> reported_end;  ///< as sent
  std::string version;                  ///< commit id or version as sent; may be empty
  bool certified = false;
  bool daily_reports = false;  ///< daily operators replace days, others add to them
  std::optional<std::string> cluster_channel;
  std::optional<bool> operator_airgapped;
  std::optional<std::string> operator_errors;      ///< JSON object as text, absent when there were none
  std::vector<std::pair<Day, int>> hours_per_day;  ///< sorted by day, 0..24 each; empty without a window

  /// Hours the window gives for this day; 0 when it says nothing (then the distinct intervals of the file count).
  int hours_on(Day day) const noexcept;
};

/// Parses and validates; Error(invalid_manifest) names the field, the offending value cut short, and the rule.
Manifest parse_manifest(std::string_view json);

}  // namespace koku
