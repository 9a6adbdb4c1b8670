// Where the bytes stand that give a CSV text its structure: comma, quote, line feed, carriage return.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace koku {

/// Bytes after a text that index_delimiters() may read (and ignores).
inline constexpr std::size_t delimiter_padding = 64;
/// Entries after the last position that index_delimiters() may overwrite.
inline constexpr std::size_t delimiter_slack = 8;

/// Writes the offset of each delimiter of `text` to `positions`, ascending, and returns how many there are.
/// delimiter_padding bytes after the text must be readable, and `positions` must have room for
/// text.size() + delimiter_slack entries. Texts of 4 GB and more are not supported.
using IndexDelimiters = std::size_t (*)(std::string_view text, std::uint32_t* positions);

struct DelimiterIndexer {
  std::string_view name;  ///< the instructions it is made of
  IndexDelimiters index;
};

/// The implementations this processor can run, the fastest first; never empty.
std::span<const DelimiterIndexer> delimiter_indexers() noexcept;

}  // namespace koku
