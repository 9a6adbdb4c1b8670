// What of a tar archive's headers reaches libarchive.
#include "core/payload/tar_headers.hpp"

#include <boost/test/unit_test.hpp>
#include <string>
#include <string_view>

#include "core/base/error.hpp"
#include "error_of.hpp"
#include "make_archive.hpp"

using namespace koku;
using namespace koku::test;

namespace {

/// Gives a tar archive in one block.
class OneBlock final : public ByteInput {
 public:
  explicit OneBlock(std::string_view bytes) : bytes_(bytes) {}
  std::string_view read() override { return std::exchange(bytes_, std::string_view{}); }

 private:
  std::string_view bytes_;
};

/// The headers of one member without data, as they are passed on.
std::string passed_on(std::string_view tar) {
  OneBlock input(tar);
  TarHeaders headers(input);
  std::string bytes;
  for (std::string_view block = headers.read(); !block.empty(); block = headers.read()) bytes += block;
  return bytes;
}

std::string with_field(std::string header, std::size_t at, std::string_view value) {
  header.replace(at, value.size(), value);
  header.replace(148, 8, "        ");
  unsigned sum = 0;
  for (const char byte : header) sum += static_cast<unsigned char>(byte);
  for (std::size_t place = 154; place-- > 148; sum /= 8) header[place] = static_cast<char>('0' + sum % 8);
  header[154] = '\0';
  return header;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tar_headers_suite)

BOOST_AUTO_TEST_CASE(records_that_nobody_needs_go) {
  const std::string acl(30'000, 'u');
  const std::string given = TarBuilder()
                                .pax({{"SCHILY.acl.access", acl},
                                      {"path", "name"},
                                      {"SCHILY.acl.access", acl},
                                      {"mtime", "1"},
                                      {"size", "0"},
                                      {"linkpath", "target"},
                                      {"hdrcharset", "BINARY"},
                                      {"GNU.sparse.map", "0,1"},
                                      {"SCHILY.realsize", "0"}})
                                .file("a", "")
                                .tar();
  const std::string expected = TarBuilder()
                                   .pax({{"path", "name"},
                                         {"size", "0"},
                                         {"linkpath", "target"},
                                         {"GNU.sparse.map", "0,1"},
                                         {"SCHILY.realsize", "0"}})
                                   .file("a", "")
                                   .tar();
  // Behind name and data of the extended header, so that other ways to write the same number do no harm.
  const std::string actual = passed_on(given);
  BOOST_TEST(actual.size() == expected.size());
  BOOST_TEST(actual.substr(512) == expected.substr(512));
}

BOOST_AUTO_TEST_CASE(headers_that_nobody_needs_go) {
  const std::string given = TarBuilder()
                                .pax({{"path", "for all"}}, 'g')
                                .member({.name = "acl", .type = 'A', .size = 3}, "acl")
                                .file("a", "")
                                .tar();
  BOOST_TEST(passed_on(given) == TarBuilder().file("a", "").tar());
}

BOOST_AUTO_TEST_CASE(data_are_passed_on_as_they_are) {
  const std::string inside = TarBuilder().pax({{"comment", "c"}}).file("b", "").tar();
  const std::string tar = TarBuilder().file("a", inside).tar();
  OneBlock input(tar);
  TarHeaders headers(input);
  BOOST_TEST(headers.read() == tar.substr(0, 512));
  headers.begin_data(inside.size());
  BOOST_TEST(headers.read() == inside);
  BOOST_TEST(headers.read() == std::string(512, '\0'));
  headers.begin_header();
  BOOST_TEST(headers.read() == std::string(512, '\0'));
  BOOST_TEST(headers.read() == "");
}

BOOST_AUTO_TEST_CASE(records_that_are_none_are_left_to_the_reader) {
  for (const std::string_view records : {"1000 path=a\n", "path=a\n", "7 path=a\n", "0 a=b\n", "9 path=a\n\n"}) {
    const std::string given =
        TarBuilder().member({.name = "pax", .type = 'x', .size = records.size()}, records).file("a", "").tar();
    BOOST_TEST(passed_on(given).substr(512) == given.substr(512));
  }
}

BOOST_AUTO_TEST_CASE(an_extended_header_with_a_wrong_checksum_reaches_no_one_as_a_header) {
  std::string given = TarBuilder().pax({{"comment", "c"}}).file("a", "").tar();
  given[0] = '!';
  const std::string actual = passed_on(given);
  BOOST_TEST(actual.substr(148, 8) == "xxxxxxxx");
  BOOST_TEST(actual.substr(512) == given.substr(512));
}

BOOST_AUTO_TEST_CASE(an_extended_header_says_how_long_it_is) {
  const std::string header = tar_header({.name = "pax", .type = 'x', .size = 8});
  for (const std::string_view size :
       {std::string_view("\x80\0\0\0\0\0\0\0\0\0\1\0", 12), std::string_view("            ")}) {
    const Error error = error_of([&] { passed_on(with_field(header, 124, size) + std::string(1024, '\0')); });
    BOOST_TEST((error.kind() == ErrorKind::invalid_archive));
    BOOST_TEST(error.message() == "payload has an unrecognized tar header");
  }
}

BOOST_AUTO_TEST_SUITE_END()
