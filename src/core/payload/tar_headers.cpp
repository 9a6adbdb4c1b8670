#include "core/payload/tar_headers.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "core/base/error.hpp"
#include "core/base/limit_error.hpp"

namespace koku {
namespace {

constexpr std::size_t tar_block_bytes = TarHeaders::tar_block_bytes;
constexpr std::size_t size_at = 124;
constexpr std::size_t size_bytes = 12;
constexpr std::size_t checksum_at = 148;
constexpr std::size_t checksum_bytes = 8;
constexpr std::size_t type_at = 156;
constexpr std::size_t checksum_digits = 6;

/// The number in an octal field, which blanks may precede and a blank or NUL ends; nothing for other forms.
std::optional<std::uint64_t> octal(std::string_view field) {
  field.remove_prefix(std::min(field.find_first_not_of(' '), field.size()));
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value, 8);
  if (error != std::errc()) return std::nullopt;
  if (end != field.data() + field.size() && *end != ' ' && *end != '\0') return std::nullopt;
  return value;
}

/// Sum of the bytes of a header, its checksum read as blanks.
template <typename Byte>
std::int64_t checksum(std::string_view block) {
  std::int64_t sum = std::int64_t{' '} * checksum_bytes;
  for (std::size_t at = 0; at < tar_block_bytes; ++at)
    if (at < checksum_at || at >= checksum_at + checksum_bytes) sum += static_cast<Byte>(block[at]);
  return sum;
}

/// Old writers added signed bytes; libarchive takes both.
bool has_valid_checksum(std::string_view block) {
  const auto stored = octal(block.substr(checksum_at, checksum_bytes));
  if (!stored) return false;
  const auto sum = static_cast<std::int64_t>(*stored);
  return sum == checksum<unsigned char>(block) || sum == checksum<signed char>(block);
}

using Extension = TarHeaders::Extension;

Extension extension_of(char type) {
  switch (type) {
    case 'x':
    case 'X':
      return Extension::records;
    case 'K':
    case 'L':
      return Extension::text;
    case 'A':
    case 'g':
      return Extension::needless;
    default:
      return Extension::none;
  }
}

void write_octal(std::string& block, std::size_t at, std::size_t digits, std::uint64_t value) {
  for (std::size_t place = digits; place-- > 0; value /= 8) block[at + place] = static_cast<char>('0' + value % 8);
}

/// The header of an extension whose data have another size now.
void write_size(std::string& block, std::size_t size) {
  write_octal(block, size_at, size_bytes - 1, size);
  block[size_at + size_bytes - 1] = '\0';
  write_octal(block, checksum_at, checksum_digits, static_cast<std::uint64_t>(checksum<unsigned char>(block)));
  block[checksum_at + checksum_digits] = '\0';
  block[checksum_at + checksum_digits + 1] = ' ';
}

bool is_needed(std::string_view key) {
  return key == "path" || key == "linkpath" || key == "size" || key == "SCHILY.realsize" ||
         key.starts_with("GNU.sparse.");
}

/// The records that stay. What is no record, and all after it, stays as well: it is for the reader to complain.
std::string needed_records(std::string_view records) {
  std::string needed;
  while (!records.empty()) {
    std::size_t length = 0;
    const auto [end, error] = std::from_chars(records.data(), records.data() + records.size(), length);
    const auto digits = static_cast<std::size_t>(end - records.data());
    if (error != std::errc() || length <= digits + 1 || length > records.size() || *end != ' ' ||
        records[length - 1] != '\n')
      return needed.append(records);
    const std::string_view record = records.substr(0, length);
    if (is_needed(record.substr(digits + 1, record.find('=') - (digits + 1)))) needed.append(record);
    records.remove_prefix(length);
  }
  return needed;
}

std::uint64_t padded(std::uint64_t bytes) { return (bytes + tar_block_bytes - 1) / tar_block_bytes * tar_block_bytes; }

Error header_error(std::string message) {
  return {
      ErrorKind::too_large,
      std::move(message),
      {},
      "Extended attributes, long names or maps of sparse files are out of proportion. Have the payload made without "
      "them."};
}

}  // namespace

std::string_view TarHeaders::read() {
  if (inside_header_) return read_header();
  const std::string_view bytes = take(data_bytes_ > 0 ? data_bytes_ : tar_block_bytes);
  data_bytes_ -= std::min<std::uint64_t>(bytes.size(), data_bytes_);
  return bytes;
}

void TarHeaders::begin_header() noexcept {
  inside_header_ = true;
  header_bytes_ = 0;
}

void TarHeaders::begin_data(std::uint64_t bytes) noexcept {
  inside_header_ = false;
  data_bytes_ = bytes;
}

std::string_view TarHeaders::read_header() {
  for (;;) {
    if (kept_place_ < kept_.size()) {
      const std::string_view block = std::string_view(kept_).substr(kept_place_, tar_block_bytes);
      kept_place_ += block.size();
      return block;
    }
    const std::string_view block = take(tar_block_bytes);
    count_header_bytes(block.size());
    const Extension extension = block.size() < tar_block_bytes ? Extension::none : extension_of(block[type_at]);
    if (extension == Extension::none) return block;
    kept_.assign(block);
    kept_place_ = 0;
    if (has_valid_checksum(block)) {
      read_extension(extension);
    } else {
      // libarchive takes some checksums that are none here; it takes none without digits.
      kept_.replace(checksum_at, checksum_bytes, checksum_bytes, 'x');
    }
  }
}

/// Reads the data of the extended header in kept_ and leaves there what stays of both.
void TarHeaders::read_extension(Extension extension) {
  const auto size = octal(std::string_view(kept_).substr(size_at, size_bytes));
  if (!size)
    throw Error(ErrorKind::invalid_archive, "payload has an unrecognized tar header",
                "An extended header does not say how long it is.");
  all_header_bytes_ += tar_block_bytes;
  count_header_bytes(*size);
  all_header_bytes_ += *size;
  if (all_header_bytes_ > max_all_header_bytes)
    throw header_error("payload has more than " + size_text(max_all_header_bytes) + " of extended tar headers");
  take_into(kept_, padded(*size));
  if (extension == Extension::needless) {
    kept_.clear();
  } else if (extension == Extension::records && kept_.size() >= tar_block_bytes + *size) {
    const std::string needed = needed_records(std::string_view(kept_).substr(tar_block_bytes, *size));
    kept_.resize(tar_block_bytes);
    write_size(kept_, needed.size());
    kept_.append(needed).append(padded(needed.size()) - needed.size(), '\0');
  }
}

/// Up to so many bytes, as many as come at once; none at the end of the input.
std::string_view TarHeaders::take(std::uint64_t wanted) {
  if (unread_.empty()) unread_ = input_.read();
  const std::string_view bytes = unread_.substr(0, std::min<std::uint64_t>(wanted, unread_.size()));
  unread_.remove_prefix(bytes.size());
  return bytes;
}

void TarHeaders::take_into(std::string& bytes, std::uint64_t wanted) {
  while (wanted > 0) {
    const std::string_view piece = take(wanted);
    if (piece.empty()) return;
    bytes.append(piece);
    wanted -= piece.size();
  }
}

void TarHeaders::count_header_bytes(std::uint64_t bytes) {
  header_bytes_ += bytes;
  if (header_bytes_ > max_header_bytes)
    throw header_error("payload has a tar header of more than " + size_text(max_header_bytes));
}

}  // namespace koku
