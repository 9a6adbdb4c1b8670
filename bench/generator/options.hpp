// What generate_payload is asked for.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace koku::generator {

struct Options {
  std::string output;
  std::string cluster_id = "sample-cluster";
  std::uint64_t seed = 1;

  std::chrono::sys_days first_day = std::chrono::sys_days{std::chrono::year{2026} / 11 / 1};
  unsigned days = 1;
  unsigned first_hour = 0;  ///< of each day
  unsigned hours = 24;      ///< of each day, counted from first_hour

  unsigned pods = 60;
  unsigned nodes = 0;       ///< 0: chosen to fit the pods
  unsigned namespaces = 0;  ///< 0: chosen to fit the pods
  unsigned volumes = 0;
  unsigned virtual_machines = 0;  ///< each one is also a pod
  unsigned gpus = 0;              ///< each one is also a pod

  bool distinct_labels = false;  ///< every pod has a label of its own, with its name

  std::uint64_t split_bytes = 0;  ///< cut larger reports, one file a payload, as the operator does; 0: never
  bool window = true;             ///< the manifest says start and end
  bool additive = false;          ///< an operator without daily reports
};

/// Reads the command line and fills in what was left to choose. Nothing when help was asked for.
/// std::invalid_argument names the option and what it takes.
std::optional<Options> parse_options(int count, char** arguments);

/// The help text.
const char* usage();

}  // namespace koku::generator
