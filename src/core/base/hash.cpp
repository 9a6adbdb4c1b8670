#include "core/base/hash.hpp"

#include <chrono>

namespace koku {

std::uint64_t hash_seed() noexcept {
  static const std::uint64_t seed = [] {
    // Where the stack and the library lie is random by process; the clock differs besides.
    const auto now = static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
    const auto place = reinterpret_cast<std::uintptr_t>(&now);
    return mix(now ^ 0xa0761d6478bd642fULL, place ^ 0xe7037ed1a0b428dbULL) | 1;
  }();
  return seed;
}

}  // namespace koku
