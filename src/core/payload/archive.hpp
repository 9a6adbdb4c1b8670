// A payload as a stream of members: gzip-compressed tar, read front to back, nothing written to disk (spec
// ingest.md 1.1, 1.2).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/byte_source.hpp"
#include "core/base/interrupts.hpp"
#include "core/payload/archive_limits.hpp"

namespace koku {

enum class MemberKind {
  regular,      ///< a plain file: its bytes can be read
  directory,    ///< harmless, real payloads contain `./`
  link,         ///< symbolic or hard link: ignored
  special,      ///< device, FIFO, socket, sparse file or anything else: ignored
  unsafe_path,  ///< a path with `..`, or a name that is empty, no UTF-8 or longer than 1024 bytes: ignored
};

/// Reads the members of one payload in order. Not copyable; one pass, make a new one for the next pass.
/// Raises Error(invalid_archive) for plain tar, bzip2, zero bytes, truncated or corrupt data; garbage after the last
/// gzip member, several gzip members in a row and a tar without its end mark are accepted. Raises Error(too_large) when
/// a limit is passed, also in members that are skipped. Errors of `source` and `check_interrupts` pass through.
/// After an error the reader must not be used again.
class ArchiveReader final : public ByteInput {
 public:
  /// Rewinds `source`, which must outlive the reader.
  ArchiveReader(ByteSource& source, const ArchiveLimits& limits, InterruptCheck check_interrupts = nullptr);
  ~ArchiveReader() override;
  ArchiveReader(const ArchiveReader&) = delete;
  ArchiveReader& operator=(const ArchiveReader&) = delete;

  /// Moves to the next member, skipping what is left of the current one. False after the last, when the rest of the
  /// gzip data has been verified too.
  bool next_member();
  /// The current member's name without leading `./` and `/` and, of a directory, trailing `/`; empty for the top
  /// directory. Always valid UTF-8: of an unsafe path it is an excerpt for messages. Valid until next_member().
  const std::string& name() const noexcept;
  MemberKind kind() const noexcept;
  /// 0-based place of the current member in the archive, members of every kind counted.
  std::uint32_t ordinal() const noexcept;
  /// Unpacked bytes of the current member, 0 unless regular.
  std::uint64_t size() const noexcept;
  /// The next block of the current member's bytes; empty at its end and for members that are not regular.
  std::string_view read() override;
  /// Unpacked bytes so far: members, tar headers and padding.
  std::uint64_t unpacked_bytes() const noexcept;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace koku
