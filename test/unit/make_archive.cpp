#include "make_archive.hpp"

#include <zlib.h>

#include <algorithm>
#include <stdexcept>

namespace koku::test {
namespace {

constexpr std::size_t block_bytes = 512;

// Places of the fields in a header.
struct Field {
  std::size_t offset, size;
};
constexpr Field name_field = {0, 100}, mode_field = {100, 8}, uid_field = {108, 8}, gid_field = {116, 8},
                size_field = {124, 12}, time_field = {136, 12}, checksum_field = {148, 8}, type_field = {156, 1},
                link_field = {157, 100}, magic_field = {257, 8}, prefix_field = {345, 155};

void put(std::string& block, Field field, std::string_view text) {
  if (text.size() > field.size) throw std::length_error("too long for its tar field");
  std::copy(text.begin(), text.end(), block.begin() + static_cast<std::ptrdiff_t>(field.offset));
}

void put_octal(std::string& block, Field field, std::uint64_t value) {
  for (std::size_t place = field.offset + field.size - 1; place-- > field.offset; value /= 8) {
    block[place] = static_cast<char>('0' + value % 8);
  }
}

std::string padded(std::string_view bytes) {
  std::string out(bytes);
  out.resize((bytes.size() + block_bytes - 1) / block_bytes * block_bytes);
  return out;
}

/// `LENGTH key=value\n`, where the length counts itself.
std::string pax_record(std::string_view key, std::string_view value) {
  const std::size_t rest = key.size() + value.size() + 3;
  std::size_t length = rest + 1;
  while (rest + std::to_string(length).size() != length) ++length;
  return std::to_string(length).append(" ").append(key).append("=").append(value).append("\n");
}

}  // namespace

std::string tar_header(const TarHeader& header) {
  std::string block(block_bytes, '\0');
  put(block, name_field, header.name);
  put_octal(block, mode_field, 0644);
  put_octal(block, uid_field, 0);
  put_octal(block, gid_field, 0);
  put_octal(block, size_field, header.size);
  put_octal(block, time_field, 0);
  put(block, type_field, {&header.type, 1});
  put(block, link_field, header.link_target);
  put(block, magic_field,
      header.gnu ? std::string_view("ustar  \0", 8)
                 : std::string_view("ustar\0"
                                    "00",
                                    8));
  put(block, prefix_field, header.prefix);

  put(block, checksum_field, "        ");
  std::uint64_t sum = 0;
  for (const char byte : block) sum += static_cast<unsigned char>(byte);
  put_octal(block, checksum_field, header.valid_checksum ? sum : sum + 1);
  block[checksum_field.offset + checksum_field.size - 1] = '\0';
  return block;
}

TarBuilder& TarBuilder::file(std::string_view name, std::string_view bytes) {
  return member({.name = std::string(name), .size = bytes.size()}, bytes);
}

TarBuilder& TarBuilder::directory(std::string_view name) { return member({.name = std::string(name), .type = '5'}); }

TarBuilder& TarBuilder::symbolic_link(std::string_view name, std::string_view target) {
  return member({.name = std::string(name), .type = '2', .link_target = std::string(target)});
}

TarBuilder& TarBuilder::hard_link(std::string_view name, std::string_view target) {
  return member({.name = std::string(name), .type = '1', .link_target = std::string(target)});
}

TarBuilder& TarBuilder::special(std::string_view name, char type) {
  return member({.name = std::string(name), .type = type});
}

TarBuilder& TarBuilder::member(const TarHeader& header, std::string_view bytes) {
  tar_ += tar_header(header);
  tar_ += padded(bytes);
  return *this;
}

TarBuilder& TarBuilder::pax(std::initializer_list<std::pair<std::string_view, std::string_view>> records, char type) {
  std::string text;
  for (const auto& [key, value] : records) text += pax_record(key, value);
  return member({.name = "extended-header", .type = type, .size = text.size()}, text);
}

TarBuilder& TarBuilder::gnu_long_name(std::string_view name) {
  std::string text(name);
  text += '\0';
  return member({.name = "././@LongLink", .type = 'L', .size = text.size(), .gnu = true}, text);
}

TarBuilder& TarBuilder::raw(std::string_view bytes) {
  tar_ += bytes;
  return *this;
}

std::string TarBuilder::tar() const { return tar_ + std::string(2 * block_bytes, '\0'); }

std::string TarBuilder::gzip() const { return test::gzip(tar()); }

std::string gzip(std::string_view bytes) {
  constexpr int gzip_window_bits = 15 + 16;
  z_stream stream = {};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzip_window_bits, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::bad_alloc();
  }
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int result = deflate(&stream, Z_FINISH);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  if (result != Z_STREAM_END) throw std::runtime_error("deflate failed");
  return out;
}

std::string make_payload(std::initializer_list<std::pair<std::string_view, std::string_view>> files) {
  TarBuilder builder;
  for (const auto& [name, bytes] : files) builder.file(name, bytes);
  return builder.gzip();
}

std::string without_last(std::string_view bytes, std::size_t count) {
  return std::string(bytes.substr(0, bytes.size() - std::min(count, bytes.size())));
}

}  // namespace koku::test
