// Packs the reports of a cluster as the operator does: a manifest and CSV files in tar.gz.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "generator/options.hpp"

namespace koku::generator {

struct WrittenFile {
  std::string name;
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;
};

struct WrittenPayload {
  std::vector<std::string> paths;  ///< one, or one a file when the reports were cut
  std::vector<WrittenFile> files;  ///< in manifest order
};

/// Writes the payload. Memory grows with the pods and not with the rows: the rows are made twice, first to learn the
/// size that tar wants in front of a file, then to write them. std::runtime_error names the path that failed.
WrittenPayload write_payload(const Options& options);

}  // namespace koku::generator
