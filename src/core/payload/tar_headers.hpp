// The tar stream of a payload on its way to libarchive: extended headers lose what nobody needs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/byte_source.hpp"

namespace koku {

/// Passes a tar archive on. What precedes a member is looked at block by block: of POSIX extended headers only the
/// records that say where the member's bytes are and what it is called stay (path, linkpath, size, GNU.sparse.*,
/// SCHILY.realsize); global headers and access control lists go. libarchive reads some of the other records in time
/// that grows with the square of their length, and keeps all of them in memory. The reader of the archive says where
/// headers begin and where data: so both always mean the same bytes by them. Raises Error(too_large) when the headers
/// of one member or those of the whole archive pass their bound, and the errors of the input.
class TarHeaders final : public ByteInput {
 public:
  static constexpr std::size_t tar_block_bytes = 512;
  /// What may precede the data of one member. Real headers have a few kB.
  static constexpr std::size_t max_header_bytes = std::size_t{64} << 10;
  /// Extended headers of a whole archive.
  static constexpr std::uint64_t max_all_header_bytes = std::uint64_t{32} << 20;

  enum class Extension {
    none,     ///< a member's own header
    records,  ///< records of POSIX pax for the next member
    text,     ///< a long name or link of GNU tar
    needless  ///< records for all members that follow, an access control list
  };

  /// `input`, which must outlive the object, gives blocks of a multiple of 512 bytes until its end. A header comes
  /// first.
  explicit TarHeaders(ByteInput& input) : input_(input) {}

  /// One tar block while headers are read, else up to as much as the input gave at once.
  std::string_view read() override;
  /// The next bytes are headers.
  void begin_header() noexcept;
  /// The next `bytes` are data, to be passed on at once; what follows them is passed on too, in tar blocks.
  void begin_data(std::uint64_t bytes) noexcept;

 private:
  std::string_view read_header();
  void read_extension(Extension extension);
  std::string_view take(std::uint64_t wanted);
  void take_into(std::string& bytes, std::uint64_t wanted);
  void count_header_bytes(std::uint64_t bytes);

  ByteInput& input_;
  std::string_view unread_;     ///< what is left of the input's last block
  std::string kept_;            ///< an extended header and what stays of its data
  std::size_t kept_place_ = 0;  ///< from here on it is still to be given
  bool inside_header_ = true;
  std::uint64_t data_bytes_ = 0;    ///< left of the data
  std::uint64_t header_bytes_ = 0;  ///< of the member whose headers are read
  std::uint64_t all_header_bytes_ = 0;
};

}  // namespace koku
