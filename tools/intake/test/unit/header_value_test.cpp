#include "forms/header_value.hpp"

#include <boost/test/unit_test.hpp>

using namespace koku::intake;

BOOST_AUTO_TEST_SUITE(header_value)

BOOST_AUTO_TEST_CASE(values_and_parameters) {
  const struct {
    const char* text;
    const char* value;
    const char* name;
    const char* parameter;
  } cases[] = {
      {"text/plain", "text/plain", "charset", ""},
      {"Text/Plain; Charset=UTF-8", "text/plain", "charset", "UTF-8"},
      {"form-data; name=\"file\"; filename=\"a b.tar.gz\"", "form-data", "filename", "a b.tar.gz"},
      {"form-data; name=\"say \\\"hi\\\"; ok\"", "form-data", "name", "say \"hi\"; ok"},
      {" form-data ;name = \"file\" ; x=1 ;", "form-data", "name", "file"},
      {"form-data; name=\"\"", "form-data", "name", ""},
  };
  for (const auto& c : cases) {
    BOOST_TEST_CONTEXT(c.text) {
      const auto parsed = parse_header_value(c.text);
      BOOST_REQUIRE(parsed);
      BOOST_TEST(parsed->value == c.value);
      BOOST_TEST(parsed->parameter(c.name) == c.parameter);
    }
  }
}

BOOST_AUTO_TEST_CASE(what_breaks_the_grammar) {
  for (const auto* text :
       {"", "  ", "; name=x", "a; name", "a; =x", "a; name=\"open", "a; name=\"x\" y", "a; n=1; N=2"}) {
    BOOST_TEST_CONTEXT(text) BOOST_TEST(!parse_header_value(text));
  }
}

BOOST_AUTO_TEST_SUITE_END()
