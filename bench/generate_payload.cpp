// Writes a payload as the OpenShift cost operator uploads it, for benchmarks, the demo and tests.
#include <cstdint>
#include <exception>
#include <iostream>
#include <optional>

#include "generator/options.hpp"
#include "generator/payload.hpp"

int main(int count, char** arguments) {
  using namespace koku::generator;
  try {
    const std::optional<Options> options = parse_options(count, arguments);
    if (!options) {
      std::cout << usage();
      return 0;
    }
    const WrittenPayload written = write_payload(*options);
    for (const WrittenFile& file : written.files)
      std::cout << file.name << ": " << file.rows << " rows, " << file.bytes << " bytes\n";
    for (const std::string& path : written.paths) std::cout << path << '\n';
  } catch (const std::exception& error) {
    std::cerr << "generate_payload: " << error.what() << '\n';
    return 1;
  }
}
