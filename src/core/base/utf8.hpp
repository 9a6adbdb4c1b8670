// UTF-8: decoding one character, and turning any stream of bytes into valid UTF-8 (spec ingest.md 1.10).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace koku {

/// What stands at the front of a text. A sequence that is not valid counts as U+FFFD and is as long as its maximal
/// subpart in the sense of the Unicode standard (section 3.9, U+FFFD substitution).
struct Utf8Character {
  char32_t code_point;
  std::uint8_t size;  ///< bytes, 1..4
  bool valid;
};

inline constexpr char32_t replacement_character = 0xFFFD;
inline constexpr std::string_view replacement_utf8 = "\xEF\xBF\xBD";
inline constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// Decodes the first character of `text`, which must not be empty.
Utf8Character decode_utf8(std::string_view text) noexcept;

inline constexpr bool is_utf8_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

/// Makes valid UTF-8 without NUL of blocks of bytes that may be cut anywhere: an invalid sequence becomes U+FFFD, a NUL
/// is removed. Blocks that need neither, nearly all, are only checked and copied.
class Utf8Cleaner {
 public:
  /// The most bytes that append() writes for a block of `size` bytes, or finish() for size 0.
  static constexpr std::size_t most_output(std::size_t size) { return 3 * (size + 3); }

  /// Writes the cleaned block to `out` and returns the end of it. A character cut by the end of the block is written
  /// by the next call. `out` must have room for most_output(block.size()) bytes and not overlap the block.
  char* append(std::string_view block, char* out);
  /// Ends the stream: a character still cut is invalid.
  char* finish(char* out);

  /// Invalid sequences replaced so far.
  std::uint64_t replaced_sequences() const noexcept { return replaced_sequences_; }
  /// NUL bytes removed so far.
  std::uint64_t removed_nuls() const noexcept { return removed_nuls_; }

 private:
  char* append_whole_characters(std::string_view text, char* out);
  char* repair(std::string_view text, char* out);

  std::array<char, 4> cut_;  ///< the character cut by the end of the last block
  std::size_t cut_size_ = 0;
  std::uint64_t replaced_sequences_ = 0;
  std::uint64_t removed_nuls_ = 0;
};

}  // namespace koku
