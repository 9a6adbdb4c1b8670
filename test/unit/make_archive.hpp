// Payloads made in memory for tests: tar written by hand, so that headers may be as wrong as a test needs, and gzip.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace koku::test {

/// The fields of a tar header that tests set. Numbers are written in octal with leading zeros, as many as fit.
struct TarHeader {
  std::string name;        ///< at most 100 bytes; longer ones need pax_path() or gnu_long_name()
  char type = '0';         ///< 0 file, 1 hard link, 2 symbolic link, 3/4 device, 5 directory, 6 FIFO
  std::uint64_t size = 0;  ///< what the header says
  std::string link_target = {};
  std::string prefix = {};  ///< put in front of the name with a slash by readers of ustar
  bool gnu = false;         ///< the magic of GNU tar instead of POSIX ustar
  bool valid_checksum = true;
};

/// One 512-byte header block.
std::string tar_header(const TarHeader& header);

/// Builds a tar archive member by member. `bytes` of a member are followed by zeros up to the next 512 bytes.
class TarBuilder {
 public:
  TarBuilder& file(std::string_view name, std::string_view bytes);
  TarBuilder& directory(std::string_view name);
  TarBuilder& symbolic_link(std::string_view name, std::string_view target);
  TarBuilder& hard_link(std::string_view name, std::string_view target);
  /// A character device '3', block device '4' or FIFO '6'.
  TarBuilder& special(std::string_view name, char type);
  /// A header as it is, and the bytes after it, whatever size the header says.
  TarBuilder& member(const TarHeader& header, std::string_view bytes = {});
  /// An extended header (POSIX pax) with these records, for the next member; type 'g' is for all that follow.
  TarBuilder& pax(std::initializer_list<std::pair<std::string_view, std::string_view>> records, char type = 'x');
  TarBuilder& pax_path(std::string_view name) { return pax({{"path", name}}); }
  /// GNU tar's way to give the next member a long name.
  TarBuilder& gnu_long_name(std::string_view name);
  /// Bytes with no header and no padding.
  TarBuilder& raw(std::string_view bytes);

  /// The archive with its end mark, two blocks of zeros.
  std::string tar() const;
  const std::string& without_end_mark() const { return tar_; }
  std::string gzip() const;

 private:
  std::string tar_;
};

/// One gzip member.
std::string gzip(std::string_view bytes);

/// A payload of regular files: name and bytes.
std::string make_payload(std::initializer_list<std::pair<std::string_view, std::string_view>> files);

/// `bytes` without its last `count` bytes.
std::string without_last(std::string_view bytes, std::size_t count);

}  // namespace koku::test
