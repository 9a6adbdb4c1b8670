// Foreign text in messages.
#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>

#include "core/base/excerpt.hpp"

using namespace std::string_view_literals;

BOOST_AUTO_TEST_SUITE(excerpt_suite)

BOOST_AUTO_TEST_CASE(an_excerpt_is_short_and_printable) {
  const struct {
    std::string_view text;
    std::size_t max_bytes;
    std::string_view expected;
  } cases[] = {
      {"", 4, ""},
      {"abcd", 4, "abcd"},
      {"abcde", 4, "abcd..."},
      {"ab\u00e9d", 4, "ab\u00e9..."},
      {"abc\u00e9", 4, "abc..."},
      {"a\nb", 8, "a\\x0ab"},
      {"a\0b"sv, 8, "a\\x00b"},
      {"a\xff\xc3", 8, "a\\xff\\xc3"},
      {"\xc2\x85", 8, "\\xc2\\x85"},
      {"\x7f", 8, "\\x7f"},
  };
  for (const auto& [text, max_bytes, expected] : cases) BOOST_TEST(koku::excerpt(text, max_bytes) == expected);
}

BOOST_AUTO_TEST_SUITE_END()
