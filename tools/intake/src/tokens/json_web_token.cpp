#include "tokens/json_web_token.hpp"

#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "observe/encoding.hpp"

namespace koku::intake {
namespace {

using nlohmann::json;

constexpr std::size_t longest_token = 12 * 1024;
constexpr std::size_t longest_name = 256;
constexpr std::size_t p256_signature_size = 64;
/// Seconds that a double holds exactly, and a clock can reach.
constexpr double latest_time = 9e15;

struct DigestDeleter {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
struct SignatureDeleter {
  void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
};

struct TokenParts {
  std::string_view signed_text;  ///< header and claims as they were signed
  std::string_view header;
  std::string_view claims;
  std::string_view signature;
};

TokenParts split(std::string_view token) {
  if (token.size() > longest_token) throw TokenRefused("the token is too long");
  const auto first = token.find('.');
  const auto second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) {
    throw TokenRefused("the token does not have three parts");
  }
  return {token.substr(0, second), token.substr(0, first), token.substr(first + 1, second - first - 1),
          token.substr(second + 1)};
}

/// A JSON object in base64url. Two members of one name are refused: programs differ in which of them counts.
json object_of(std::string_view part, const char* what) {
  const auto bytes = decode_base64url(part);
  if (!bytes) throw TokenRefused(std::string("the ") + what + " of the token is not base64url");
  std::vector<std::vector<std::string>> names;
  bool repeated = false;
  const auto watch = [&names, &repeated](int, json::parse_event_t event, json& value) {
    if (event == json::parse_event_t::object_start) names.emplace_back();
    if (event == json::parse_event_t::object_end) names.pop_back();
    if (event == json::parse_event_t::key) {
      const auto name = value.get<std::string>();
      auto& known = names.back();
      repeated = repeated || std::find(known.begin(), known.end(), name) != known.end();
      known.push_back(name);
    }
    return true;
  };
  auto object = json::parse(bytes->begin(), bytes->end(), watch, false);
  if (!object.is_object()) throw TokenRefused(std::string("the ") + what + " of the token is not a JSON object");
  if (repeated) throw TokenRefused(std::string("the ") + what + " of the token has a member twice");
  return object;
}

std::string text_member(const json& object, const std::string& name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

SignatureAlgorithm algorithm_of(const json& header, const TokenRules& rules) {
  const auto name = text_member(header, "alg");
  std::optional<SignatureAlgorithm> algorithm;
  try {
    algorithm = parse_signature_algorithm(name);
  } catch (const std::invalid_argument&) {
  }
  if (!algorithm || std::find(rules.algorithms.begin(), rules.algorithms.end(), *algorithm) == rules.algorithms.end()) {
    throw TokenRefused("the token is not signed with an algorithm that is accepted");
  }
  return *algorithm;
}

/// ECDSA signatures are two numbers side by side in a token and a DER sequence for OpenSSL.
std::string der_signature(const std::string& pair) {
  if (pair.size() != p256_signature_size) throw TokenRefused("the signature of the token is wrong");
  const auto* bytes = reinterpret_cast<const unsigned char*>(pair.data());
  constexpr int half = p256_signature_size / 2;
  const std::unique_ptr<ECDSA_SIG, SignatureDeleter> signature(ECDSA_SIG_new());
  BIGNUM* r = BN_bin2bn(bytes, half, nullptr);
  BIGNUM* s = BN_bin2bn(bytes + half, half, nullptr);
  if (!signature || ECDSA_SIG_set0(signature.get(), r, s) != 1) {
    BN_free(r);
    BN_free(s);
    throw std::bad_alloc();
  }
  unsigned char* encoded = nullptr;
  const int size = i2d_ECDSA_SIG(signature.get(), &encoded);
  if (size <= 0) throw std::bad_alloc();
  std::string der(reinterpret_cast<const char*>(encoded), static_cast<std::size_t>(size));
  OPENSSL_free(encoded);
  return der;
}

bool is_signed_with(const PublicKey& key, SignatureAlgorithm algorithm, std::string_view text, std::string signature) {
  if (algorithm == SignatureAlgorithm::es256) signature = der_signature(signature);
  const std::unique_ptr<EVP_MD_CTX, DigestDeleter> context(EVP_MD_CTX_new());
  if (!context) throw std::bad_alloc();
  EVP_PKEY_CTX* options = nullptr;
  if (EVP_DigestVerifyInit(context.get(), &options, EVP_sha256(), nullptr, key.handle.get()) != 1) return false;
  if (algorithm == SignatureAlgorithm::ps256 &&
      (EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) != 1 ||
       EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) != 1 ||
       EVP_PKEY_CTX_set_rsa_mgf1_md(options, EVP_sha256()) != 1)) {
    return false;
  }
  return EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                          reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1;
}

void check_signature(const TokenParts& parts, const KeySet& keys, const TokenRules& rules) {
  const auto header = object_of(parts.header, "header");
  // 'crit' names extensions that must be understood, and none is.
  if (header.contains("crit")) throw TokenRefused("the token demands extensions that are not understood");
  const auto algorithm = algorithm_of(header, rules);
  const auto key_id = text_member(header, "kid");
  if (key_id.size() > longest_name) throw TokenRefused("the key id of the token is too long");
  const auto* key = keys.find(key_id, algorithm);
  if (key == nullptr) throw UnknownKey("the issuer has no such key: '" + key_id.substr(0, 80) + "'");
  const auto signature = decode_base64url(parts.signature);
  if (!signature || !is_signed_with(*key, algorithm, parts.signed_text, *signature)) {
    throw TokenRefused("the signature of the token is wrong");
  }
}

/// Seconds since 1970; nothing when the claim is missing.
std::optional<double> time_claim(const json& claims, const char* name) {
  const auto found = claims.find(name);
  if (found == claims.end()) return std::nullopt;
  const double value = found->is_number() ? found->get<double>() : -1;
  if (!(value >= 0 && value < latest_time)) throw TokenRefused(std::string("the claim ") + name + " is not a time");
  return value;
}

void check_times(const json& claims, const TokenRules& rules, std::chrono::system_clock::time_point now) {
  const auto seconds = std::chrono::duration<double>(now.time_since_epoch()).count();
  const auto leeway = static_cast<double>(rules.leeway.count());
  const auto expires = time_claim(claims, "exp");
  if (!expires) throw TokenRefused("the token does not say when it expires");
  if (seconds >= *expires + leeway) throw TokenRefused("the token has expired");
  for (const auto* name : {"nbf", "iat"}) {
    const auto begins = time_claim(claims, name);
    if (begins && seconds < *begins - leeway) throw TokenRefused("the token is not valid yet");
  }
}

bool has_audience(const json& claims, const std::vector<std::string>& accepted) {
  const auto is_accepted = [&accepted](const json& value) {
    return value.is_string() && std::find(accepted.begin(), accepted.end(), value.get<std::string>()) != accepted.end();
  };
  const auto audience = claims.find("aud");
  if (audience == claims.end()) return false;
  return audience->is_array() ? std::any_of(audience->begin(), audience->end(), is_accepted) : is_accepted(*audience);
}

/// The claim of a name, or what its dots lead to; null where there is none.
const json* claim_at(const json& object, std::string_view name) {
  if (!object.is_object()) return nullptr;
  if (const auto found = object.find(std::string(name)); found != object.end()) return &*found;
  const auto dot = name.find('.');
  if (dot == std::string_view::npos) return nullptr;
  const auto inner = object.find(std::string(name.substr(0, dot)));
  return inner == object.end() ? nullptr : claim_at(*inner, name.substr(dot + 1));
}

}  // namespace

bool is_json_web_token(std::string_view text) { return std::count(text.begin(), text.end(), '.') == 2; }

json claims_of_token(std::string_view token, const KeySet& keys, const TokenRules& rules,
                     std::chrono::system_clock::time_point now) {
  const auto parts = split(token);
  check_signature(parts, keys, rules);
  auto claims = object_of(parts.claims, "claims");
  if (text_member(claims, "iss") != rules.issuer) throw TokenRefused("the token is from another issuer");
  if (!has_audience(claims, rules.audience)) throw TokenRefused("the token is for another audience");
  check_times(claims, rules, now);
  return claims;
}

std::optional<std::string> client_in(const json& claims, const TokenRules& rules) {
  for (const auto& name : rules.client_claims) {
    auto client = text_member(claims, name);
    if (!client.empty() && client.size() <= longest_name) return client;
  }
  return std::nullopt;
}

bool has_claim(const json& claims, std::string_view name, std::string_view value) {
  const auto* found = claim_at(claims, name);
  if (found == nullptr) return false;
  const auto is_value = [value](const json& item) {
    return item.is_string() && item.get_ref<const std::string&>() == value;
  };
  if (found->is_array()) return std::any_of(found->begin(), found->end(), is_value);
  if (name == "scope" && found->is_string()) {
    const bool is_word = !value.empty() && value.find(' ') == std::string_view::npos;
    return is_word && (' ' + found->get<std::string>() + ' ').find(' ' + std::string(value) + ' ') != std::string::npos;
  }
  return is_value(*found);
}

std::string client_of(const json& claims, const TokenRules& rules) {
  auto client = client_in(claims, rules);
  if (!client) throw TokenRefused("the token does not name its client");
  return *client;
}

}  // namespace koku::intake
