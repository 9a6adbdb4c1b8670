// Signed JSON Web Tokens (RFC 7519, RFC 7515) as OpenID Connect issuers give them to services.
#pragma once

#include <chrono>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "tokens/key_set.hpp"

namespace koku::intake {

/// A token that is not accepted. The text says why and is fit for log and answer: it holds no part of the token but its
/// key id.
class TokenRefused : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The key that a token names is not among those at hand. Newer ones may have it.
class UnknownKey : public TokenRefused {
 public:
  using TokenRefused::TokenRefused;
};

struct TokenRules {
  std::string issuer;                 ///< 'iss' must be this
  std::vector<std::string> audience;  ///< 'aud' must have one of these
  std::vector<SignatureAlgorithm> algorithms;
  std::vector<std::string> client_claims;  ///< the first of these that is there names the client
  std::chrono::seconds leeway{0};          ///< how far clocks may differ
};

/// Whether a text looks like a signed token (two dots) and not like a secret that is known as a whole.
bool is_json_web_token(std::string_view text);

/// What the token says, once its signature, issuer, audience and times are found right at that time. Throws
/// TokenRefused.
nlohmann::json claims_of_token(std::string_view token, const KeySet& keys, const TokenRules& rules,
                               std::chrono::system_clock::time_point now);

/// The client that the claims name.
std::optional<std::string> client_in(const nlohmann::json& claims, const TokenRules& rules);
/// The same; throws TokenRefused where they name none.
std::string client_of(const nlohmann::json& claims, const TokenRules& rules);

/// Whether a claim is this text, or a list that has it. Dots lead into objects, as in 'realm_access.roles', where no
/// claim has the whole name; 'scope' is a list of words.
bool has_claim(const nlohmann::json& claims, std::string_view name, std::string_view value);

}  // namespace koku::intake
