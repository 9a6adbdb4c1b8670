#include "core/base/hash.hpp"

#include <random>

namespace koku {

std::uint64_t hash_seed() {
  static const std::uint64_t seed = [] {
    std::random_device source;
    static_assert(sizeof(std::random_device::result_type) >= 4);
    return (std::uint64_t{source()} << 32 | source()) | 1;
  }();
  return seed;
}

}  // namespace koku
