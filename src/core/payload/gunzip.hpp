// The compressed side of a payload: gzip members in a row, unpacked as one stream (spec ingest.md 1.1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "core/base/byte_source.hpp"
#include "core/base/interrupts.hpp"
#include "core/payload/archive_limits.hpp"
#include "core/payload/inflater.hpp"

namespace koku {

/// Unpacks a source block by block. Every byte is counted here, wanted or not, so that no kind of padding escapes the
/// limits on the unpacked size and on the compression ratio. Checksum and length of each gzip member are verified.
/// Accepted: several gzip members, zero bytes between them, anything that is no gzip after the last.
/// Errors: invalid_archive for what is no gzip (naming what it looks like), truncated or corrupt; too_large.
class Gunzip final : public ByteInput {
 public:
  /// Size of all blocks but the last: a multiple of the tar block, so that no tar header is cut by a block's end.
  static constexpr std::size_t block_bytes = 256 * 1024;

  /// Rewinds `source`, which must outlive this object.
  Gunzip(ByteSource& source, const ArchiveLimits& limits, InterruptCheck check_interrupts);
  ~Gunzip() override;
  Gunzip(const Gunzip&) = delete;
  Gunzip& operator=(const Gunzip&) = delete;

  std::string_view read() override;
  /// Bytes that read() has given so far.
  std::uint64_t unpacked_bytes() const noexcept { return unpacked_bytes_; }

 private:
  enum class State { before_member, in_member, ended };

  void inflate_into(std::size_t& filled);
  bool begin_member();
  bool refill();
  Inflater::Result run_inflate(std::string_view& input, std::span<char> output);
  void check_limits();
  std::uint64_t compressed_bytes() const noexcept;

  ByteSource& source_;
  const ArchiveLimits limits_;
  InterruptCounter interrupts_;
  Inflater inflater_;
  std::unique_ptr<char[]> block_;
  std::string_view input_;  ///< compressed bytes received and not used yet
  State state_ = State::before_member;
  bool first_member_ = true;
  std::uint64_t received_bytes_ = 0;
  std::uint64_t unpacked_bytes_ = 0;
};

}  // namespace koku
