#include "http/authenticator.hpp"

#include "forms/header_value.hpp"
#include "forms/refusal.hpp"
#include "observe/log.hpp"

namespace koku::intake {
namespace {

/// The token of a bearer header; empty when it is none.
std::string_view bearer_token(std::string_view authorization) {
  const auto text = trim(authorization);
  const auto blank = text.find(' ');
  if (blank == std::string_view::npos || to_lower(text.substr(0, blank)) != "bearer") return {};
  return trim(text.substr(blank));
}

}  // namespace

Authenticator::Authenticator(const Configuration& configuration) : credentials_(configuration.credentials) {
  const auto& jwt = configuration.jwt;
  if (!jwt.is_set()) return;
  rules_.issuer = jwt.issuer;
  rules_.audience = jwt.audience;
  for (const auto& name : jwt.algorithms) rules_.algorithms.push_back(parse_signature_algorithm(name));
  rules_.client_claims = jwt.client_claims;
  rules_.leeway = std::chrono::duration_cast<std::chrono::seconds>(jwt.leeway);
  keys_ = std::make_unique<KeySource>(jwt);
}

Principal Authenticator::check(std::string_view authorization) const {
  if (authorization.empty()) throw Refusal(401, "no credentials were sent");
  if (auto principal = credentials_.check(authorization)) return *principal;
  if (const auto token = bearer_token(authorization); keys_ && is_json_web_token(token)) return check_token(token);
  throw Refusal(401, "the credentials are not known");
}

Principal Authenticator::check_token(std::string_view token) const {
  std::string client;
  try {
    client = client_of(token);
  } catch (const TokenRefused& refused) {
    throw Refusal(401, refused.what());
  } catch (const KeysUnavailable& problem) {
    log(LogLevel::warning, "a token cannot be checked", {{"reason", problem.what()}});
    throw Refusal(503, "the keys of the issuer cannot be had now; try again later");
  }
  if (auto principal = credentials_.find_client(client)) return *principal;
  throw Refusal(403, "no [[credential]] of koku-intake has client_id '" + excerpt(client, 80) + "'");
}

std::string Authenticator::client_of(std::string_view token) const {
  const auto keys = keys_->current();
  const auto now = std::chrono::system_clock::now();
  try {
    return client_of_token(token, *keys, rules_, now);
  } catch (const UnknownKey&) {
    const auto newer = keys_->newer_than(keys);
    if (newer == keys) throw;
    return client_of_token(token, *newer, rules_, now);
  }
}

bool needs_password_hash(std::string_view authorization) { return bearer_token(authorization).empty(); }

}  // namespace koku::intake
