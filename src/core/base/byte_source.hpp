// The two ends of a stream of bytes: where a payload's compressed bytes come from, and what a scanner pulls from.
#pragma once

#include <cstdint>
#include <string_view>

namespace koku {

/// Bytes that are read once, front to back.
class ByteInput {
 public:
  virtual ~ByteInput() = default;
  /// The next block; empty at the end. The view stays valid until the next call.
  virtual std::string_view read() = 0;
};

/// A payload's compressed bytes: a value in memory, a server file or a large object. Can be read more than once.
class ByteSource : public ByteInput {
 public:
  /// Starts again at the first byte.
  virtual void rewind() = 0;
  /// Compressed size in bytes.
  virtual std::uint64_t size() const = 0;
  /// Whether any thread may read it, one at a time. Else only the one that opened it.
  virtual bool is_for_any_thread() const noexcept { return false; }
};

/// A ByteSource over bytes that somebody else keeps alive.
class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(std::string_view bytes) : bytes_(bytes) {}
  std::string_view read() override {
    const std::string_view all = done_ ? std::string_view{} : bytes_;
    done_ = true;
    return all;
  }
  void rewind() override { done_ = false; }
  std::uint64_t size() const override { return bytes_.size(); }
  bool is_for_any_thread() const noexcept override { return true; }

 private:
  std::string_view bytes_;
  bool done_ = false;
};

}  // namespace koku
