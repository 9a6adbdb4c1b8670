// From the bytes a fuzzer makes to what the core reads.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/base/byte_source.hpp"
#include "core/payload/archive_limits.hpp"

namespace koku::fuzz {

/// Bytes in blocks of one size, as a stream cuts them: in the middle of characters, quotes and line ends.
class BlockInput final : public ByteInput {
 public:
  BlockInput(std::string_view bytes, std::size_t block_bytes) : bytes_(bytes), block_bytes_(block_bytes) {}
  std::string_view read() override;

 private:
  std::string_view bytes_;
  std::size_t block_bytes_;
};

/// A payload's compressed bytes in blocks of one size.
class BlockSource final : public ByteSource {
 public:
  BlockSource(std::string_view bytes, std::size_t block_bytes)
      : bytes_(bytes), block_bytes_(block_bytes), rest_(bytes, block_bytes) {}
  std::string_view read() override { return rest_.read(); }
  void rewind() override { rest_ = BlockInput(bytes_, block_bytes_); }
  std::uint64_t size() const override { return bytes_.size(); }

 private:
  std::string_view bytes_;
  std::size_t block_bytes_;
  BlockInput rest_;
};

/// Limits that inputs of some kB can pass.
ArchiveLimits small_limits();

/// The payload that an input stands for. A mutation hardly ever leaves the checksums of gzip and tar right, so they are
/// made here, from one of three forms:
///   the magic of gzip      the payload as it is
///   `%% TYPE NAME` lines   members: a tar header of this type (a character, as in tar) and name; the bytes up to the
///                          next such line are the member's. `NAME -> TARGET` for links; records `KEY=VALUE`, a line
///                          each, for pax headers (x, g); L makes a long name for the next member; # stands for bytes
///                          without a header
///   anything else          a tar archive; the checksums of its headers are put right
std::string payload_of(std::string_view input);

}  // namespace koku::fuzz
