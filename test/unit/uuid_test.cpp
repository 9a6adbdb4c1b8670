// UUIDs as a manifest writes them (spec ingest.md 1.3).
#include "core/payload/uuid.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

BOOST_AUTO_TEST_SUITE(uuid_suite)

BOOST_AUTO_TEST_CASE(accepted_forms_become_one) {
  for (const char* text : {"dde75058-d1d2-41e8-bfd3-761d1e726b03", "DDE75058-D1D2-41E8-BFD3-761D1E726B03",
                           "dde75058d1d241e8bfd3761d1e726b03", "{dde75058-d1d2-41e8-bfd3-761d1e726b03}",
                           "urn:uuid:dde75058-d1d2-41e8-bfd3-761d1e726b03"}) {
    BOOST_TEST(koku::normalise_random_uuid(text).value_or("invalid") == "dde75058-d1d2-41e8-bfd3-761d1e726b03");
  }
  for (const char variant : {'8', '9', 'a', 'b'}) {
    const std::string text = std::string("dde75058-d1d2-41e8-") + variant + "fd3-761d1e726b03";
    BOOST_TEST(koku::normalise_random_uuid(text).value_or("invalid") == text);
  }
}

BOOST_AUTO_TEST_CASE(rejected) {
  for (const char* text : {"", "x", "dde75058-d1d2-41e8-bfd3-761d1e726b0", "dde75058-d1d2-41e8-bfd3-761d1e726b033",
                           "gde75058-d1d2-41e8-bfd3-761d1e726b03", "dde75058-d1d2-11e8-bfd3-761d1e726b03",
                           "dde75058-d1d2-71e8-bfd3-761d1e726b03", "dde75058-d1d2-41e8-7fd3-761d1e726b03",
                           "dde75058-d1d2-41e8-cfd3-761d1e726b03", "dde750-58d1d2-41e8-bfd3-761d1e726b03",
                           "dde75058_d1d2_41e8_bfd3_761d1e726b03", "dde75058-d1d241e8-bfd3-761d1e726b03",
                           "{dde75058d1d241e8bfd3761d1e726b03}", "{dde75058-d1d2-41e8-bfd3-761d1e726b03",
                           "URN:UUID:dde75058-d1d2-41e8-bfd3-761d1e726b03", " dde75058-d1d2-41e8-bfd3-761d1e726b03",
                           "00000000-0000-0000-0000-000000000000"}) {
    BOOST_TEST(koku::normalise_random_uuid(text).value_or("invalid") == "invalid");
  }
}

BOOST_AUTO_TEST_SUITE_END()
