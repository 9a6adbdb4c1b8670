// A payload as a stream of members: gzip-compressed tar, read front to back, nothing written to disk (spec ingest.md 1.1, 1.2).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/byte_source.hpp"

namespace koku {

/// What a payload may cost. Every limit that is passed raises Error(too_large) that names the limit and its setting.
struct ArchiveLimits {
  std::uint64_t max_payload_bytes = 8ULL << 30;   ///< unpacked bytes of all members together
  std::uint64_t max_member_bytes = 2ULL << 30;    ///< unpacked bytes of one member
  std::uint64_t max_manifest_bytes = 10ULL << 20; ///< unpacked bytes of manifest.json
  std::uint32_t max_members = 10'000;
  std::uint32_t max_compression_ratio = 200;      ///< unpacked / compressed bytes, looked at after the first 10 MB unpacked
};

enum class MemberKind {
  regular,      ///< a plain file: its bytes can be read
  directory,    ///< harmless, real payloads contain `./`
  link,         ///< symbolic or hard link: ignored
  special,      ///< device, FIFO, socket or anything else: ignored
  unsafe_path,  ///< a path with `..`, or a name that is empty or no UTF-8: ignored
};

/// Reads the members of one payload in order. Not copyable; one pass, make a new one for the next pass.
/// Raises Error(invalid_archive) for plain tar, bzip2, zero bytes, truncated or corrupt data; garbage after the last
/// gzip member and several gzip members in a row are accepted. A sparse member counts as special.
class ArchiveReader final : public ByteInput {
 public:
  /// Rewinds `source`, which must outlive the reader.
  ArchiveReader(ByteSource& source, const ArchiveLimits& limits);
  ~ArchiveReader() override;
  ArchiveReader(const ArchiveReader&) = delete;
  ArchiveReader& operator=(const ArchiveReader&) = delete;

  /// Moves to the next member, skipping what is left of the current one. False after the last.
  bool next_member();
  /// The current member's name without leading `./` and `/`. Valid until next_member().
  const std::string& name() const noexcept;
  MemberKind kind() const noexcept;
  /// 0-based place of the current member in the archive.
  std::uint32_t ordinal() const noexcept;
  /// The next block of the current member's bytes; empty at its end.
  std::string_view read() override;
  /// Unpacked bytes so far, all members.
  std::uint64_t unpacked_bytes() const noexcept;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

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

  /// The regular member with this name, or nullptr.
  const Member* find(std::string_view name) const noexcept;
};

/// First pass: reads the whole payload once, keeps only the manifest and the list of members, and enforces all limits
/// before anything is loaded. Error(invalid_archive) when there is no manifest.json, or it is not a regular file.
/// `check_interrupts` is called now and then (every few MB); it may throw.
PayloadIndex index_payload(ByteSource& source, const ArchiveLimits& limits, void (*check_interrupts)() = nullptr);

}  // namespace koku
