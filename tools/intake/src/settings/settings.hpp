// The settings that have one value each: name, default and meaning in one place, for the file, the environment and
// --help.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "settings/configuration.hpp"

namespace koku::intake {

struct Setting {
  std::string_view key;            ///< section.name, as in the file
  std::string_view default_value;  ///< as it would be written
  std::string_view help;
  /// Takes a value as text; lists are separated by commas. Throws std::invalid_argument.
  std::function<void(Configuration&, const std::string&)> apply;

  /// KOKU_INTAKE_SECTION_NAME
  std::string environment_variable() const;
};

const std::vector<Setting>& settings();

/// The table of settings for --help.
std::string settings_help();

}  // namespace koku::intake
