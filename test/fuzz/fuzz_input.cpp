#include "fuzz_input.hpp"

#include <algorithm>
#include <cstdint>

#include "../unit/make_archive.hpp"

namespace koku::fuzz {
namespace {

constexpr std::string_view gzip_magic = "\x1f\x8b";
constexpr std::string_view member_mark = "%% ";
constexpr std::size_t tar_block_bytes = 512;
constexpr std::size_t longest_tar_name = 100;

/// Takes the text up to `separator`, or all of it, off the front.
std::string_view take_until(std::string_view& text, std::string_view separator) {
  const std::string_view taken = text.substr(0, text.find(separator));
  text.remove_prefix(std::min(taken.size() + separator.size(), text.size()));
  return taken;
}

void add_pax(test::TarBuilder& tar, char type, std::string_view records) {
  std::string bytes;
  while (!records.empty()) {
    std::string_view value = take_until(records, "\n");
    const std::string_view key = take_until(value, "=");
    // The length counts itself; the builder's own way takes a list that is known when it is written.
    const std::size_t rest = key.size() + value.size() + 3;
    std::size_t length = rest + 1;
    while (rest + std::to_string(length).size() != length) ++length;
    bytes.append(std::to_string(length)).append(" ").append(key).append("=").append(value).append("\n");
  }
  tar.member({.name = "pax", .type = type, .size = bytes.size()}, bytes);
}

void add_member(test::TarBuilder& tar, std::string_view header, std::string_view bytes) {
  const char type = header.empty() ? '0' : header.front();
  std::string_view rest = header.substr(std::min<std::size_t>(2, header.size()));
  const std::string_view name = take_until(rest, " -> ").substr(0, longest_tar_name);
  if (type == '#') {
    tar.raw(bytes);
  } else if (type == 'x' || type == 'g') {
    add_pax(tar, type, bytes);
  } else if (type == 'L') {
    tar.gnu_long_name(header.substr(std::min<std::size_t>(2, header.size())));
  } else {
    const bool has_data = type != '1' && type != '2' && type != '5';
    tar.member({.name = std::string(name),
                .type = type,
                .size = has_data ? bytes.size() : 0,
                .link_target = std::string(rest.substr(0, longest_tar_name)),
                .gnu = type == 'S'},
               has_data ? bytes : std::string_view{});
  }
}

std::string tar_of_members(std::string_view text) {
  test::TarBuilder tar;
  text.remove_prefix(member_mark.size());
  while (!text.empty()) {
    std::string_view member = take_until(text, "\n%% ");
    const std::string_view header = take_until(member, "\n");
    add_member(tar, header, member);
  }
  return tar.tar();
}

std::string with_checksums(std::string_view bytes) {
  constexpr std::size_t checksum_at = 148;
  constexpr std::size_t checksum_bytes = 8;
  std::string tar(bytes);
  for (std::size_t block = 0; block + tar_block_bytes <= tar.size(); block += tar_block_bytes) {
    if (tar.compare(block + 257, 5, "ustar") != 0) continue;
    const auto checksum = tar.begin() + static_cast<std::ptrdiff_t>(block + checksum_at);
    std::fill_n(checksum, checksum_bytes, ' ');
    unsigned sum = 0;
    for (std::size_t at = 0; at < tar_block_bytes; ++at) sum += static_cast<unsigned char>(tar[block + at]);
    for (std::size_t place = 6; place-- > 0; sum /= 8)
      *(checksum + static_cast<std::ptrdiff_t>(place)) = static_cast<char>('0' + sum % 8);
    *(checksum + 6) = '\0';
  }
  return tar;
}

}  // namespace

std::string_view BlockInput::read() {
  const std::string_view block = bytes_.substr(0, block_bytes_);
  bytes_.remove_prefix(block.size());
  return block;
}

ArchiveLimits small_limits() {
  return {.max_payload_bytes = 4 << 20,
          .max_member_bytes = 1 << 20,
          .max_manifest_bytes = 32 << 10,
          .max_members = 50,
          .max_compression_ratio = 200};
}

std::string payload_of(std::string_view input) {
  if (input.starts_with(gzip_magic)) return std::string(input);
  const std::string tar = input.starts_with(member_mark) ? tar_of_members(input) : with_checksums(input);
  // Every other payload consists of two gzip members.
  if (input.size() % 2 == 0) return test::gzip(tar);
  const std::size_t first = tar.size() / 3;
  return test::gzip(std::string_view(tar).substr(0, first)) + test::gzip(std::string_view(tar).substr(first));
}

}  // namespace koku::fuzz
