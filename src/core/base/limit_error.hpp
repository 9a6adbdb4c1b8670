// The error when reading a payload costs more than a limit allows.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/error.hpp"

namespace koku {

/// A size as settings are written: `10 MB` where it is a whole number of units, else bytes.
std::string size_text(std::uint64_t bytes);

/// Error(too_large) whose hint names the setting, without its prefix, to raise.
Error limit_error(std::string message, std::string detail, std::string_view setting);

}  // namespace koku
