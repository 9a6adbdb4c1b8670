// What reading a payload may cost (spec ingest.md 1.1).
#pragma once

#include <cstdint>

namespace koku {

/// What a payload may cost. Every limit that is passed raises Error(too_large) that names the limit and its setting.
struct ArchiveLimits {
  std::uint64_t max_payload_bytes = 8ULL << 30;   ///< unpacked bytes altogether: members, tar headers and padding
  std::uint64_t max_member_bytes = 2ULL << 30;    ///< unpacked bytes of one regular member
  std::uint64_t max_manifest_bytes = 2ULL << 20;  ///< unpacked bytes of manifest.json
  std::uint32_t max_members = 10'000;             ///< members of any kind
  std::uint32_t max_compression_ratio = 200;      ///< unpacked / compressed bytes, from 1 MB unpacked on; at least 1
};

}  // namespace koku
