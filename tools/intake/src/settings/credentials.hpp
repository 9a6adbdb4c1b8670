// Who may upload or look, and for which tenant: basic and bearer authentication (RFC 7617, RFC 6750).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace koku::intake {

/// What the configuration says about one sender. Exactly one of password_hash and password_digest is set with a user,
/// token_digest or client_id without one.
struct Credential {
  std::string name;                   ///< for the log: the user, or what the configuration calls the token
  std::string user;                   ///< of basic authentication; empty for a bearer token
  std::string password_hash;          ///< as of crypt(5): '$6$...', '$y$...'
  std::string password_digest;        ///< SHA-256 of a password that stands in a file
  std::string token_digest;           ///< SHA-256 of a bearer token
  std::string client_id;              ///< of the tokens that an issuer gives to the sender
  std::optional<std::string> tenant;  ///< none: the one tenant that has the payload's cluster
};

/// A sender that proved who it is.
struct Principal {
  std::string name;
  std::optional<std::string> tenant;
};

/// Who may look at reports. Either the credential has a user with a password, or tokens of the issuer with the claim
/// do.
struct Reader {
  Credential credential;
  std::string claim;
  std::string value;
  std::vector<std::string> tenants;  ///< '*': all

  bool may_see(std::string_view tenant) const;
};

/// Whether a text is a hash that crypt(3) of this system can check.
bool is_password_hash(std::string_view text);

/// Checks the Authorization header. Every credential is looked at, secrets are compared in constant time, and an
/// unknown user costs as much as a wrong password.
class CredentialStore {
 public:
  explicit CredentialStore(std::vector<Credential> credentials);

  bool empty() const { return credentials_.empty(); }
  /// The sender; nothing when the header is missing, malformed or wrong. May take some 100 ms (that is what a password
  /// hash is for): not for the thread that serves connections. Any thread may call it.
  std::optional<Principal> check(std::string_view authorization) const;
  /// The sender that an issuer knows by this name, once its token was checked.
  std::optional<Principal> find_client(std::string_view client_id) const;

 private:
  std::optional<Principal> check_basic(std::string_view user, std::string_view password) const;
  std::optional<Principal> check_bearer(std::string_view token) const;

  std::vector<Credential> credentials_;
  std::string decoy_hash_;  ///< checked for unknown users
};

}  // namespace koku::intake
