// CSV split byte by byte, as spec ingest.md 1.10 is written: slow, and so plain that the fast scanner can be held
// against it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.hpp"
#include "core/report/csv.hpp"

namespace koku::fuzz {

struct PlainRecord {
  std::uint64_t line;
  std::vector<std::string> fields;
};

struct PlainCsv {
  std::vector<PlainRecord> records;
  std::optional<ErrorKind> error;  ///< what ended the reading after these records
};

/// `text` is valid UTF-8 without NUL.
PlainCsv split_plainly(std::string_view text, const CsvLimits& limits);

}  // namespace koku::fuzz
