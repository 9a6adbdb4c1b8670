// The version of the project (koku_onprem.control), given by the build.
#pragma once

#include <string_view>

namespace koku::intake {

inline constexpr std::string_view version = KOKU_INTAKE_VERSION;

}  // namespace koku::intake
