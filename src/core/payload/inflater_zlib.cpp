// The Inflater of builds without isa-l (make ISAL=no): zlib is everywhere.
#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <new>

#include "core/payload/inflater.hpp"

namespace koku {
namespace {

constexpr std::size_t most_at_once = 1 << 30;     // the library counts in 32 bits
constexpr int gzip_window_bits = MAX_WBITS + 16;  // the largest window, in a gzip member

// The library says what is wrong in words only.
const char* describe_failure(const char* words) {
  static constexpr struct {
    std::string_view part;
    const char* meaning;
  } failures[] = {
      {"invalid block type", "a block of an unknown kind"},
      {"invalid stored block", "a block of an unknown kind"},
      {"too far back", "a back-reference before the start of the data"},
      {"data check", "checksum or length differ"},
      {"length check", "checksum or length differ"},
      {"header", "a wrong header"},
      {"method", "a wrong header"},
  };
  const std::string_view said = words == nullptr ? "" : words;
  for (const auto& failure : failures) {
    if (said.find(failure.part) != std::string_view::npos) return failure.meaning;
  }
  return "an invalid code";
}

}  // namespace

struct Inflater::Stream {
  z_stream state{};

  Stream() {
    if (inflateInit2(&state, gzip_window_bits) != Z_OK) throw std::bad_alloc();
  }
  ~Stream() { inflateEnd(&state); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
};

Inflater::Inflater() : stream_(std::make_unique<Stream>()) {}

Inflater::~Inflater() = default;

void Inflater::begin_member() { inflateReset(&stream_->state); }

Inflater::Result Inflater::inflate(std::string_view& input, std::span<char> output) {
  z_stream& state = stream_->state;
  const auto given = static_cast<uInt>(std::min(input.size(), most_at_once));
  const auto room = static_cast<uInt>(std::min(output.size(), most_at_once));
  // The library only reads them.
  state.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
  state.avail_in = given;
  state.next_out = reinterpret_cast<Bytef*>(output.data());
  state.avail_out = room;
  const int result = ::inflate(&state, Z_NO_FLUSH);
  input.remove_prefix(given - state.avail_in);
  if (result == Z_MEM_ERROR) throw std::bad_alloc();
  // Z_BUF_ERROR: nothing could be done for want of input or room, which is no fault.
  const bool sound = result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR;
  return {.filled = room - state.avail_out,
          .ended = result == Z_STREAM_END,
          .failure = sound ? nullptr : describe_failure(state.msg)};
}

std::size_t Inflater::seen_ahead() const noexcept {
  constexpr int bit_count = 63;  // the other bits of data_type tell where in a block the stream is
  return static_cast<std::size_t>(stream_->state.data_type & bit_count) / 8;
}

const char* Inflater::library() noexcept { return "zlib"; }

}  // namespace koku
