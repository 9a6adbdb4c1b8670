// Measures how long unpacking a payload takes: the best pass, in processor time, so that other work on the machine
// matters little. bench/inflate.sh runs it with both libraries.
//
//   gunzip_bench PAYLOAD [PASSES]
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <string>

#include "core/payload/gunzip.hpp"

int main(int count, char** arguments) {
  if (count < 2) {
    std::cerr << "usage: gunzip_bench PAYLOAD [PASSES]\n";
    return 2;
  }
  try {
    std::ifstream file(arguments[1], std::ios::binary);
    if (!file) throw std::runtime_error("cannot open the file");
    const std::string payload{std::istreambuf_iterator<char>(file), {}};
    const int passes = count > 2 ? std::max(1, std::atoi(arguments[2])) : 5;
    double best = 1e300;
    std::uint64_t unpacked = 0;
    for (int pass = 0; pass < passes; ++pass) {
      koku::MemorySource source(payload);
      const std::clock_t start = std::clock();
      koku::Gunzip gunzip(source, {}, nullptr);
      while (!gunzip.read().empty()) {
      }
      best = std::min(best, static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
      unpacked = gunzip.unpacked_bytes();
    }
    std::cout << koku::Inflater::library() << ' ' << payload.size() << ' ' << unpacked << ' ' << std::fixed
              << std::setprecision(4) << best << '\n';
  } catch (const std::exception& error) {
    std::cerr << "gunzip_bench: " << error.what() << '\n';
    return 1;
  }
}
