// Names of archive members (spec ingest.md 1.2).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace koku {

/// A name may be longer than a file system allows (255 bytes), but not so long that thousands of them fill the memory.
inline constexpr std::size_t max_member_name_bytes = 1024;

struct MemberName {
  std::string text;  ///< an excerpt for messages when not safe; always valid UTF-8
  bool safe;
};

/// Strips leading `./` and `/`, and trailing `/` of a directory. Not safe: a component `..`, a name that is no UTF-8 or
/// too long, and an empty one unless it is a directory's (the top directory).
MemberName clean_member_name(std::string_view raw, bool is_directory);

}  // namespace koku
