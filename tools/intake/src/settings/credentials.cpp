#include "settings/credentials.hpp"

#include <crypt.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "forms/header_value.hpp"
#include "observe/encoding.hpp"

namespace koku::intake {
namespace {

constexpr std::size_t longest_password = 512;

bool password_matches_hash(const std::string& password, const std::string& hash) {
  const auto data = std::make_unique<crypt_data>();  // 32 kB, too much for a stack
  const char* computed = crypt_r(password.c_str(), hash.c_str(), data.get());
  // A failure token starts with '*', which no hash does.
  return computed != nullptr && computed[0] != '*' && equal_in_constant_time(computed, hash);
}

bool password_matches(const Credential& credential, const std::string& password) {
  if (!credential.password_hash.empty()) return password_matches_hash(password, credential.password_hash);
  return equal_in_constant_time(sha256(password), credential.password_digest);
}

}  // namespace

bool is_password_hash(std::string_view text) {
  if (!text.starts_with('$')) return false;
  const std::string hash(text);
  const auto data = std::make_unique<crypt_data>();
  const char* computed = crypt_r("", hash.c_str(), data.get());
  // A hash and what comes of it have the same length; a mere salt ('$6$abc') is shorter.
  return computed != nullptr && computed[0] != '*' && std::string_view(computed).size() == hash.size();
}

bool Reader::may_see(std::string_view tenant) const {
  return std::any_of(tenants.begin(), tenants.end(),
                     [tenant](const std::string& allowed) { return allowed == "*" || allowed == tenant; });
}

CredentialStore::CredentialStore(std::vector<Credential> credentials) : credentials_(std::move(credentials)) {
  for (const auto& credential : credentials_) {
    if (!credential.password_hash.empty()) decoy_hash_ = credential.password_hash;
  }
}

std::optional<Principal> CredentialStore::check(std::string_view authorization) const {
  const auto text = trim(authorization);
  const auto blank = text.find(' ');
  if (blank == std::string_view::npos) return std::nullopt;
  const auto scheme = to_lower(text.substr(0, blank));
  const auto value = trim(text.substr(blank));
  if (scheme == "bearer") return check_bearer(value);
  if (scheme != "basic") return std::nullopt;

  const auto decoded = decode_base64(value);
  if (!decoded) return std::nullopt;
  const auto colon = decoded->find(':');
  if (colon == std::string::npos) return std::nullopt;
  return check_basic(std::string_view(*decoded).substr(0, colon), std::string_view(*decoded).substr(colon + 1));
}

std::optional<Principal> CredentialStore::check_basic(std::string_view user, std::string_view password) const {
  // crypt(3) takes texts that end at a zero byte: 'right\0wrong' must not pass for 'right'.
  if (password.size() > longest_password || password.find('\0') != std::string_view::npos) return std::nullopt;
  const Credential* found = nullptr;
  for (const auto& credential : credentials_) {
    if (!credential.user.empty() && equal_in_constant_time(user, credential.user)) found = &credential;
  }
  if (found == nullptr) {
    if (!decoy_hash_.empty()) password_matches_hash(std::string(password), decoy_hash_);
    return std::nullopt;
  }
  if (!password_matches(*found, std::string(password))) return std::nullopt;
  return Principal{found->name, found->tenant};
}

std::optional<Principal> CredentialStore::check_bearer(std::string_view token) const {
  const auto digest = sha256(token);
  const Credential* found = nullptr;
  for (const auto& credential : credentials_) {
    if (!credential.token_digest.empty() && equal_in_constant_time(digest, credential.token_digest))
      found = &credential;
  }
  if (found == nullptr) return std::nullopt;
  return Principal{found->name, found->tenant};
}

std::optional<Principal> CredentialStore::find_client(std::string_view client_id) const {
  for (const auto& credential : credentials_) {
    if (!client_id.empty() && credential.client_id == client_id) return Principal{credential.name, credential.tenant};
  }
  return std::nullopt;
}

}  // namespace koku::intake
