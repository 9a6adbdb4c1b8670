// Tokens and key sets: nothing that the fuzzer makes up has a signature that is right.
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>

#include "tokens/json_web_token.hpp"

using namespace koku::intake;

namespace {

/// A public key of RFC 7517, appendix A.1.
constexpr const char* keys_document =
    R"({"keys": [{"kty": "EC", "crv": "P-256", "kid": "1", "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",)"
    R"( "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}]})";

std::string base64url(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  text.resize(static_cast<std::size_t>(EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                                       reinterpret_cast<const unsigned char*>(bytes.data()),
                                                       static_cast<int>(bytes.size()))));
  for (auto& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  while (!text.empty() && text.back() == '=') text.pop_back();
  return text;
}

void must_be_refused(std::string_view token, const KeySet& keys) {
  using enum SignatureAlgorithm;
  const TokenRules rules{"i", {"a"}, {rs256, ps256, es256}, {"azp"}, std::chrono::seconds(0)};
  try {
    static_cast<void>(client_of(claims_of_token(token, keys, rules, {}), rules));
  } catch (const TokenRefused&) {
    return;
  }
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto keys = KeySet::parse(keys_document);
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  must_be_refused(input, keys);
  // Past the encoding, which the fuzzer would take long to find: input is HEADER \n CLAIMS \n SIGNATURE.
  const auto first = input.find('\n');
  const auto second = first == std::string_view::npos ? first : input.find('\n', first + 1);
  if (second != std::string_view::npos) {
    must_be_refused(base64url(input.substr(0, first)) + "." + base64url(input.substr(first + 1, second - first - 1)) +
                        "." + base64url(input.substr(second + 1)),
                    keys);
  }
  try {
    static_cast<void>(KeySet::parse(input));
  } catch (const MalformedKeySet&) {
  }
  return 0;
}
