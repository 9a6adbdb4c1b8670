// The part of a URL behind '?', as HTML forms encode it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace koku::intake {

/// '%41' becomes 'A' and '+' a blank; nothing when a percent sign has no two hexadecimal digits behind it or what comes
/// out holds a zero byte.
std::optional<std::string> decode_percent(std::string_view text);

/// Names and values, both decoded; nothing when the text is malformed, a name comes twice or there are more than 16.
std::optional<std::map<std::string, std::string>> parse_query_string(std::string_view text);

}  // namespace koku::intake
