// Labels: `label_app:web|label_env:prod` becomes `{"app": "web", "env": "prod"}` (spec ingest.md 3.2).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace koku {

/// Converts label fields; keeps its scratch memory from one call to the next.
class LabelConverter {
 public:
  /// The JSON text (ASCII only, `{}` when there is no label). Valid until the next call.
  std::string_view convert(std::string_view field);
  /// The keys of the last conversion, once each, in order, not escaped. Valid until the next call.
  const std::vector<std::string_view>& keys() const noexcept { return keys_; }

 private:
  std::string json_;
  std::string key_bytes_;
  std::vector<std::string_view> keys_;
  std::vector<std::string_view> values_;
};

}  // namespace koku
