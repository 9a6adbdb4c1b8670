// Labels: `label_app:web|label_env:prod` becomes `{"app": "web", "env": "prod"}` (spec ingest.md 3.2).
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/interrupts.hpp"

namespace koku {

/// Converts label fields; keeps its scratch memory from one call to the next.
class LabelConverter {
 public:
  explicit LabelConverter(InterruptCheck check_interrupts = nullptr) : interrupts_(std::move(check_interrupts)) {}

  /// The JSON text (ASCII only, `{}` when there is no label) of a field that is valid UTF-8. Valid until the next call.
  /// The time grows with the length of the field, however many labels it has (n log n).
  std::string_view convert(std::string_view field);
  /// The keys of the last conversion, once each, in order, not escaped. Valid until the next call, and no longer than
  /// the field they were found in.
  const std::vector<std::string_view>& keys() const noexcept { return keys_; }

 private:
  void split(std::string_view field);
  std::string_view without_prefixes(std::string_view key, std::size_t field_size);
  void merge_repeated_keys();
  void merge_by_comparing();
  void merge_by_hashing();

  void append_json_string(std::string_view text);

  InterruptCounter interrupts_;
  std::string json_;
  std::string key_bytes_;
  std::vector<std::string_view> keys_;
  std::vector<std::string_view> values_;
};

}  // namespace koku
