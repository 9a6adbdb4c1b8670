// Memory that is given back all at once: what a payload keeps until its daily rows are written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "core/base/assertion.hpp"

namespace koku {

/// Hands out pieces of large blocks; nothing is freed before the arena itself or reset().
class Arena {
 public:
  explicit Arena(std::size_t block_bytes = std::size_t{256} << 10) : block_bytes_(block_bytes) {}

  /// Memory aligned for any plain type up to 8 bytes. Throws std::bad_alloc.
  void* allocate(std::size_t bytes) {
    bytes = (bytes + 7) & ~std::size_t{7};
    if (bytes > left_) add_block(bytes);
    KOKU_ASSERT(bytes <= left_);
    char* piece = next_;
    next_ += bytes;
    left_ -= bytes;
    return piece;
  }

  /// Forgets everything handed out and keeps one block for reuse.
  void reset() {
    if (blocks_.size() > 1) blocks_.erase(blocks_.begin(), blocks_.end() - 1);
    allocated_ = blocks_.empty() ? 0 : last_block_bytes_;
    next_ = blocks_.empty() ? nullptr : blocks_.back().get();
    left_ = allocated_;
  }

  /// Bytes taken from the system.
  std::size_t allocated_bytes() const noexcept { return allocated_; }

 private:
  void add_block(std::size_t at_least) {
    const std::size_t size = at_least > block_bytes_ ? at_least : block_bytes_;
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(size));
    next_ = blocks_.back().get();
    left_ = size;
    last_block_bytes_ = size;
    allocated_ += size;
  }

  std::size_t block_bytes_;
  std::size_t last_block_bytes_ = 0;
  std::size_t allocated_ = 0;
  std::size_t left_ = 0;
  char* next_ = nullptr;
  std::vector<std::unique_ptr<char[]>> blocks_;
};

/// Makes the four bytes that stand in front of every stored text; lets the server store a text in its own form, so that
/// a text is converted once and passed on as it is. The default is the plain length.
using TextHeader = std::uint32_t (*)(std::size_t length);
inline std::uint32_t plain_text_header(std::size_t length) { return static_cast<std::uint32_t>(length); }
inline constexpr std::size_t text_header_bytes = sizeof(std::uint32_t);

/// Copies `text` into the arena behind its header. The view is of the copy; its data() - text_header_bytes is the
/// header.
inline std::string_view store_text(Arena& arena, TextHeader header, std::string_view text) {
  char* memory = static_cast<char*>(arena.allocate(text_header_bytes + text.size()));
  const std::uint32_t prefix = header(text.size());
  std::memcpy(memory, &prefix, text_header_bytes);
  if (!text.empty()) std::memcpy(memory + text_header_bytes, text.data(), text.size());
  return {memory + text_header_bytes, text.size()};
}

}  // namespace koku
