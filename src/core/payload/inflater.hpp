// One gzip member after the other, by the library that the build chose: isa-l, or zlib where there is no isa-l.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace koku {

/// Unpacks gzip members; checksum and length of each are verified. Which library does it makes no difference to the
/// bytes.
class Inflater final {
 public:
  Inflater();
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  /// Forgets the member that was being unpacked.
  void begin_member();

  /// What a call did: bytes of the output that it filled, whether the member has ended, and what is wrong with the
  /// input (nullptr: nothing).
  struct Result {
    std::size_t filled = 0;
    bool ended = false;
    const char* failure = nullptr;
  };

  /// Unpacks from `input`, which loses what was used, into `output`, at most up to the end of the member.
  Result inflate(std::string_view& input, std::span<char> output);

  /// Bytes that were taken from the input and have not been unpacked yet.
  std::size_t seen_ahead() const noexcept;

  /// The library, as a person would name it.
  static const char* library() noexcept;

 private:
  struct Stream;
  const std::unique_ptr<Stream> stream_;
};

}  // namespace koku
