#include "observe/encoding.hpp"

#include <boost/test/unit_test.hpp>

using namespace koku::intake;

BOOST_AUTO_TEST_SUITE(encoding)

BOOST_AUTO_TEST_CASE(base64) {
  const struct {
    const char* text;
    std::string bytes;
  } cases[] = {{"", ""},
               {"YQ==", "a"},
               {"YWI=", "ab"},
               {"YWJj", "abc"},
               {"AAA=", std::string(2, '\0')},
               {"+/+/", "\xfb\xff\xbf"}};
  for (const auto& c : cases) {
    BOOST_TEST_CONTEXT(c.text) {
      const auto decoded = decode_base64(c.text);
      BOOST_REQUIRE(decoded);
      BOOST_TEST(*decoded == c.bytes);
    }
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_base64) {
  for (const auto* text :
       {"Y", "YQ", "YQ=", "YQ=a", "=YQ=", "====", "YW\nJ", " YWJj", "YWJj ", "YW-_", "Y===", "YQ==YQ=="}) {
    BOOST_TEST_CONTEXT(text) BOOST_TEST(!decode_base64(text));
  }
}

BOOST_AUTO_TEST_CASE(hexadecimal_digits) {
  BOOST_TEST(*decode_hex("00fFa0") == std::string("\x00\xff\xa0", 3));
  BOOST_TEST(encode_hex(std::string("\x00\xff\xa0", 3)) == "00ffa0");
  for (const auto* text : {"0", "0g", " 00"}) {
    BOOST_TEST_CONTEXT(text) BOOST_TEST(!decode_hex(text));
  }
}

BOOST_AUTO_TEST_CASE(digest_of_a_known_text) {
  BOOST_TEST(encode_hex(sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

BOOST_AUTO_TEST_CASE(equality) {
  BOOST_TEST(equal_in_constant_time("", ""));
  BOOST_TEST(equal_in_constant_time("secret", "secret"));
  for (const auto* other : {"", "secre", "secret ", "Secret"}) {
    BOOST_TEST_CONTEXT(other) BOOST_TEST(!equal_in_constant_time("secret", other));
  }
}

BOOST_AUTO_TEST_SUITE_END()
