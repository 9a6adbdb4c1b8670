// Who sends a request: one that the configuration knows by a secret, or a client of the issuer by its token.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "settings/configuration.hpp"
#include "settings/credentials.hpp"
#include "tokens/json_web_token.hpp"
#include "tokens/key_source.hpp"

namespace koku::intake {

/// Any thread may call any member; each may block (hashes are slow on purpose, keys come over the network), so that
/// none is for the thread that serves connections.
class Authenticator {
 public:
  /// Throws ConfigurationError, e.g. for a file of keys that cannot be read.
  explicit Authenticator(const Configuration& configuration);

  /// The sender that an Authorization header proves. Throws Refusal: 401 when it proves none, 403 for a client of the
  /// issuer that no credential names, 503 when the keys of the issuer cannot be had.
  Principal check(std::string_view authorization) const;

  /// The same for who wants to look at reports. What proves a sender proves no reader.
  Reader check_reader(std::string_view authorization) const;

 private:
  template <class Use>
  auto with_claims(std::string_view token, Use use) const;
  Principal sender_of(const nlohmann::json& claims) const;
  Reader reader_of(const nlohmann::json& claims) const;

  CredentialStore credentials_;
  std::vector<Reader> readers_;
  CredentialStore reader_passwords_;
  TokenRules rules_;
  std::unique_ptr<KeySource> keys_;  ///< null when tokens of an issuer are not taken
};

/// Whether checking an Authorization header may compute a password hash.
bool needs_password_hash(std::string_view authorization);
/// Whether these credentials may wait for the issuer's keys.
bool may_need_issuer(std::string_view authorization);

}  // namespace koku::intake
