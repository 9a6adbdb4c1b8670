// The JSON text of a manifest, parsed with the exceptions that real manifests need (spec ingest.md 1.3).
#pragma once

#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>

namespace koku {

/// A parsed manifest. Accepted beyond JSON: a byte order mark; the words NaN, Infinity and -Infinity where a value may
/// stand, which become a list in a list with that word, a value that no field of a manifest takes.
class ManifestJson {
 public:
  /// Error(invalid_manifest) for what is no JSON object, no UTF-8 or too deeply nested. Keeps no view of `text`.
  explicit ManifestJson(std::string_view text);

  /// Valid as long as this object.
  simdjson::dom::object root() const { return root_; }

 private:
  simdjson::dom::parser parser_;
  simdjson::dom::object root_;
};

/// The value of the last field named `key`; nothing when there is none.
std::optional<simdjson::dom::element> last_field(simdjson::dom::object object, std::string_view key);

/// The string in `value`; nothing when it is no string.
std::optional<std::string_view> string_in(simdjson::dom::element value);

/// What Python takes for true: all but null, false, 0, and an empty string, list or object.
bool is_truthy(simdjson::dom::element value);

/// `value` as JSON text without \u0000, which the server's jsonb cannot hold.
std::string storable_json(simdjson::dom::element value);

/// `value` for a message, cut short.
std::string value_excerpt(simdjson::dom::element value);

}  // namespace koku
