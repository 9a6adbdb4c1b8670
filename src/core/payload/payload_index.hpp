// The first pass over a payload: its manifest and its members, every limit enforced before anything is loaded.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/interrupts.hpp"
#include "core/payload/archive.hpp"

namespace koku {

/// A member as found in the first pass. Of several members with one name the last counts.
struct Member {
  std::string name;
  MemberKind kind;
  std::uint32_t ordinal;
  std::uint64_t bytes;
};

/// What the first pass over a payload found.
struct PayloadIndex {
  std::string manifest;         ///< the bytes of the last regular member named manifest.json
  std::vector<Member> members;  ///< in archive order; of several regular members with one name only the last
  std::uint64_t unpacked_bytes = 0;
  std::vector<std::uint32_t> regular_by_name;  ///< places in `members` of the regular ones, sorted by name

  /// The regular member with this name, or nullptr.
  const Member* find(std::string_view name) const noexcept;
};

/// First pass: reads the whole payload once, keeps only the manifest and the list of members, and enforces all limits
/// before anything is loaded. Errors are those of ArchiveReader, and Error(invalid_archive) when there is no
/// manifest.json, or it is not a regular file.
PayloadIndex index_payload(ByteSource& source, const ArchiveLimits& limits, InterruptCheck check_interrupts = nullptr);

}  // namespace koku
