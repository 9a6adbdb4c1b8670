// UUIDs as a manifest writes them (spec ingest.md 1.3).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace koku {

/// A UUID of version 4 and of the RFC variant in lower case with hyphens; nothing for any other text. Accepted forms:
/// with hyphens, that in braces or after `urn:uuid:`, and 32 digits without hyphens; digits in any case.
std::optional<std::string> normalise_random_uuid(std::string_view text);

}  // namespace koku
