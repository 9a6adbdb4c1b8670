// Values of MIME headers with parameters: 'form-data; name="file"', 'multipart/form-data; boundary=x'.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace koku::intake {

/// ASCII letters in lower case; everything else stays.
std::string to_lower(std::string_view text);

/// Without the spaces and tabs at both ends.
std::string_view trim(std::string_view text);

struct HeaderValue {
  std::string value;                              ///< in lower case
  std::map<std::string, std::string> parameters;  ///< names in lower case; quotes and their escapes are taken off

  /// The parameter, or an empty text.
  std::string parameter(const std::string& name) const;
};

/// Nothing when the text breaks the grammar (RFC 2045 5.1, RFC 2183): a parameter without '=', an open quote, a
/// parameter twice.
std::optional<HeaderValue> parse_header_value(std::string_view text);

}  // namespace koku::intake
