#include "core/base/utf8.hpp"

#include <boost/test/unit_test.hpp>
#include <string>
#include <string_view>
#include <vector>

using namespace std::literals;

namespace {

struct Cleaned {
  std::string text;
  std::uint64_t replaced_sequences;
  std::uint64_t removed_nuls;
};

Cleaned clean(std::string_view bytes, std::size_t block_size) {
  koku::Utf8Cleaner cleaner;
  std::vector<char> out(koku::Utf8Cleaner::most_output(bytes.size()));
  char* end = out.data();
  for (std::size_t at = 0; at < bytes.size(); at += block_size) end = cleaner.append(bytes.substr(at, block_size), end);
  end = cleaner.finish(end);
  return {{out.data(), end}, cleaner.replaced_sequences(), cleaner.removed_nuls()};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(utf8)

BOOST_AUTO_TEST_CASE(characters_are_decoded) {
  struct {
    std::string_view text;
    char32_t code_point;
    int size;
    bool valid;
  } const cases[] = {
      {"a"sv, U'a', 1, true},
      {"\0"sv, 0, 1, true},
      {"\x7F"sv, 0x7F, 1, true},
      {"\xC2\x80"sv, 0x80, 2, true},
      {"\xDF\xBF"sv, 0x7FF, 2, true},
      {"\xE0\xA0\x80"sv, 0x800, 3, true},
      {"\xED\x9F\xBF"sv, 0xD7FF, 3, true},
      {"\xEF\xBF\xBF"sv, 0xFFFF, 3, true},
      {"\xF0\x90\x80\x80"sv, 0x10000, 4, true},
      {"\xF4\x8F\xBF\xBFz"sv, 0x10FFFF, 4, true},
      // no lead byte
      {"\x80"sv, 0xFFFD, 1, false},
      {"\xC0\xAF"sv, 0xFFFD, 1, false},
      {"\xC1\xBF"sv, 0xFFFD, 1, false},
      {"\xF5\x80\x80\x80"sv, 0xFFFD, 1, false},
      {"\xFF"sv, 0xFFFD, 1, false},
      // a shorter form, a surrogate, beyond Unicode
      {"\xE0\x9F\xBF"sv, 0xFFFD, 1, false},
      {"\xED\xA0\x80"sv, 0xFFFD, 1, false},
      {"\xF0\x8F\xBF\xBF"sv, 0xFFFD, 1, false},
      {"\xF4\x90\x80\x80"sv, 0xFFFD, 1, false},
      // cut: as far as it goes
      {"\xC3"sv, 0xFFFD, 1, false},
      {"\xC3z"sv, 0xFFFD, 1, false},
      {"\xE2\x82"sv, 0xFFFD, 2, false},
      {"\xE2\x82z"sv, 0xFFFD, 2, false},
      {"\xF0\x9F\x98z"sv, 0xFFFD, 3, false},
  };
  for (const auto& c : cases) {
    const koku::Utf8Character character = koku::decode_utf8(c.text);
    BOOST_TEST(std::uint32_t{character.code_point} == std::uint32_t{c.code_point});
    BOOST_TEST(character.size == c.size);
    BOOST_TEST(character.valid == c.valid);
  }
}

BOOST_AUTO_TEST_CASE(streams_are_cleaned_wherever_they_are_cut) {
  struct {
    std::string_view bytes;
    std::string_view text;
    std::uint64_t replaced_sequences;
    std::uint64_t removed_nuls;
  } const cases[] = {
      {""sv, "", 0, 0},
      {"plain"sv, "plain", 0, 0},
      {"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"sv, "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", 0, 0},
      {"a\0b\0"sv, "ab", 0, 2},
      {"a\xFF\xFEz"sv, "a\xEF\xBF\xBD\xEF\xBF\xBDz", 2, 0},
      // one for each maximal subpart
      {"\xF0\x9F\x98|"sv, "\xEF\xBF\xBD|", 1, 0},
      {"\xE0\x80\x80"sv, "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD", 3, 0},
      {"\xF0\x9F\x61\xE2\x82\xAC"sv, "\xEF\xBF\xBD\x61\xE2\x82\xAC", 1, 0},
      // a NUL ends a sequence
      {"\xC3\0\xA9"sv, "\xEF\xBF\xBD\xEF\xBF\xBD", 2, 1},
      // the end of the stream does, too
      {"x\xC3"sv, "x\xEF\xBF\xBD", 1, 0},
      {"x\xF0\x9F\x98"sv, "x\xEF\xBF\xBD", 1, 0},
      {"x\xE0\x80"sv, "x\xEF\xBF\xBD\xEF\xBF\xBD", 2, 0},
  };
  for (const auto& c : cases) {
    for (std::size_t block_size = 1; block_size <= c.bytes.size() + 1; ++block_size) {
      const Cleaned cleaned = clean(c.bytes, block_size);
      BOOST_TEST(cleaned.text == c.text);
      BOOST_TEST(cleaned.replaced_sequences == c.replaced_sequences);
      BOOST_TEST(cleaned.removed_nuls == c.removed_nuls);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
