// Public keys that an issuer signs its tokens with: a JSON Web Key Set (RFC 7517).
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace koku::intake {

/// A document that is not a key set, or one without any key that could be used.
class MalformedKeySet : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// RSASSA-PKCS1-v1_5, RSASSA-PSS and ECDSA on P-256, each with SHA-256. There are no others, above all none with a
/// shared secret and no 'none'.
enum class SignatureAlgorithm { rs256, ps256, es256 };

/// Throws std::invalid_argument for any name but 'RS256', 'PS256' and 'ES256'.
SignatureAlgorithm parse_signature_algorithm(std::string_view name);

struct KeyDeleter {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};

struct PublicKey {
  std::string id;                                ///< 'kid'; may be empty
  std::vector<SignatureAlgorithm> algorithms;    ///< what the key may be used with
  std::unique_ptr<EVP_PKEY, KeyDeleter> handle;  ///< never null
};

class KeySet {
 public:
  /// Keys that are not for signatures, or of a kind that is not understood, are passed over. Throws MalformedKeySet.
  static KeySet parse(std::string_view document);

  /// The key with this id that may be used with the algorithm; without an id, the only one that may. Null when there is
  /// none.
  const PublicKey* find(std::string_view id, SignatureAlgorithm algorithm) const;

 private:
  std::vector<PublicKey> keys_;
};

}  // namespace koku::intake
