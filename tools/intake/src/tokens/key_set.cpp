#include "tokens/key_set.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "observe/encoding.hpp"

namespace koku::intake {
namespace {

using nlohmann::json;

constexpr std::size_t most_keys = 64;
constexpr int smallest_modulus_bits = 2048;
constexpr int largest_modulus_bits = 8192;
constexpr int largest_exponent_bits = 32;
constexpr std::size_t coordinate_size = 32;

struct NumberDeleter {
  void operator()(BIGNUM* number) const { BN_free(number); }
};
struct BuilderDeleter {
  void operator()(OSSL_PARAM_BLD* builder) const { OSSL_PARAM_BLD_free(builder); }
};
struct ParametersDeleter {
  void operator()(OSSL_PARAM* parameters) const { OSSL_PARAM_free(parameters); }
};
struct ContextDeleter {
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
};
using Number = std::unique_ptr<BIGNUM, NumberDeleter>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, BuilderDeleter>;
using KeyHandle = std::unique_ptr<EVP_PKEY, KeyDeleter>;

std::string text_member(const json& key, const char* name) {
  const auto found = key.find(name);
  return found != key.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// The bytes of a member in base64url; nothing when it is missing or malformed.
std::optional<std::string> bytes_member(const json& key, const char* name) {
  const auto text = text_member(key, name);
  return text.empty() ? std::nullopt : decode_base64url(text);
}

Number number_of(const std::string& bytes) {
  return Number(
      BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()), nullptr));
}

/// Null when OpenSSL does not take the numbers for a key.
KeyHandle make_key(const char* kind, OSSL_PARAM_BLD* builder) {
  const std::unique_ptr<OSSL_PARAM, ParametersDeleter> parameters(OSSL_PARAM_BLD_to_param(builder));
  const std::unique_ptr<EVP_PKEY_CTX, ContextDeleter> context(EVP_PKEY_CTX_new_from_name(nullptr, kind, nullptr));
  EVP_PKEY* made = nullptr;
  if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
    return nullptr;
  }
  KeyHandle key(made);
  const std::unique_ptr<EVP_PKEY_CTX, ContextDeleter> check(EVP_PKEY_CTX_new_from_pkey(nullptr, made, nullptr));
  return check && EVP_PKEY_public_check(check.get()) == 1 ? std::move(key) : nullptr;
}

KeyHandle rsa_key(const json& key) {
  const auto modulus_bytes = bytes_member(key, "n");
  const auto exponent_bytes = bytes_member(key, "e");
  if (!modulus_bytes || !exponent_bytes || modulus_bytes->size() > largest_modulus_bits / 8 + 1) return nullptr;
  const auto modulus = number_of(*modulus_bytes);
  const auto exponent = number_of(*exponent_bytes);
  const Builder builder(OSSL_PARAM_BLD_new());
  if (!modulus || !exponent || !builder) throw std::bad_alloc();
  const auto bits = BN_num_bits(modulus.get());
  if (bits < smallest_modulus_bits || bits > largest_modulus_bits) return nullptr;
  if (BN_num_bits(exponent.get()) > largest_exponent_bits) return nullptr;
  if (OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) != 1) {
    return nullptr;
  }
  return make_key("RSA", builder.get());
}

KeyHandle p256_key(const json& key) {
  const auto x = bytes_member(key, "x");
  const auto y = bytes_member(key, "y");
  if (!x || !y || x->size() != coordinate_size || y->size() != coordinate_size) return nullptr;
  const auto point = "\x04" + *x + *y;  // uncompressed
  const Builder builder(OSSL_PARAM_BLD_new());
  if (!builder) throw std::bad_alloc();
  if (OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) != 1) {
    return nullptr;
  }
  return make_key("EC", builder.get());
}

/// What a key of this kind can do, narrowed to what the key itself says that it is for.
std::vector<SignatureAlgorithm> algorithms_of(const json& key) {
  using enum SignatureAlgorithm;
  const auto kind = text_member(key, "kty");
  std::vector<SignatureAlgorithm> able;
  if (kind == "RSA") able = {rs256, ps256};
  if (kind == "EC" && text_member(key, "crv") == "P-256") able = {es256};
  if (const auto use = text_member(key, "use"); !use.empty() && use != "sig") able.clear();
  if (const auto named = text_member(key, "alg"); !named.empty()) {
    std::erase_if(able, [&named](SignatureAlgorithm algorithm) {
      try {
        return parse_signature_algorithm(named) != algorithm;
      } catch (const std::invalid_argument&) {
        return true;
      }
    });
  }
  return able;
}

}  // namespace

SignatureAlgorithm parse_signature_algorithm(std::string_view name) {
  if (name == "RS256") return SignatureAlgorithm::rs256;
  if (name == "PS256") return SignatureAlgorithm::ps256;
  if (name == "ES256") return SignatureAlgorithm::es256;
  throw std::invalid_argument("'" + std::string(name.substr(0, 20)) + "' is none of RS256, PS256, ES256");
}

KeySet KeySet::parse(std::string_view document) {
  const auto parsed = json::parse(document.begin(), document.end(), nullptr, false);
  if (!parsed.is_object() || !parsed.contains("keys") || !parsed["keys"].is_array()) {
    throw MalformedKeySet("it is not a JSON object with an array 'keys'");
  }
  const auto& listed = parsed["keys"];
  if (listed.size() > most_keys) throw MalformedKeySet("it has more than " + std::to_string(most_keys) + " keys");
  KeySet set;
  for (const auto& key : listed) {
    if (!key.is_object()) continue;
    auto algorithms = algorithms_of(key);
    if (algorithms.empty()) continue;
    auto handle = text_member(key, "kty") == "RSA" ? rsa_key(key) : p256_key(key);
    if (handle) set.keys_.push_back({text_member(key, "kid"), std::move(algorithms), std::move(handle)});
  }
  if (set.keys_.empty()) throw MalformedKeySet("it has no key for signatures with RS256, PS256 or ES256");
  return set;
}

const PublicKey* KeySet::find(std::string_view id, SignatureAlgorithm algorithm) const {
  const PublicKey* found = nullptr;
  for (const auto& key : keys_) {
    if (!id.empty() && key.id != id) continue;
    if (std::find(key.algorithms.begin(), key.algorithms.end(), algorithm) == key.algorithms.end()) continue;
    if (found != nullptr) return nullptr;  // which of them is meant cannot be told
    found = &key;
  }
  return found;
}

}  // namespace koku::intake
