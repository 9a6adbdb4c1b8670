// Payloads as streams of members (spec ingest.md 1.1, 1.2).
#include "core/payload/archive.hpp"
#include "core/base/limit_error.hpp"
#include "core/payload/payload_index.hpp"

#include <locale.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <clocale>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.hpp"
#include "error_of.hpp"
#include "make_archive.hpp"

using namespace std::string_view_literals;
using namespace koku;
using namespace koku::test;

namespace koku {

static std::ostream& operator<<(std::ostream& out, MemberKind kind) {
  constexpr const char* names[] = {"regular", "directory", "link", "special", "unsafe_path"};
  return out << names[static_cast<int>(kind)];
}

static std::ostream& operator<<(std::ostream& out, ErrorKind kind) { return out << static_cast<int>(kind); }

}  // namespace koku

namespace {

/// Gives its bytes in small blocks, as a large object does.
class SmallBlocks final : public ByteSource {
 public:
  SmallBlocks(std::string_view bytes, std::size_t block_bytes) : bytes_(bytes), block_bytes_(block_bytes) {}
  std::string_view read() override {
    const std::string_view block = bytes_.substr(place_, block_bytes_);
    place_ += block.size();
    return block;
  }
  void rewind() override { place_ = 0; }
  std::uint64_t size() const override { return bytes_.size(); }

 private:
  std::string_view bytes_;
  std::size_t block_bytes_;
  std::size_t place_ = 0;
};

std::string read_all(ArchiveReader& reader) {
  std::string bytes;
  for (std::string_view block = reader.read(); !block.empty(); block = reader.read()) bytes += block;
  return bytes;
}

struct SeenMember {
  std::string name;
  MemberKind kind;
  std::string bytes;

  bool operator==(const SeenMember&) const = default;
};

std::ostream& operator<<(std::ostream& out, const SeenMember& member) {
  return out << member.kind << " \"" << member.name << "\" of " << member.bytes.size() << " bytes";
}

std::vector<SeenMember> members_of(ByteSource& source, const ArchiveLimits& limits = {}) {
  std::vector<SeenMember> members;
  ArchiveReader reader(source, limits);
  while (reader.next_member()) members.push_back({reader.name(), reader.kind(), read_all(reader)});
  return members;
}

std::vector<SeenMember> members_of(std::string_view payload, const ArchiveLimits& limits = {}) {
  MemorySource source(payload);
  return members_of(source, limits);
}

Error error_of_reading(std::string_view payload, const ArchiveLimits& limits = {}) {
  return error_of([&] { members_of(payload, limits); });
}

/// Bytes that hardly shrink.
std::string noise(std::size_t count) {
  std::string bytes(count, '\0');
  std::uint64_t state = 1;
  for (char& byte : bytes) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    byte = static_cast<char>(state >> 56);
  }
  return bytes;
}

}  // namespace

BOOST_TEST_DONT_PRINT_LOG_VALUE(std::vector<SeenMember>)

BOOST_AUTO_TEST_SUITE(archive_suite)

BOOST_AUTO_TEST_CASE(names_lose_leading_dots_and_slashes_and_must_stay_inside) {
  const std::string longest(1024, 'n');
  const struct {
    std::string raw;
    const char* name;
    MemberKind kind;
  } cases[] = {
      {"a.csv", "a.csv", MemberKind::regular},
      {"./a.csv", "a.csv", MemberKind::regular},
      {"/a.csv", "a.csv", MemberKind::regular},
      {".//./../a.csv", ".//./../a.csv", MemberKind::unsafe_path},
      {"././/./a.csv", "a.csv", MemberKind::regular},
      {"d/a.csv", "d/a.csv", MemberKind::regular},
      {"d/./a.csv", "d/./a.csv", MemberKind::regular},
      {"../a.csv", "../a.csv", MemberKind::unsafe_path},
      {"/../a.csv", "/../a.csv", MemberKind::unsafe_path},
      {"d/../a.csv", "d/../a.csv", MemberKind::unsafe_path},
      {"d/..", "d/..", MemberKind::unsafe_path},
      {"..", "..", MemberKind::unsafe_path},
      {"..a/b..c/d..", "..a/b..c/d..", MemberKind::regular},
      {".hidden", ".hidden", MemberKind::regular},
      {".", ".", MemberKind::unsafe_path},
      {"", "", MemberKind::unsafe_path},
      {"\u00fc\u20ac.csv", "\u00fc\u20ac.csv", MemberKind::regular},
      {"a\xff.csv", "a\\xff.csv", MemberKind::unsafe_path},
      {"\xc3", "\\xc3", MemberKind::unsafe_path},
      {longest, longest.c_str(), MemberKind::regular},
      {longest + "n", nullptr, MemberKind::unsafe_path},
  };
  for (const auto& [raw, name, kind] : cases) {
    BOOST_TEST_CONTEXT("\"" << raw << "\"") {
      TarBuilder tar;
      if (raw.size() > 100) tar.pax_path(raw);
      tar.file(raw.substr(0, 100), "x");
      const std::vector<SeenMember> members = members_of(tar.gzip());
      BOOST_REQUIRE(members.size() == 1u);
      BOOST_TEST(members[0].kind == kind);
      BOOST_TEST(members[0].name == (name == nullptr ? std::string(64, 'n') + "..." : name));
      BOOST_TEST(members[0].bytes == (kind == MemberKind::regular ? "x" : ""));
    }
  }
}

BOOST_AUTO_TEST_CASE(only_regular_members_have_bytes) {
  TarBuilder tar;
  tar.directory("./")
      .directory("/")
      .directory(".")
      .directory("d/")
      .directory("../d")
      .symbolic_link("soft", "a.csv")
      .hard_link("hard", "a.csv")
      .special("character", '3')
      .special("block", '4')
      .special("fifo", '6')
      .member({.name = "contiguous", .type = '7', .size = 1}, "c")
      .file("a.csv", "1");
  const std::vector<SeenMember> expected = {
      {"", MemberKind::directory, ""},   {"", MemberKind::directory, ""},          {"", MemberKind::directory, ""},
      {"d", MemberKind::directory, ""},  {"../d", MemberKind::unsafe_path, ""},    {"soft", MemberKind::link, ""},
      {"hard", MemberKind::link, ""},    {"character", MemberKind::special, ""},   {"block", MemberKind::special, ""},
      {"fifo", MemberKind::special, ""}, {"contiguous", MemberKind::regular, "c"}, {"a.csv", MemberKind::regular, "1"},
  };
  const std::vector<SeenMember> members = members_of(tar.gzip());
  BOOST_CHECK_EQUAL_COLLECTIONS(members.begin(), members.end(), expected.begin(), expected.end());
}

BOOST_AUTO_TEST_CASE(every_way_to_write_a_long_name_works) {
  const std::string long_name = std::string(120, 'd') + "/\u00e9.csv";
  TarBuilder tar;
  tar.pax_path(long_name).file("short", "1");
  tar.gnu_long_name(long_name).member({.name = "short", .size = 1, .gnu = true}, "2");
  tar.member({.name = "\u00e9.csv", .size = 1, .prefix = std::string(120, 'd')}, "3");
  tar.pax({{"comment", "of the whole archive"}}, 'g').file("short", "4");
  const std::vector<SeenMember> expected = {{long_name, MemberKind::regular, "1"},
                                            {long_name, MemberKind::regular, "2"},
                                            {long_name, MemberKind::regular, "3"},
                                            {"short", MemberKind::regular, "4"}};
  const std::vector<SeenMember> members = members_of(tar.gzip());
  BOOST_CHECK_EQUAL_COLLECTIONS(members.begin(), members.end(), expected.begin(), expected.end());
}

BOOST_AUTO_TEST_CASE(names_do_not_depend_on_the_locale) {
  TarBuilder tar;
  for (const char* name : {"\u00e9", "a\xe9"})
    tar.pax_path(name).file("p", "").file(name, "").gnu_long_name(name).file("g", "");
  const std::string payload = tar.gzip();
  const std::string previous = std::setlocale(LC_ALL, nullptr);
  // The last is the one that tells, but few machines have it.
  for (const char* locale : {"C", "C.UTF-8", "en_US.ISO-8859-1"}) {
    BOOST_TEST_CONTEXT(locale) {
      if (std::setlocale(LC_ALL, locale) == nullptr) continue;
      const locale_t before = uselocale(nullptr);
      const std::vector<SeenMember> members = members_of(payload);
      BOOST_TEST((uselocale(nullptr) == before));
      BOOST_REQUIRE(members.size() == 6u);
      for (std::size_t i = 0; i < 3; ++i) BOOST_TEST(members[i] == (SeenMember{"\u00e9", MemberKind::regular, ""}));
      for (std::size_t i = 3; i < 6; ++i) BOOST_TEST(members[i] == (SeenMember{"a\\xe9", MemberKind::unsafe_path, ""}));
    }
  }
  std::setlocale(LC_ALL, previous.c_str());
}

BOOST_AUTO_TEST_CASE(bytes_are_the_same_however_the_source_is_cut) {
  std::vector<std::string> contents;
  for (const std::size_t size : {0u, 1u, 511u, 512u, 513u, 256u * 1024 - 1024, 256u * 1024, 600'001u}) {
    contents.push_back(noise(size));
  }
  TarBuilder tar;
  for (const std::string& content : contents) tar.file("f", content);
  const std::string payload = tar.gzip();
  for (const std::size_t block_bytes : {1u, 3u, 511u, 65'536u, 10'000'000u}) {
    BOOST_TEST_CONTEXT("blocks of " << block_bytes) {
      SmallBlocks source(payload, block_bytes);
      const std::vector<SeenMember> members = members_of(source);
      BOOST_REQUIRE(members.size() == contents.size());
      for (std::size_t i = 0; i < contents.size(); ++i) BOOST_TEST((members[i].bytes == contents[i]));
    }
  }
}

BOOST_AUTO_TEST_CASE(members_may_be_skipped_or_left_half_read) {
  const std::string payload = make_payload({{"skipped", noise(700'000)}, {"half", noise(700'000)}, {"last", "end"}});
  MemorySource source(payload);
  ArchiveReader reader(source, {});
  BOOST_TEST(reader.next_member());
  BOOST_TEST(reader.ordinal() == 0u);
  BOOST_TEST(reader.size() == 700'000u);
  BOOST_TEST(reader.next_member());
  BOOST_TEST(reader.read().size() > 0u);
  BOOST_TEST(reader.next_member());
  BOOST_TEST(reader.ordinal() == 2u);
  BOOST_TEST(reader.name() == "last");
  BOOST_TEST(read_all(reader) == "end");
  BOOST_TEST(reader.read() == "");
  BOOST_TEST(!reader.next_member());
  BOOST_TEST(!reader.next_member());
  BOOST_TEST(reader.unpacked_bytes() == 3 * 512u + 2 * 700'416u + 512u + 1024u);
}

BOOST_AUTO_TEST_CASE(a_source_can_be_read_again) {
  const std::string payload = make_payload({{"a", "1"}, {"b", "2"}});
  MemorySource source(payload);
  BOOST_TEST(members_of(source).size() == 2u);
  BOOST_TEST(members_of(source).size() == 2u);
}

BOOST_AUTO_TEST_CASE(what_is_no_gzip_is_named) {
  const std::string tar = TarBuilder().file("manifest.json", "{}").tar();
  const struct {
    std::string_view bytes;
    const char* message;
  } cases[] = {
      {"", "payload is empty"},
      {tar, "payload is not gzip-compressed: it looks like tar without gzip"},
      {"BZh91AY&SY", "payload is not gzip-compressed: it looks like bzip2"},
      {"PK\x03\x04rest", "payload is not gzip-compressed: it looks like zip"},
      {"\xfd\x37zXZ", "payload is not gzip-compressed: it looks like xz"},
      {"\x28\xb5\x2f\xfd", "payload is not gzip-compressed: it looks like zstd"},
      {"{\"uuid\": 1}", "payload is not gzip-compressed: it looks like JSON"},
      {"hello", "payload is not gzip-compressed"},
      {"\0"sv, "payload is not gzip-compressed"},
      {"\x1f", "payload is not gzip-compressed"},
      {"\x1f\x8b\x07", "payload is not gzip-compressed"},
  };
  for (const auto& [bytes, message] : cases) {
    BOOST_TEST_CONTEXT(message) {
      const Error error = error_of_reading(bytes);
      BOOST_TEST(error.kind() == ErrorKind::invalid_archive);
      BOOST_TEST(error.message() == message);
      SmallBlocks bytewise(bytes, 1);
      BOOST_TEST(error_of([&bytewise = bytewise] { members_of(bytewise); }).message() == message);
    }
  }
  BOOST_TEST(contains(error_of_reading("hi\n").detail(), "68 69 0a"));
}

BOOST_AUTO_TEST_CASE(gzip_of_something_else_than_tar_fails) {
  for (const std::string_view bytes : {""sv, "hello"sv}) {
    BOOST_TEST(error_of_reading(gzip(bytes)).message() == "payload does not contain a tar archive");
  }
  BOOST_TEST(error_of_reading(gzip(noise(2'000))).message() == "payload does not contain a tar archive");
}

BOOST_AUTO_TEST_CASE(gzip_members_in_a_row_and_what_follows_them_is_accepted) {
  const std::string tar = TarBuilder().file("a", "1").file("b", noise(1'000)).tar();
  const std::vector<SeenMember> expected = members_of(gzip(tar));
  BOOST_REQUIRE(expected.size() == 2u);
  std::vector<std::string> payloads;
  for (const std::size_t cut : {0u, 1u, 512u, 700u, 2'000u}) {
    payloads.push_back(gzip(tar.substr(0, cut)) + gzip(tar.substr(cut)));
  }
  const std::string first = gzip(tar.substr(0, 700));
  payloads.push_back(first + std::string(1'000, '\0') + gzip(tar.substr(700)));
  for (const std::string_view garbage : {"x"sv, "\0\0x"sv, "\x1f"sv, "\x1f\x8b"sv, "\x1f\x8b\x07"sv, "\0"sv}) {
    payloads.push_back(gzip(tar).append(garbage));
  }
  for (const std::string& payload : payloads) {
    for (const std::size_t block_bytes : {1u, 2u, 100'000u}) {
      SmallBlocks source(payload, block_bytes);
      BOOST_TEST(members_of(source) == expected);
    }
  }
}

BOOST_AUTO_TEST_CASE(gzip_cut_anywhere_fails) {
  const std::string payload = make_payload({{"manifest.json", "{}"}, {"a.csv", noise(100)}});
  for (std::size_t size = 3; size < payload.size(); ++size) {
    const Error error = error_of_reading(std::string_view(payload).substr(0, size));
    if (error.message() != "payload is truncated" || error.kind() != ErrorKind::invalid_archive) {
      BOOST_ERROR("cut at " << size << ": " << error.message());
    }
  }
  const std::string second_cut = gzip("") + without_last(payload, 1);
  BOOST_TEST(error_of_reading(second_cut).message() == "payload is truncated");
}

BOOST_AUTO_TEST_CASE(a_wrong_byte_fails_or_changes_nothing) {
  const std::string payload = make_payload({{"manifest.json", "{}"}, {"a.csv", noise(100)}});
  const std::vector<SeenMember> expected = members_of(payload);
  constexpr std::size_t gzip_header_bytes = 10;
  constexpr std::size_t gzip_trailer_bytes = 8;
  for (std::size_t place = gzip_header_bytes; place < payload.size(); ++place) {
    std::string damaged = payload;
    damaged[place] = static_cast<char>(damaged[place] ^ 1);
    try {
      const std::vector<SeenMember> members = members_of(damaged);
      // Two codes of the compressor can mean the same bytes, but there is only one checksum and length.
      const bool in_trailer = place >= payload.size() - gzip_trailer_bytes;
      if (in_trailer || members != expected) BOOST_ERROR("byte " << place << " does not matter");
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::invalid_archive) BOOST_ERROR("byte " << place << ": " << error.message());
    }
  }
  std::string wrong_checksum = payload;
  wrong_checksum[payload.size() - gzip_trailer_bytes] ^= 1;
  BOOST_TEST(error_of_reading(wrong_checksum).message() == "payload is corrupt");
}

BOOST_AUTO_TEST_CASE(what_is_wrong_with_the_gzip_data_is_said_alike_by_every_library) {
  constexpr std::string_view header("\x1f\x8b\x08\0\0\0\0\0\0\x03", 10);
  // Deflate, bit by bit: the last block, with fixed codes where the kind of a block is not what is wrong.
  const struct {
    std::string_view deflated;
    const char* failure;
  } cases[] = {
      {"\x07"sv, "a block of an unknown kind"},
      {"\x03\x02\0"sv, "a back-reference before the start of the data"},
      {"\x1b\x03\0"sv, "an invalid code"},
      {"\x03\0\x01\0\0\0\0\0\0\0"sv, "checksum or length differ"},
      {"\x03\0\0\0\0\0\x01\0\0\0"sv, "checksum or length differ"},
  };
  for (const auto& given : cases) {
    const std::string payload = std::string(header).append(given.deflated).append(32, '\0');
    const Error error = error_of_reading(payload);
    BOOST_TEST(error.message() == "payload is corrupt");
    BOOST_TEST(error.detail().find(std::string("(") + given.failure + ").") != std::string::npos,
               error.detail() << " instead of " << given.failure);
  }
}

BOOST_AUTO_TEST_CASE(a_missing_end_mark_is_accepted_between_members_only) {
  const TarBuilder two = TarBuilder().file("a", "1").file("b", std::string(600, 'b'));
  const std::string& bytes = two.without_end_mark();
  BOOST_TEST(members_of(gzip(bytes)).size() == 2u);
  BOOST_TEST(members_of(gzip(bytes + std::string(512, '\0'))).size() == 2u);
  const struct {
    std::size_t missing;
    const char* message;
  } cases[] = {
      {1, "payload ends inside member \"b\""},     // padding
      {425, "payload ends inside member \"b\""},   // the last byte of the member
      {1024, "payload ends inside member \"b\""},  // all of its bytes
      {1025, "payload has a damaged or truncated tar header"},
      {1535, "payload has a damaged or truncated tar header"},
  };
  for (const auto& [missing, message] : cases) {
    BOOST_TEST_CONTEXT(missing << " bytes missing") {
      const Error error = error_of_reading(gzip(without_last(bytes, missing)));
      BOOST_TEST(error.kind() == ErrorKind::invalid_archive);
      BOOST_TEST(error.message() == message);
    }
  }
  BOOST_TEST(members_of(gzip(without_last(bytes, 1536))).size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_member_that_is_cut_fails_when_skipped_too) {
  const std::string payload = gzip(TarBuilder().member({.name = "b", .size = 600}, "b").without_end_mark());
  MemorySource source(payload);
  ArchiveReader reader(source, {});
  BOOST_TEST(reader.next_member());
  BOOST_TEST(error_of([&] { reader.next_member(); }).message() == "payload ends inside member \"b\"");
}

BOOST_AUTO_TEST_CASE(damaged_headers_fail) {
  const std::string good = TarBuilder().file("a", "1").without_end_mark();
  const std::string bad_checksum = TarBuilder().member({.name = "b", .valid_checksum = false}).tar();
  BOOST_TEST(error_of_reading(gzip(bad_checksum)).message() == "payload does not contain a tar archive");
  const Error second = error_of_reading(gzip(good + bad_checksum));
  BOOST_TEST(second.message() == "payload has a damaged or truncated tar header");
  BOOST_TEST(contains(second.detail(), "after member \"a\""));

  const std::string alone = TarBuilder().pax_path("b").without_end_mark();
  BOOST_TEST(error_of_reading(gzip(good + alone)).message() == "payload has a damaged or truncated tar header");
  const std::string no_body = TarBuilder().member({.name = "x", .type = 'x', .size = 600}).without_end_mark();
  BOOST_TEST(error_of_reading(gzip(good + no_body)).message() == "payload has a damaged or truncated tar header");
}

BOOST_AUTO_TEST_CASE(what_follows_the_end_mark_is_ignored) {
  const std::string tar = TarBuilder().file("a", "1").tar() + TarBuilder().file("b", "2").tar();
  BOOST_TEST(members_of(gzip(tar)).size() == 1u);
  BOOST_TEST(members_of(gzip(TarBuilder().tar())).empty());
}

BOOST_AUTO_TEST_CASE(sparse_members_are_special) {
  const std::string map_in_data = std::string("1\n512\n1\n") + std::string(504, '\0') + "x";
  std::string old_gnu = tar_header({.name = "old", .type = 'S', .size = 1, .gnu = true});
  const std::string_view sparse_fields = "00000001000\00000000000001\0"sv;  // one byte at offset 512
  old_gnu.replace(386, sparse_fields.size(), sparse_fields);
  old_gnu.replace(483, 12, "00000001001\0"sv);
  old_gnu.replace(148, 8, "        ");
  unsigned sum = 0;
  for (const char byte : old_gnu) sum += static_cast<unsigned char>(byte);
  for (std::size_t place = 154; place-- > 148; sum /= 8) old_gnu[place] = static_cast<char>('0' + sum % 8);

  TarBuilder tar;
  tar.raw(old_gnu + "x" + std::string(511, '\0'));
  tar.pax({{"GNU.sparse.size", "513"},
           {"GNU.sparse.numblocks", "1"},
           {"GNU.sparse.offset", "512"},
           {"GNU.sparse.numbytes", "1"}})
      .file("0.0", "x");
  tar.pax({{"GNU.sparse.size", "513"}, {"GNU.sparse.name", "0.1"}, {"GNU.sparse.map", "512,1"}}).file("map", "x");
  tar.pax({{"GNU.sparse.major", "1"},
           {"GNU.sparse.minor", "0"},
           {"GNU.sparse.name", "1.0"},
           {"GNU.sparse.realsize", "513"}})
      .file("map", map_in_data);
  tar.file("dense", "d");
  const std::vector<SeenMember> expected = {{"old", MemberKind::special, ""},
                                            {"0.0", MemberKind::special, ""},
                                            {"0.1", MemberKind::special, ""},
                                            {"1.0", MemberKind::special, ""},
                                            {"dense", MemberKind::regular, "d"}};
  const std::vector<SeenMember> members = members_of(tar.gzip());
  BOOST_CHECK_EQUAL_COLLECTIONS(members.begin(), members.end(), expected.begin(), expected.end());
}

BOOST_AUTO_TEST_CASE(a_size_that_the_archive_does_not_hold_fails) {
  for (const char* key : {"SCHILY.realsize", "GNU.sparse.realsize"}) {
    for (const char* size : {"0", "2", "5000"}) {
      const Error error = error_of_reading(TarBuilder().pax({{key, size}}).file("a", "x").gzip());
      BOOST_TEST(error.kind() == ErrorKind::invalid_archive);
      BOOST_TEST(error.message() == "member \"a\" does not have the size that its header declares");
    }
  }
  const std::string hole_outside =
      TarBuilder().pax({{"GNU.sparse.size", "1"}, {"GNU.sparse.map", "5,1"}}).file("a", "x").gzip();
  BOOST_TEST(error_of_reading(hole_outside).message() == "payload has an undeclared sparse member");
  // Skipped, a member shows its size in blocks only.
  const std::string payload = TarBuilder().pax({{"SCHILY.realsize", "5000"}}).file("a", "x").gzip();
  MemorySource source(payload);
  BOOST_TEST(contains(error_of([&] { index_payload(source, {}); }).message(), "does not have the size"));
}

BOOST_AUTO_TEST_CASE(headers_have_a_bound) {
  TarBuilder many;
  for (int i = 0; i < 40; ++i) many.pax_path("n");
  std::string map = "1000000\n";  // that many pairs, each kept as a block of a sparse file
  for (int i = 0; i < 1'000'000; ++i) map += "0\n0\n";
  map.resize((map.size() + 511) / 512 * 512);
  TarBuilder sparse;
  sparse.pax({{"GNU.sparse.major", "1"}, {"GNU.sparse.minor", "0"}, {"GNU.sparse.realsize", "1"}}).file("a", map);
  TarBuilder many_members;
  for (int i = 0; i < 600; ++i) many_members.pax({{"comment", std::string(60'000, 'c')}}).file("a", "");
  const std::string too_long = "payload has a tar header of more than 64 kB";
  const struct {
    std::string payload;
    ErrorKind kind;
    std::string message;
  } cases[] = {
      {TarBuilder().pax({{"comment", std::string(1 << 16, 'v')}}).file("a", "").gzip(), ErrorKind::too_large, too_long},
      {TarBuilder().pax({{"path", std::string(1 << 16, 'v')}}).file("a", "").gzip(), ErrorKind::too_large, too_long},
      {TarBuilder().gnu_long_name(std::string(1 << 16, 'v')).file("a", "").gzip(), ErrorKind::too_large, too_long},
      {sparse.gzip(), ErrorKind::too_large, too_long},
      {many.file("a", "").gzip(), ErrorKind::invalid_archive, "payload has an unrecognized tar header"},
      {many_members.gzip(), ErrorKind::too_large, "payload has more than 32 MB of extended tar headers"},
  };
  for (const auto& [payload, kind, message] : cases) {
    const Error error = error_of_reading(payload, {.max_compression_ratio = 100'000});
    BOOST_TEST(error.kind() == kind);
    BOOST_TEST(error.message() == message);
  }
}

BOOST_AUTO_TEST_CASE(needless_records_do_no_harm) {
  const std::string list(15'000, 'u');
  TarBuilder tar;
  tar.pax({{"comment", list}}, 'g');
  tar.member({.name = "acl", .type = 'A', .size = list.size()}, list);
  tar.pax({{"SCHILY.acl.access", list}, {"path", "b"}, {"mtime", "1.5"}, {"uid", "1000680000"}}).file("a", "1");
  tar.pax({{"SCHILY.acl.default", list}}).file("c", "2");
  tar.pax({{"LIBARCHIVE.xattr.user.note", list}}).directory("d");
  tar.pax({{"mtime", "1.5"}}).member({.name = "e", .type = '1', .size = 1, .link_target = "a"}, "x").file("f", "3");
  const std::vector<SeenMember> expected = {{"b", MemberKind::regular, "1"},
                                            {"c", MemberKind::regular, "2"},
                                            {"d", MemberKind::directory, ""},
                                            {"e", MemberKind::link, ""},
                                            {"f", MemberKind::regular, "3"}};
  const std::vector<SeenMember> members = members_of(tar.gzip());
  BOOST_CHECK_EQUAL_COLLECTIONS(members.begin(), members.end(), expected.begin(), expected.end());
}

BOOST_AUTO_TEST_CASE(a_part_of_a_multi_volume_archive_fails) {
  const std::string payload = TarBuilder().member({.name = "a", .type = 'M', .size = 1, .gnu = true}, "x").gzip();
  BOOST_TEST(error_of_reading(payload).message() == "payload has an unrecognized tar header");
}

BOOST_AUTO_TEST_CASE(each_limit_names_its_setting) {
  const std::string payload =
      make_payload({{"a", std::string(1'000, 'a')}, {"b", ""}, {"manifest.json", "{\"a\": 1}"}});
  constexpr std::uint64_t unpacked = 3 * 512 + 1024 + 512 + 1024;
  const struct {
    const char* setting;
    ArchiveLimits enough, too_little;
  } cases[] = {
      {"max_payload_size", {.max_payload_bytes = unpacked}, {.max_payload_bytes = unpacked - 1}},
      {"max_member_size", {.max_member_bytes = 1'000}, {.max_member_bytes = 999}},
      {"max_manifest_size", {.max_manifest_bytes = 8}, {.max_manifest_bytes = 7}},
      {"max_members", {.max_members = 3}, {.max_members = 2}},
  };
  for (const auto& [setting, enough, too_little] : cases) {
    BOOST_TEST_CONTEXT(setting) {
      MemorySource source(payload);
      BOOST_TEST(index_payload(source, enough).members.size() == 3u);
      const Error error = error_of([&source = source, &limits = too_little] { index_payload(source, limits); });
      BOOST_TEST(error.kind() == ErrorKind::too_large);
      BOOST_TEST(contains(error.hint(), std::string("koku_onprem.") + setting));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_compression_bomb_fails_wherever_it_hides) {
  const std::string zeros(11 << 20, '\0');
  const std::string skipped = make_payload({{"a", zeros}});
  const std::string behind_end_mark = gzip(TarBuilder().file("a", "").tar() + zeros);
  const std::string in_gzip_members = gzip(TarBuilder().file("a", "").tar()) + gzip(zeros);
  for (const std::string& payload : {skipped, behind_end_mark, in_gzip_members}) {
    MemorySource source(payload);
    const Error error = error_of([&] {
      ArchiveReader reader(source, {});
      while (reader.next_member()) {
      }
    });
    BOOST_TEST(error.kind() == ErrorKind::too_large);
    BOOST_TEST(contains(error.message(), "200 times"));
    BOOST_TEST(contains(error.hint(), "koku_onprem.max_compression_ratio"));
    BOOST_TEST(members_of(payload, {.max_compression_ratio = 2'000}).size() == 1u);
  }
  const std::string below_1_mb = make_payload({{"a", zeros.substr(0, 1'000'000)}});
  BOOST_TEST(members_of(below_1_mb).size() == 1u);
}

BOOST_AUTO_TEST_CASE(sizes_are_written_as_in_settings) {
  const struct {
    std::uint64_t bytes;
    const char* text;
  } cases[] = {{0, "0 bytes"},       {1, "1 byte"},       {1023, "1023 bytes"}, {1024, "1 kB"},
               {1025, "1025 bytes"}, {10 << 20, "10 MB"}, {8ULL << 30, "8 GB"}, {1536 << 20, "1536 MB"}};
  for (const auto& [bytes, text] : cases) BOOST_TEST(size_text(bytes) == text);
}

namespace {

struct Cancelled {};
int interrupt_checks = 0;
void count_check() { ++interrupt_checks; }
void cancel() { throw Cancelled(); }

class FailingSource final : public ByteSource {
 public:
  explicit FailingSource(std::string_view bytes) : bytes_(bytes) {}
  std::string_view read() override {
    if (std::exchange(begun_, true)) throw Cancelled();
    return bytes_.substr(0, bytes_.size() / 2);
  }
  void rewind() override { begun_ = false; }
  std::uint64_t size() const override { return bytes_.size(); }

 private:
  std::string_view bytes_;
  bool begun_ = false;
};

}  // namespace

BOOST_AUTO_TEST_CASE(long_reads_can_be_interrupted) {
  const std::string large = noise(5 << 20);
  std::string nothings;
  const std::string nothing = gzip("");
  for (int i = 0; i < 60'000; ++i) nothings += nothing;
  const std::string tar = TarBuilder().file("manifest.json", "{}").tar();
  const std::string payloads[] = {make_payload({{"manifest.json", "{}"}, {"a", large}}), gzip(tar + large),
                                  nothings + gzip(tar), gzip(tar) + std::string(5 << 20, '\0')};
  for (const std::string& payload : payloads) {
    MemorySource source(payload);
    interrupt_checks = 0;
    index_payload(source, {}, count_check);
    BOOST_TEST(interrupt_checks > 0);
    BOOST_CHECK_THROW(index_payload(source, {}, cancel), Cancelled);
  }
}

BOOST_AUTO_TEST_CASE(errors_of_the_source_pass_through) {
  const std::string payload = make_payload({{"manifest.json", "{}"}, {"a", noise(1'000)}});
  FailingSource source(payload);
  BOOST_CHECK_THROW(index_payload(source, {}), Cancelled);
}

BOOST_AUTO_TEST_CASE(the_index_keeps_the_last_of_each_name_and_the_manifest) {
  const std::string payload = TarBuilder()
                                  .directory("./")
                                  .file("manifest.json", "old")
                                  .file("./b.csv", "first")
                                  .file("a.csv", "1")
                                  .symbolic_link("b.csv", "a.csv")
                                  .file("/b.csv", "second")
                                  .file("./manifest.json", "new")
                                  .file("../c.csv", "")
                                  .gzip();
  MemorySource source(payload);
  const PayloadIndex index = index_payload(source, {});
  BOOST_TEST(index.manifest == "new");
  BOOST_TEST(index.unpacked_bytes == 8 * 512u + 5 * 512u + 1024u);

  std::string listing;
  for (const Member& member : index.members) {
    listing += std::to_string(member.ordinal) + " " + member.name + " " + std::to_string(member.bytes) + "\n";
  }
  BOOST_TEST(listing == "0  0\n3 a.csv 1\n4 b.csv 0\n5 b.csv 6\n6 manifest.json 3\n7 ../c.csv 0\n");

  BOOST_REQUIRE(index.find("b.csv") != nullptr);
  BOOST_TEST(index.find("b.csv")->ordinal == 5u);
  BOOST_TEST(index.find("a.csv")->ordinal == 3u);
  for (const char* absent : {"", "c.csv", "../c.csv", "z", "./a.csv"}) BOOST_TEST(index.find(absent) == nullptr);
}

BOOST_AUTO_TEST_CASE(a_payload_needs_a_regular_manifest) {
  const struct {
    std::string payload;
    const char* detail;
  } cases[] = {
      {make_payload({{"a.csv", ""}, {"d/manifest.json", "{}"}}), "None of its 2 members has that name."},
      {TarBuilder().tar(), "None of its 0 members has that name."},
      {TarBuilder().directory("manifest.json/").gzip(), "The member with that name is a directory."},
      {TarBuilder().symbolic_link("manifest.json", "m").gzip(), "The member with that name is a link."},
      {TarBuilder().special("manifest.json", '6').gzip(), "The member with that name is not a regular file."},
  };
  for (const auto& [payload, detail] : cases) {
    BOOST_TEST_CONTEXT(detail) {
      const std::string bytes = payload.starts_with("\x1f\x8b") ? payload : gzip(payload);
      MemorySource source(bytes);
      const Error error = error_of([&] { index_payload(source, {}); });
      BOOST_TEST(error.kind() == ErrorKind::invalid_archive);
      BOOST_TEST(error.message() == "payload has no manifest.json");
      BOOST_TEST(error.detail() == detail);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
