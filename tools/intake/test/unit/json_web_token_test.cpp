#include "tokens/json_web_token.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

using namespace koku::intake;
using nlohmann::json;

namespace {

using std::chrono::seconds;
using Time = std::chrono::system_clock::time_point;

/// 2026-11-18 00:00:00 UTC, the day of all tests.
const Time today{seconds(1'794'960'000)};

struct PrivateKey {
  std::unique_ptr<EVP_PKEY, KeyDeleter> handle;
};

PrivateKey make_rsa(unsigned bits = 2048) { return {std::unique_ptr<EVP_PKEY, KeyDeleter>(EVP_RSA_gen(bits))}; }
PrivateKey make_ec(const char* curve = "P-256") { return {std::unique_ptr<EVP_PKEY, KeyDeleter>(EVP_EC_gen(curve))}; }

std::string base64url(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  text.resize(static_cast<std::size_t>(EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                                       reinterpret_cast<const unsigned char*>(bytes.data()),
                                                       static_cast<int>(bytes.size()))));
  for (auto& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  while (!text.empty() && text.back() == '=') text.pop_back();
  return text;
}

std::string number(const PrivateKey& key, const char* name, std::size_t size = 0) {
  BIGNUM* value = nullptr;
  BOOST_REQUIRE(EVP_PKEY_get_bn_param(key.handle.get(), name, &value) == 1);
  std::string bytes(size > 0 ? size : static_cast<std::size_t>(BN_num_bytes(value)), '\0');
  BN_bn2binpad(value, reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  BN_free(value);
  return base64url(bytes);
}

json public_rsa(const PrivateKey& key, const std::string& id) {
  return {{"kty", "RSA"}, {"kid", id}, {"n", number(key, "n")}, {"e", number(key, "e")}};
}

json public_ec(const PrivateKey& key, const std::string& id) {
  return {{"kty", "EC"}, {"crv", "P-256"}, {"kid", id}, {"x", number(key, "qx", 32)}, {"y", number(key, "qy", 32)}};
}

std::string sign(const PrivateKey& key, const std::string& algorithm, const std::string& text) {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_PKEY_CTX* options = nullptr;
  BOOST_REQUIRE(EVP_DigestSignInit(context, &options, EVP_sha256(), nullptr, key.handle.get()) == 1);
  if (algorithm == "PS256") {
    EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING);
    EVP_PKEY_CTX_set_rsa_pss_saltlen(options, 32);
  }
  std::size_t size = 0;
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  EVP_DigestSign(context, nullptr, &size, bytes, text.size());
  std::string signature(size, '\0');
  BOOST_REQUIRE(
      EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size, bytes, text.size()) == 1);
  signature.resize(size);
  EVP_MD_CTX_free(context);
  if (algorithm != "ES256") return signature;
  const auto* der = reinterpret_cast<const unsigned char*>(signature.data());
  ECDSA_SIG* pair = d2i_ECDSA_SIG(nullptr, &der, static_cast<long>(signature.size()));
  std::string joined(64, '\0');
  BN_bn2binpad(ECDSA_SIG_get0_r(pair), reinterpret_cast<unsigned char*>(joined.data()), 32);
  BN_bn2binpad(ECDSA_SIG_get0_s(pair), reinterpret_cast<unsigned char*>(joined.data()) + 32, 32);
  ECDSA_SIG_free(pair);
  return joined;
}

std::string hmac(const std::string& secret, const std::string& text) {
  std::string digest(32, '\0');
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(),
       reinterpret_cast<unsigned char*>(digest.data()), nullptr);
  return digest;
}

std::string public_pem(const PrivateKey& key) {
  BIO* memory = BIO_new(BIO_s_mem());
  PEM_write_bio_PUBKEY(memory, key.handle.get());
  char* text = nullptr;
  const auto size = BIO_get_mem_data(memory, &text);
  std::string pem(text, static_cast<std::size_t>(size));
  BIO_free(memory);
  return pem;
}

/// Keys are made once: an RSA key takes its time.
struct Issuer {
  PrivateKey rsa = make_rsa();
  PrivateKey other_rsa = make_rsa();
  PrivateKey ec = make_ec();
  KeySet keys = KeySet::parse(json{{"keys", {public_rsa(rsa, "rsa"), public_ec(ec, "ec")}}}.dump());
};

const Issuer& issuer() {
  static const Issuer made;
  return made;
}

TokenRules rules() {
  using enum SignatureAlgorithm;
  return {"https://sso.example.org/realms/cost", {"koku"}, {rs256, ps256, es256}, {"azp", "client_id"}, seconds(30)};
}

json good_claims() {
  const auto now = std::chrono::duration_cast<seconds>(today.time_since_epoch()).count();
  return {{"iss", "https://sso.example.org/realms/cost"},
          {"aud", {"account", "koku"}},
          {"azp", "cluster-a"},
          {"iat", now - 10},
          {"nbf", now - 10},
          {"exp", now + 300}};
}

std::string make_token(const json& header, const json& claims, const PrivateKey& key) {
  const auto text = base64url(header.dump()) + "." + base64url(claims.dump());
  return text + "." + base64url(sign(key, header.at("alg"), text));
}

std::string good_token(const json& claims = good_claims()) {
  return make_token({{"alg", "RS256"}, {"kid", "rsa"}}, claims, issuer().rsa);
}

std::string client(const std::string& token, const TokenRules& with = rules(), Time now = today) {
  return client_of(claims_of_token(token, issuer().keys, with, now), with);
}

void check_refused(const std::string& token, const std::string& why, const TokenRules& with = rules(),
                   Time now = today) {
  BOOST_CHECK_EXCEPTION(client(token, with, now), TokenRefused, [&why](const TokenRefused& refused) {
    BOOST_TEST(std::string(refused.what()).find(why) != std::string::npos, refused.what());
    return true;
  });
}

json with(const char* name, const json& value) {
  auto claims = good_claims();
  claims[name] = value;
  return claims;
}

json without(const char* name) {
  auto claims = good_claims();
  claims.erase(name);
  return claims;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(json_web_token)

BOOST_AUTO_TEST_CASE(good_tokens_of_each_algorithm_name_their_client) {
  BOOST_TEST(client(good_token()) == "cluster-a");
  BOOST_TEST(client(make_token({{"alg", "PS256"}, {"kid", "rsa"}}, good_claims(), issuer().rsa)) == "cluster-a");
  BOOST_TEST(client(make_token({{"alg", "ES256"}, {"kid", "ec"}}, good_claims(), issuer().ec)) == "cluster-a");
}

BOOST_AUTO_TEST_CASE(the_example_of_rfc_7515_a_2_is_verified) {
  // Key and signed text of RFC 7515, appendix A.2; its claims name no audience, so that only the signature passes.
  const auto keys = KeySet::parse(
      R"({"keys": [{"kty": "RSA", "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ", "e": "AQAB"}]})");
  const std::string token =
      "eyJhbGciOiJSUzI1NiJ9."
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVl"
      "fQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUA"
      "r7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi"
      "12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGl"
      "UPQGe77Rw";
  auto of_joe = rules();
  of_joe.issuer = "joe";
  BOOST_CHECK_EXCEPTION(
      client_of(claims_of_token(token, keys, of_joe, today), of_joe), TokenRefused,
      [](const TokenRefused& refused) { return std::string(refused.what()) == "the token is for another audience"; });
  auto changed = token;
  changed[changed.size() - 5] = changed[changed.size() - 5] == 'A' ? 'B' : 'A';
  BOOST_CHECK_EXCEPTION(
      client_of(claims_of_token(changed, keys, of_joe, today), of_joe), TokenRefused,
      [](const TokenRefused& refused) { return std::string(refused.what()) == "the signature of the token is wrong"; });
}

BOOST_AUTO_TEST_CASE(times_count_with_leeway) {
  const auto now = std::chrono::duration_cast<seconds>(today.time_since_epoch()).count();
  BOOST_TEST(client(good_token(with("exp", now - 29))) == "cluster-a");
  check_refused(good_token(with("exp", now - 30)), "expired");
  check_refused(good_token(without("exp")), "does not say when it expires");
  BOOST_TEST(client(good_token(with("nbf", now + 30))) == "cluster-a");
  check_refused(good_token(with("nbf", now + 31)), "not valid yet");
  check_refused(good_token(with("iat", now + 31)), "not valid yet");
  check_refused(good_token(with("exp", "soon")), "exp is not a time");
  check_refused(good_token(with("exp", 1e300)), "exp is not a time");
  check_refused(good_token(with("nbf", -1)), "nbf is not a time");
}

BOOST_AUTO_TEST_CASE(issuer_audience_and_client_must_fit) {
  check_refused(good_token(with("iss", "https://sso.example.org/realms/other")), "another issuer");
  check_refused(good_token(without("iss")), "another issuer");
  check_refused(good_token(with("aud", "account")), "another audience");
  check_refused(good_token(with("aud", {"account", "kok"})), "another audience");
  check_refused(good_token(with("aud", {{"koku", true}})), "another audience");
  check_refused(good_token(without("aud")), "another audience");
  BOOST_TEST(client(good_token(with("aud", "koku"))) == "cluster-a");
  check_refused(good_token(without("azp")), "does not name its client");
  check_refused(good_token(with("azp", 7)), "does not name its client");
  auto claims = without("azp");
  claims["client_id"] = "cluster-b";
  BOOST_TEST(client(good_token(claims)) == "cluster-b");
}

BOOST_AUTO_TEST_CASE(no_algorithm_but_the_accepted_ones) {
  const auto claims = base64url(good_claims().dump());
  for (const auto* name : {"none", "None", "", "HS256", "RS512", "rs256"}) {
    const auto header = base64url(json{{"alg", name}, {"kid", "rsa"}}.dump());
    check_refused(header + "." + claims + ".", "algorithm");
    check_refused(header + "." + claims + "." + base64url(sign(issuer().rsa, "RS256", header + "." + claims)),
                  "algorithm");
  }
  auto narrow = rules();
  narrow.algorithms = {SignatureAlgorithm::es256};
  check_refused(good_token(), "algorithm", narrow);
}

BOOST_AUTO_TEST_CASE(the_public_key_is_no_shared_secret) {
  const auto text = base64url(json{{"alg", "HS256"}, {"kid", "rsa"}}.dump()) + "." + base64url(good_claims().dump());
  check_refused(text + "." + base64url(hmac(public_pem(issuer().rsa), text)), "algorithm");
}

BOOST_AUTO_TEST_CASE(a_key_is_used_for_its_own_kind_only) {
  // The key that the id names is of another kind than the algorithm.
  const auto es_with_rsa =
      base64url(json{{"alg", "ES256"}, {"kid", "rsa"}}.dump()) + "." + base64url(good_claims().dump());
  check_refused(es_with_rsa + "." + base64url(sign(issuer().ec, "ES256", es_with_rsa)), "no such key");
  const auto rs_with_ec =
      base64url(json{{"alg", "RS256"}, {"kid", "ec"}}.dump()) + "." + base64url(good_claims().dump());
  check_refused(rs_with_ec + "." + base64url(sign(issuer().rsa, "RS256", rs_with_ec)), "no such key");
  // A signature with one padding does not pass for the other.
  const auto ps = base64url(json{{"alg", "PS256"}, {"kid", "rsa"}}.dump()) + "." + base64url(good_claims().dump());
  check_refused(ps + "." + base64url(sign(issuer().rsa, "RS256", ps)), "signature");
}

BOOST_AUTO_TEST_CASE(signatures_must_be_right) {
  check_refused(make_token({{"alg", "RS256"}, {"kid", "rsa"}}, good_claims(), issuer().other_rsa), "signature");
  const auto token = good_token();
  const auto dot = token.rfind('.');
  check_refused(token.substr(0, dot + 1), "signature");
  check_refused(token.substr(0, dot + 1) + "AAAA", "signature");
  check_refused(token.substr(0, dot + 1) + "!!!!", "signature");
  const auto other_claims = base64url(with("azp", "cluster-b").dump());
  const auto first = token.find('.');
  check_refused(token.substr(0, first + 1) + other_claims + token.substr(dot), "signature");
  const auto text = base64url(json{{"alg", "ES256"}, {"kid", "ec"}}.dump()) + "." + base64url(good_claims().dump());
  check_refused(text + "." + base64url(std::string(64, '\0')), "signature");
  check_refused(text + "." + base64url(sign(issuer().ec, "ES256", text).substr(0, 63)), "signature");
}

BOOST_AUTO_TEST_CASE(unknown_keys_are_told_from_other_refusals) {
  const auto token = make_token({{"alg", "RS256"}, {"kid", "new"}}, good_claims(), issuer().rsa);
  BOOST_CHECK_THROW(client(token), UnknownKey);
  // Without an id the only key of its kind is meant.
  BOOST_TEST(client(make_token({{"alg", "RS256"}}, good_claims(), issuer().rsa)) == "cluster-a");
  check_refused(make_token({{"alg", "RS256"}, {"kid", std::string(300, 'k')}}, good_claims(), issuer().rsa),
                "too long");
}

BOOST_AUTO_TEST_CASE(malformed_tokens) {
  check_refused("", "three parts");
  check_refused("a.b", "three parts");
  check_refused("a.b.c.d", "three parts");
  check_refused("a.b.c", "not base64url");
  check_refused(base64url("[]") + ".e30.", "not a JSON object");
  check_refused(base64url("{\"alg\":") + ".e30.", "not a JSON object");
  check_refused(base64url(R"({"alg":"none","alg":"RS256"})") + ".e30.", "twice");
  check_refused(std::string(20'000, 'a') + ".e30.", "too long");
  check_refused(base64url(std::string(8000, '[')) + ".e30.", "not a JSON object");
  check_refused(
      make_token({{"alg", "RS256"}, {"kid", "rsa"}, {"crit", {"b64"}}, {"b64", false}}, good_claims(), issuer().rsa),
      "extensions");
  // Padding and the other alphabet belong to another encoding.
  const auto token = good_token();
  check_refused(token + "==", "signature");
}

BOOST_AUTO_TEST_CASE(key_sets) {
  const auto parse = [](const json& keys) { return KeySet::parse(json{{"keys", keys}}.dump()); };
  BOOST_CHECK_THROW(KeySet::parse("nothing"), MalformedKeySet);
  BOOST_CHECK_THROW(KeySet::parse("[]"), MalformedKeySet);
  BOOST_CHECK_THROW(KeySet::parse(R"({"keys": 1})"), MalformedKeySet);
  BOOST_CHECK_THROW(parse(json::array()), MalformedKeySet);
  // Small, for encryption, for another algorithm, symmetric, off the curve: none of these is taken.
  BOOST_CHECK_THROW(parse(json::array({public_rsa(make_rsa(1024), "small")})), MalformedKeySet);
  auto key = public_rsa(issuer().rsa, "a");
  key["use"] = "enc";
  BOOST_CHECK_THROW(parse(json::array({key})), MalformedKeySet);
  key["use"] = "sig";
  key["alg"] = "RS512";
  BOOST_CHECK_THROW(parse(json::array({key})), MalformedKeySet);
  BOOST_CHECK_THROW(parse(json::array({json{{"kty", "oct"}, {"k", "c2VjcmV0"}}})), MalformedKeySet);
  auto point = public_ec(issuer().ec, "b");
  point["y"] = point["x"];
  BOOST_CHECK_THROW(parse(json::array({point})), MalformedKeySet);
  BOOST_CHECK_THROW(parse(json::array_t(65, public_ec(issuer().ec, "c"))), MalformedKeySet);
  // A key for one algorithm only.
  key["alg"] = "PS256";
  const auto keys = parse(json::array({key}));
  BOOST_TEST((keys.find("a", SignatureAlgorithm::ps256) != nullptr));
  BOOST_TEST((keys.find("a", SignatureAlgorithm::rs256) == nullptr));
  // Two keys of one id are none: which is meant cannot be told.
  const auto twins = parse(json::array({public_ec(issuer().ec, "t"), public_ec(make_ec(), "t")}));
  BOOST_TEST((twins.find("t", SignatureAlgorithm::es256) == nullptr));
}

BOOST_AUTO_TEST_CASE(claims_of_readers) {
  const auto claims = nlohmann::json::parse(R"({"groups": ["a", "b", 7], "role": "a", "scope": "openid cost report",
    "realm_access": {"roles": ["r"]}, "https://example.org/roles": ["u"], "flag": true})");
  BOOST_TEST(has_claim(claims, "groups", "b"));
  BOOST_TEST(has_claim(claims, "role", "a"));
  BOOST_TEST(has_claim(claims, "scope", "cost"));
  BOOST_TEST(has_claim(claims, "realm_access.roles", "r"));
  BOOST_TEST(has_claim(claims, "https://example.org/roles", "u"));
  BOOST_TEST(!has_claim(claims, "groups", "c"));
  BOOST_TEST(!has_claim(claims, "groups", "7"));
  BOOST_TEST(!has_claim(claims, "scope", "openid cost"));
  BOOST_TEST(!has_claim(claims, "scope", "cos"));
  BOOST_TEST(!has_claim(claims, "realm_access", "r"));
  BOOST_TEST(!has_claim(claims, "realm_access.roles.more", "r"));
  BOOST_TEST(!has_claim(claims, "flag", "true"));
  BOOST_TEST(!has_claim(claims, "missing", ""));
}

BOOST_AUTO_TEST_SUITE_END()
