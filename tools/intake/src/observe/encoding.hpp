// Base64, hexadecimal and SHA-256.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace koku::intake {

/// The decoded bytes; nothing when the text is not base64 (RFC 4648: padded, no line breaks).
std::optional<std::string> decode_base64(std::string_view text);

/// The same for base64url without padding (RFC 4648 5, as RFC 7515 has it).
std::optional<std::string> decode_base64url(std::string_view text);

/// The 32 bytes of the digest.
std::string sha256(std::string_view bytes);

/// The bytes of pairs of hexadecimal digits; nothing when the text has other characters or an odd length.
std::optional<std::string> decode_hex(std::string_view text);

std::string encode_hex(std::string_view bytes);

/// Whether two texts are equal, in a time that does not tell where they differ.
bool equal_in_constant_time(std::string_view left, std::string_view right);

}  // namespace koku::intake
