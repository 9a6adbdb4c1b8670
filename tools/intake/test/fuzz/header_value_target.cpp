// Header values: what is written again from the parsed form is parsed to the same.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "forms/header_value.hpp"

using namespace koku::intake;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parsed = parse_header_value({reinterpret_cast<const char*>(data), size});
  if (!parsed) return 0;
  auto text = parsed->value;
  for (const auto& [name, value] : parsed->parameters) {
    text += ";" + name + "=\"";
    for (const char c : value) {
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
    text += '"';
  }
  const auto again = parse_header_value(text);
  if (!again || again->value != parsed->value || again->parameters != parsed->parameters) std::abort();
  return 0;
}
