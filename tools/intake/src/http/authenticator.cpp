#include "http/authenticator.hpp"

#include <nlohmann/json.hpp>

#include "forms/header_value.hpp"
#include "forms/refusal.hpp"
#include "observe/log.hpp"

namespace koku::intake {
namespace {

using nlohmann::json;

/// The token of a bearer header; empty when it is none.
std::string_view bearer_token(std::string_view authorization) {
  const auto text = trim(authorization);
  const auto blank = text.find(' ');
  if (blank == std::string_view::npos || to_lower(text.substr(0, blank)) != "bearer") return {};
  return trim(text.substr(blank));
}

/// What readers log in with; each is known by its user, whatever the log calls it.
std::vector<Credential> passwords_of(const std::vector<Reader>& readers) {
  std::vector<Credential> passwords;
  for (const auto& reader : readers) {
    if (reader.credential.user.empty()) continue;
    passwords.push_back(reader.credential);
    passwords.back().name = reader.credential.user;
  }
  return passwords;
}

}  // namespace

Authenticator::Authenticator(const Configuration& configuration)
    : credentials_(configuration.credentials),
      readers_(configuration.readers),
      reader_passwords_(passwords_of(configuration.readers)) {
  const auto& jwt = configuration.jwt;
  if (!jwt.is_set()) return;
  rules_.issuer = jwt.issuer;
  rules_.audience = jwt.audience;
  for (const auto& name : jwt.algorithms) rules_.algorithms.push_back(parse_signature_algorithm(name));
  rules_.client_claims = jwt.client_claims;
  rules_.leeway = std::chrono::duration_cast<std::chrono::seconds>(jwt.leeway);
  keys_ = std::make_unique<KeySource>(jwt);
}

/// What the function makes of the claims of a token that is found right.
template <class Use>
auto Authenticator::with_claims(std::string_view token, Use use) const {
  try {
    const auto keys = keys_->current();
    const auto now = std::chrono::system_clock::now();
    try {
      return use(claims_of_token(token, *keys, rules_, now));
    } catch (const UnknownKey&) {
      const auto newer = keys_->newer_than(keys);
      if (newer == keys) throw;
      return use(claims_of_token(token, *newer, rules_, now));
    }
  } catch (const TokenRefused& refused) {
    throw Refusal(401, refused.what());
  } catch (const KeysUnavailable& problem) {
    log(LogLevel::warning, "a token cannot be checked", {{"reason", problem.what()}});
    throw Refusal(503, "the keys of the issuer are not available now; try again later");
  }
}

Principal Authenticator::check(std::string_view authorization) const {
  if (authorization.empty()) throw Refusal(401, "no credentials were sent");
  if (auto principal = credentials_.check(authorization)) return *principal;
  if (const auto token = bearer_token(authorization); keys_ && is_json_web_token(token)) {
    return with_claims(token, [this](const json& claims) { return sender_of(claims); });
  }
  throw Refusal(401, "the credentials are not known");
}

Reader Authenticator::check_reader(std::string_view authorization) const {
  if (authorization.empty()) throw Refusal(401, "no credentials were sent");
  if (const auto principal = reader_passwords_.check(authorization)) {
    for (const auto& reader : readers_) {
      if (!reader.credential.user.empty() && reader.credential.user == principal->name) return reader;
    }
  }
  if (const auto token = bearer_token(authorization); keys_ && is_json_web_token(token)) {
    return with_claims(token, [this](const json& claims) { return reader_of(claims); });
  }
  throw Refusal(401, "the credentials are not known");
}

Principal Authenticator::sender_of(const json& claims) const {
  const auto client = client_of(claims, rules_);
  if (auto principal = credentials_.find_client(client)) return *principal;
  throw Refusal(403, "no [[credential]] of koku-intake has client_id '" + excerpt(client, 80) + "'");
}

Reader Authenticator::reader_of(const json& claims) const {
  const auto client = client_in(claims, rules_);
  if (client && credentials_.find_client(*client)) {
    throw Refusal(403, "who sends payloads ('" + excerpt(*client, 80) + "') may not look at reports");
  }
  for (const auto& reader : readers_) {
    if (!reader.claim.empty() && has_claim(claims, reader.claim, reader.value)) return reader;
  }
  throw Refusal(403, "the token has no claim that a [[reader]] of koku-intake asks for");
}

bool needs_password_hash(std::string_view authorization) { return bearer_token(authorization).empty(); }

bool may_need_issuer(std::string_view authorization) { return is_json_web_token(bearer_token(authorization)); }

}  // namespace koku::intake
