#include "settings/credentials.hpp"

#include <crypt.h>

#include <boost/test/unit_test.hpp>

#include "observe/encoding.hpp"

using namespace koku::intake;

namespace {

std::string hash_of(const char* password) {
  crypt_data data{};
  return crypt_r(password, "$5$rounds=1000$salt", &data);
}

std::vector<Credential> senders() {
  Credential hashed{"cluster-a", "cluster-a", hash_of("pass:word"), {}, {}, {}, "tenant_a"};
  Credential filed{"cluster-b", "cluster-b", {}, sha256("other"), {}, {}, std::nullopt};
  Credential token{"robot", {}, {}, {}, sha256("t0ken"), {}, "tenant_c"};
  return {hashed, filed, token};
}

/// The name and tenant of who a header proves; '-' for nobody.
std::string who(const std::string& header) {
  const auto principal = CredentialStore(senders()).check(header);
  return principal ? principal->name + "/" + principal->tenant.value_or("") : "-";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(credentials)

BOOST_AUTO_TEST_CASE(who_is_known) {
  BOOST_TEST(who("Basic Y2x1c3Rlci1hOnBhc3M6d29yZA==") == "cluster-a/tenant_a");  // cluster-a:pass:word
  BOOST_TEST(who("basic  Y2x1c3Rlci1iOm90aGVy ") == "cluster-b/");                // cluster-b:other
  BOOST_TEST(who("Bearer t0ken") == "robot/tenant_c");
  BOOST_TEST(who("BEARER t0ken") == "robot/tenant_c");
}

BOOST_AUTO_TEST_CASE(who_is_not) {
  const struct {
    const char* what;
    const char* header;
  } cases[] = {
      {"nothing", ""},
      {"no value", "Basic"},
      {"another scheme", "Digest t0ken"},
      {"wrong password", "Basic Y2x1c3Rlci1hOndyb25n"},
      {"password of another", "Basic Y2x1c3Rlci1hOm90aGVy"},
      {"empty password", "Basic Y2x1c3Rlci1hOg=="},
      {"unknown user", "Basic bm9ib2R5Om90aGVy"},
      {"empty user", "Basic Om90aGVy"},
      {"no colon", "Basic Y2x1c3Rlci1h"},
      {"no base64", "Basic ***"},
      {"right password, zero byte, more", "Basic Y2x1c3Rlci1hOnBhc3M6d29yZAB4"},
      {"wrong token", "Bearer token"},
      {"empty token", "Bearer  "},
      {"a password as token", "Bearer other"},
      {"token as password", "Basic cm9ib3Q6dDBrZW4="},
  };
  for (const auto& c : cases) {
    BOOST_TEST_CONTEXT(c.what) BOOST_TEST(who(c.header) == "-");
  }
}

BOOST_AUTO_TEST_CASE(nobody_is_known_without_credentials) {
  BOOST_TEST(!CredentialStore({}).check("Basic Og=="));
  BOOST_TEST(!CredentialStore({}).check("Bearer x"));
}

BOOST_AUTO_TEST_CASE(hashes) {
  BOOST_TEST(is_password_hash(hash_of("x")));
  for (const auto* text : {"", "plain", "$6$saltonly", "$5$rounds=1000$salt", "$99$salt$hash", "*0"}) {
    BOOST_TEST_CONTEXT(text) BOOST_TEST(!is_password_hash(text));
  }
}

BOOST_AUTO_TEST_SUITE_END()
