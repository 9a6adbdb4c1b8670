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
constexpr std::uint64_t work_of_a_member = 256;            // a gzip member of nothing costs something too, in bytes
// What is small does no harm, however much it shrank. Reports shrink to a twentieth, with the longest labels to a
// seventieth.
constexpr std::uint64_t ratio_free_bytes = 1 << 20;
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

}  // namespace

Gunzip::Gunzip(ByteSource& source, const ArchiveLimits& limits, InterruptCheck check_interrupts)
    : source_(source),
      limits_(limits),
      interrupts_(std::move(check_interrupts)),
      block_(std::make_unique_for_overwrite<char[]>(block_bytes)) {
  source_.rewind();
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
  const Inflater::Result result = run_inflate(input_, std::span(block_.get(), block_bytes).subspan(filled));
  interrupts_.count(result.filled);
  filled += result.filled;
  if (result.ended) state_ = State::before_member;
}

/// Goes over the first bytes of a gzip member. False at the end of the input and where something else follows.
bool Gunzip::begin_member() {
  std::size_t matched = 0;
  while (matched < gzip_magic.size()) {
    if (input_.empty() && !refill()) break;
    if (matched == 0 && !first_member_ && input_.front() == '\0') {
      const std::size_t zeros = std::min(input_.find_first_not_of('\0'), input_.size());
      input_.remove_prefix(zeros);
      interrupts_.count(zeros);
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
  inflater_.begin_member();
  std::string_view magic = gzip_magic;
  run_inflate(magic, std::span(block_.get(), 0));
  interrupts_.count(work_of_a_member);
  state_ = State::in_member;
  return true;
}

bool Gunzip::refill() {
  input_ = source_.read();
  received_bytes_ += input_.size();
  return !input_.empty();
}

/// Unpacks from `input`, which loses what was used.
Inflater::Result Gunzip::run_inflate(std::string_view& input, std::span<char> output) {
  const Inflater::Result result = inflater_.inflate(input, output);
  if (result.failure == nullptr) return result;
  throw Error(ErrorKind::invalid_archive, "payload is corrupt",
              "The gzip data is invalid near byte " + std::to_string(compressed_bytes()) + " (" + result.failure + ").",
              resend_hint);
}

/// Compressed bytes used, without those that the library has only looked at.
std::uint64_t Gunzip::compressed_bytes() const noexcept {
  return received_bytes_ - input_.size() - inflater_.seen_ahead();
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
