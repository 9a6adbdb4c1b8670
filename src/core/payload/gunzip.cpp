#include "core/payload/gunzip.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "core/base/error.hpp"
#include "core/base/hexadecimal.hpp"
#include "core/base/limit_error.hpp"

namespace koku {
namespace {

constexpr std::string_view gzip_magic("\x1f\x8b\x08", 3);  // with the only compression method there is
constexpr std::uint64_t bytes_between_interrupt_checks = 4 << 20;
// A small file of blanks may well shrink to a hundredth; only a large one is suspicious.
constexpr std::uint64_t ratio_free_bytes = 10 << 20;
constexpr std::size_t tar_block_bytes = 512;

constexpr const char* resend_hint = "Have the payload sent again; it was damaged or truncated in transit.";

/// The name of the format that `head`, the first bytes of a payload, looks like; nullptr when none is known.
const char* recognise(std::string_view head) {
  static constexpr struct {
    std::size_t offset;
    std::string_view magic;
    const char* name;
  } formats[] = {
      {0, "BZh", "bzip2"},      {0, "\xfd\x37zXZ", "xz"},           {0, "\x28\xb5\x2f\xfd", "zstd"},
      {0, "PK\x03\x04", "zip"}, {257, "ustar", "tar without gzip"}, {0, "{", "JSON"},
  };
  for (const auto& format : formats) {
    if (head.size() > format.offset && head.substr(format.offset).starts_with(format.magic)) return format.name;
  }
  return nullptr;
}

std::string first_bytes(ByteSource& source, std::size_t wanted) {
  source.rewind();
  std::string head;
  while (head.size() < wanted) {
    const std::string_view block = source.read();
    if (block.empty()) break;
    head += block.substr(0, wanted - head.size());
  }
  return head;
}

std::string hexadecimal(std::string_view bytes) {
  std::string out;
  for (const char byte : bytes) {
    if (!out.empty()) out += ' ';
    append_hexadecimal(static_cast<unsigned char>(byte), 2, out);
  }
  return out;
}

Error not_gzip_error(ByteSource& source) {
  constexpr const char* hint = "A payload is a gzip-compressed tar archive (tar.gz) as the operator makes it.";
  const std::string head = first_bytes(source, tar_block_bytes);
  if (head.empty()) return {ErrorKind::invalid_archive, "payload is empty", "It has no bytes.", hint};
  const char* format = recognise(head);
  std::string message = "payload is not gzip-compressed";
  if (format != nullptr) message.append(": it looks like ").append(format);
  return {
      ErrorKind::invalid_archive, std::move(message),
      "It begins with the bytes " + hexadecimal(std::string_view(head).substr(0, 8)) + ", a gzip file with 1f 8b 08.",
      hint};
}

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

Gunzip::Gunzip(ByteSource& source, const ArchiveLimits& limits, InterruptCheck check_interrupts)
    : source_(source),
      limits_(limits),
      check_interrupts_(std::move(check_interrupts)),
      stream_(std::make_unique<inflate_state>()),
      block_(std::make_unique_for_overwrite<char[]>(block_bytes)) {
  source_.rewind();
  isal_inflate_init(stream_.get());
  stream_->crc_flag = ISAL_GZIP;
}

Gunzip::~Gunzip() = default;

std::string_view Gunzip::read() {
  std::size_t filled = 0;
  while (filled < block_bytes && state_ != State::ended) {
    if (state_ == State::before_member && !begin_member()) {
      state_ = State::ended;
    } else {
      inflate_into(filled);
    }
  }
  unpacked_bytes_ += filled;
  check_limits();
  return {block_.get(), filled};
}

/// Unpacks into what is left of the block, at most up to the end of the gzip member.
void Gunzip::inflate_into(std::size_t& filled) {
  if (input_.empty() && !refill()) {
    throw Error(ErrorKind::invalid_archive, "payload is truncated",
                "The gzip data ends after " + std::to_string(received_bytes_) + " bytes without its checksum.",
                resend_hint);
  }
  stream_->next_out = reinterpret_cast<std::uint8_t*>(block_.get() + filled);
  stream_->avail_out = static_cast<std::uint32_t>(block_bytes - filled);
  run_inflate(input_);
  const std::size_t total = block_bytes - stream_->avail_out;
  count(total - filled);
  filled = total;
  if (stream_->block_state == ISAL_BLOCK_FINISH) state_ = State::before_member;
}

/// Goes over the first bytes of a gzip member. False at the end of the input and where something else follows.
bool Gunzip::begin_member() {
  std::size_t matched = 0;
  while (matched < gzip_magic.size()) {
    if (input_.empty() && !refill()) break;
    if (matched == 0 && !first_member_ && input_.front() == '\0') {
      const std::size_t zeros = std::min(input_.find_first_not_of('\0'), input_.size());
      input_.remove_prefix(zeros);
      count(zeros);
      continue;
    }
    if (input_.front() != gzip_magic[matched]) break;
    input_.remove_prefix(1);
    ++matched;
  }
  if (matched < gzip_magic.size()) {
    if (first_member_) throw not_gzip_error(source_);
    return false;
  }
  first_member_ = false;
  isal_inflate_reset(stream_.get());
  stream_->next_out = reinterpret_cast<std::uint8_t*>(block_.get());
  stream_->avail_out = 0;
  std::string_view magic = gzip_magic;
  run_inflate(magic);
  count(gzip_magic.size());
  state_ = State::in_member;
  return true;
}

bool Gunzip::refill() {
  input_ = source_.read();
  received_bytes_ += input_.size();
  return !input_.empty();
}

/// Unpacks from `input`, which loses what was used, to the output that stream_ points at.
void Gunzip::run_inflate(std::string_view& input) {
  constexpr std::size_t most_at_once = 1 << 30;  // the library counts in 32 bits
  const auto given = static_cast<std::uint32_t>(std::min(input.size(), most_at_once));
  // The library only reads them.
  stream_->next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(input.data()));
  stream_->avail_in = given;
  const int result = isal_inflate(stream_.get());
  input.remove_prefix(given - stream_->avail_in);
  if (result == ISAL_DECOMP_OK) return;
  throw Error(ErrorKind::invalid_archive, "payload is corrupt",
              "The gzip data is invalid near byte " + std::to_string(compressed_bytes()) + " (" +
                  describe_failure(result) + ").",
              resend_hint);
}

/// Compressed bytes used, without those that the library has only looked at.
std::uint64_t Gunzip::compressed_bytes() const noexcept {
  const auto seen_ahead = static_cast<std::uint64_t>(std::max(stream_->read_in_length, 0)) / 8;
  return received_bytes_ - input_.size() - seen_ahead;
}

/// Counts work done, so that input without output is cancelled as well.
void Gunzip::count(std::uint64_t bytes) {
  unchecked_bytes_ += bytes + 64;  // a gzip member of nothing costs something too
  if (unchecked_bytes_ < bytes_between_interrupt_checks) return;
  unchecked_bytes_ = 0;
  if (check_interrupts_ != nullptr) check_interrupts_();
}

void Gunzip::check_limits() {
  if (unpacked_bytes_ > limits_.max_payload_bytes) {
    throw limit_error("payload is larger than " + size_text(limits_.max_payload_bytes) + " when unpacked", {},
                      "max_payload_size");
  }
  if (unpacked_bytes_ <= ratio_free_bytes) return;
  if (unpacked_bytes_ / limits_.max_compression_ratio <= compressed_bytes()) return;
  throw limit_error(
      "payload unpacks to more than " + std::to_string(limits_.max_compression_ratio) + " times its compressed size",
      "The first " + std::to_string(compressed_bytes()) + " bytes gave " + std::to_string(unpacked_bytes_) +
          ", as a compression bomb does.",
      "max_compression_ratio");
}

}  // namespace koku
