// Foreign text made fit for a message: short, printable, valid UTF-8.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace koku {

/// At most `max_bytes` bytes of `text`, cut between characters and then ended by `...`. Bytes that are no UTF-8 and
/// control characters are written as \xHH.
std::string excerpt(std::string_view text, std::size_t max_bytes = 64);

}  // namespace koku
