// The style sheet of the page.
#pragma once

#include <string_view>

namespace koku::page {

extern const std::string_view style_sheet;

}  // namespace koku::page
