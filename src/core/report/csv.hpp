// CSV records as views into a sliding buffer (spec ingest.md 1.10).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "core/base/byte_source.hpp"

namespace koku {

struct CsvLimits {
  /// One record, quotes included, its line end not. An object of Kubernetes with all its labels has 1.5 MB at the most.
  std::size_t max_record_bytes = 4u << 20;
  std::size_t max_fields = 4096;  ///< fields of one record
};

/// Splits a stream into records. Skips a byte order mark and lines that are empty or only blanks and tabs, takes LF,
/// CRLF or CR, removes NULs and replaces invalid UTF-8 by U+FFFD, so that every field is valid UTF-8 without NUL.
/// A quote opens a quoted field only as the first byte of the field; text after the closing quote belongs to the field.
/// The fields are views into the buffer: nothing is copied out. Memory is bounded by a few times max_record_bytes.
class CsvScanner {
 public:
  /// `input` must outlive the scanner.
  explicit CsvScanner(ByteInput& input, const CsvLimits& limits = {});
  ~CsvScanner();
  CsvScanner(const CsvScanner&) = delete;
  CsvScanner& operator=(const CsvScanner&) = delete;

  /// Moves to the next record; false at the end.
  /// Error(invalid_csv): a quote never closed (detail: line of the opening quote). Error(too_large): a limit passed
  /// (detail: line of the record). After an error, of the input too, the scanner is of no further use.
  bool next();
  /// The current record's fields, valid until next(). At least one; none before the first record and after the last.
  std::span<const std::string_view> fields() const noexcept;
  /// 1-based line on which the current record begins. Line ends inside quoted fields count.
  std::uint64_t line() const noexcept;
  /// Invalid UTF-8 sequences replaced so far; all of the input when next() has returned false.
  std::uint64_t replaced_sequences() const noexcept;
  /// NUL bytes removed so far.
  std::uint64_t removed_nuls() const noexcept;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace koku
