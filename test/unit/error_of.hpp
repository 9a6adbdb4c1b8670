// The error that a piece of code raises, for tests that look at its parts.
#pragma once

#include <stdexcept>
#include <string_view>
#include <utility>

#include "core/base/error.hpp"

namespace koku::test {

/// Runs `action` and returns the koku::Error it throws; throws std::logic_error when it throws none.
template <typename Action>
Error error_of(Action&& action) {
  try {
    std::forward<Action>(action)();
  } catch (const Error& error) {
    return error;
  }
  throw std::logic_error("no error was raised");
}

inline bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

}  // namespace koku::test
