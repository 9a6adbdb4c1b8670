// The Inflater of builds with isa-l, which take half the time for it (docs/performance.md).
#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <cstdint>

#include "core/payload/inflater.hpp"

namespace koku {
namespace {

constexpr std::size_t most_at_once = 1 << 30;  // the library counts in 32 bits

const char* describe_failure(int result) {
  switch (result) {
    case ISAL_INVALID_BLOCK:
      return "a block of an unknown kind";
    case ISAL_INVALID_SYMBOL:
      return "an invalid code";
    case ISAL_INVALID_LOOKBACK:
      return "a back-reference before the start of the data";
    case ISAL_INVALID_WRAPPER:
    case ISAL_UNSUPPORTED_METHOD:
      return "a wrong header";
    case ISAL_INCORRECT_CHECKSUM:
      return "checksum or length differ";
    default:
      return "unknown";
  }
}

}  // namespace

struct Inflater::Stream {
  inflate_state state;
};

Inflater::Inflater() : stream_(std::make_unique<Stream>()) {
  isal_inflate_init(&stream_->state);
  stream_->state.crc_flag = ISAL_GZIP;
}

Inflater::~Inflater() = default;

void Inflater::begin_member() { isal_inflate_reset(&stream_->state); }

Inflater::Result Inflater::inflate(std::string_view& input, std::span<char> output) {
  inflate_state& state = stream_->state;
  const auto given = static_cast<std::uint32_t>(std::min(input.size(), most_at_once));
  const auto room = static_cast<std::uint32_t>(std::min(output.size(), most_at_once));
  // The library only reads them.
  state.next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(input.data()));
  state.avail_in = given;
  state.next_out = reinterpret_cast<std::uint8_t*>(output.data());
  state.avail_out = room;
  const int result = isal_inflate(&state);
  input.remove_prefix(given - state.avail_in);
  return {.filled = room - state.avail_out,
          .ended = state.block_state == ISAL_BLOCK_FINISH,
          .failure = result == ISAL_DECOMP_OK ? nullptr : describe_failure(result)};
}

std::size_t Inflater::seen_ahead() const noexcept {
  return static_cast<std::size_t>(std::max(stream_->state.read_in_length, 0)) / 8;
}

const char* Inflater::library() noexcept { return "isa-l"; }

}  // namespace koku
