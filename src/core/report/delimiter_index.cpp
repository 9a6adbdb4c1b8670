#include "core/report/delimiter_index.hpp"

#include <bit>

#include "core/base/eight_bytes.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace koku {
namespace {

constexpr std::size_t block_bytes = 64;
static_assert(delimiter_padding >= block_bytes);

// Each implementation is a struct with the mask of the delimiters among 64 bytes, bit 0 for the first byte, and the
// number of bits of such a mask; index_blocks() is the loop around it.

struct Portable {
  static std::uint64_t mask(const char* block) {
    std::uint64_t mask = 0;
    for (unsigned at = 0; at < block_bytes; at += 8) mask |= mask_of_eight(block + at) << at;
    return mask;
  }

  static std::uint64_t mask_of_eight(const char* bytes) {
    const std::uint64_t word = load_eight(bytes);
    const std::uint64_t found = zero_bytes(word ^ repeated(',')) | zero_bytes(word ^ repeated('"')) |
                                zero_bytes(word ^ repeated('\n')) | zero_bytes(word ^ repeated('\r'));
    // The product moves bit 8i to bit 56 + i.
    return ((found >> 7) * 0x0102040810204080ULL) >> 56;
  }

  // The highest bit of each byte that is 0.
  static std::uint64_t zero_bytes(std::uint64_t word) {
    constexpr std::uint64_t low = repeated(0x7F);
    return ~(((word & low) + low) | word | low);
  }

  // Without the processor's instruction std::popcount is a function call.
  static std::size_t count(std::uint64_t mask) {
    mask -= (mask >> 1) & repeated(0x55);
    mask = (mask & repeated(0x33)) + ((mask >> 2) & repeated(0x33));
    mask = (mask + (mask >> 4)) & repeated(0x0F);
    return (mask * repeated(1)) >> 56;
  }
};

// Blocks hold few delimiters, so the first ones are written whether they exist or not: that is cheaper than a branch
// for each that the processor cannot foresee.
template <typename Implementation>
[[gnu::always_inline]] inline std::size_t index_blocks(std::string_view text, std::uint32_t* const positions) {
  std::uint32_t* out = positions;
  for (std::size_t at = 0; at < text.size(); at += block_bytes) {
    std::uint64_t mask = Implementation::mask(text.data() + at);
    if (text.size() - at < block_bytes) mask &= (std::uint64_t{1} << (text.size() - at)) - 1;
    const auto next = [&mask, at] {
      // The highest bit changes no position that counts and spares the branch for an empty mask.
      const int bit = std::countr_zero(mask | std::uint64_t{1} << 63);
      mask &= mask - 1;
      return static_cast<std::uint32_t>(at) + static_cast<std::uint32_t>(bit);
    };
    std::uint32_t* const end = out + Implementation::count(mask);
    do {
      out[0] = next();
      out[1] = next();
      out[2] = next();
      out[3] = next();
      out[4] = next();
      out[5] = next();
      out += 6;
    } while (mask != 0);
    out = end;
  }
  return static_cast<std::size_t>(out - positions);
}

std::size_t index_portable(std::string_view text, std::uint32_t* positions) {
  return index_blocks<Portable>(text, positions);
}

#if defined(__x86_64__)

struct Sse2 {
  static std::uint64_t mask(const char* block) {
    return quarter(block) | quarter(block + 16) << 16 | quarter(block + 32) << 32 | quarter(block + 48) << 48;
  }
  static std::uint64_t quarter(const char* bytes) {
    const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
    const __m128i separator =
        _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8(',')), _mm_cmpeq_epi8(v, _mm_set1_epi8('"')));
    const __m128i line_end =
        _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('\n')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\r')));
    return static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_or_si128(separator, line_end)));
  }
  static std::size_t count(std::uint64_t mask) { return Portable::count(mask); }
};

std::size_t index_sse2(std::string_view text, std::uint32_t* positions) { return index_blocks<Sse2>(text, positions); }

struct Avx2 {
  [[gnu::target("avx2,bmi,popcnt")]] static std::uint64_t mask(const char* block) {
    return half(block) | half(block + 32) << 32;
  }
  [[gnu::target("avx2,bmi,popcnt")]] static std::uint64_t half(const char* bytes) {
    const __m256i v = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes));
    const __m256i separator =
        _mm256_or_si256(_mm256_cmpeq_epi8(v, _mm256_set1_epi8(',')), _mm256_cmpeq_epi8(v, _mm256_set1_epi8('"')));
    const __m256i line_end =
        _mm256_or_si256(_mm256_cmpeq_epi8(v, _mm256_set1_epi8('\n')), _mm256_cmpeq_epi8(v, _mm256_set1_epi8('\r')));
    return static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_or_si256(separator, line_end)));
  }
  [[gnu::target("avx2,bmi,popcnt")]] static std::size_t count(std::uint64_t mask) {
    return static_cast<std::size_t>(std::popcount(mask));
  }
};

[[gnu::target("avx2,bmi,popcnt")]] std::size_t index_avx2(std::string_view text, std::uint32_t* positions) {
  return index_blocks<Avx2>(text, positions);
}

constexpr DelimiterIndexer all_indexers[] = {{"avx2", index_avx2}, {"sse2", index_sse2}, {"portable", index_portable}};

bool has_fastest() noexcept {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("popcnt");
}

#elif defined(__aarch64__)

struct Neon {
  static std::uint64_t mask(const char* block) {
    // One bit a lane, then pairwise sums: 64 lanes become 64 bits.
    const uint8x16_t sum =
        vpaddq_u8(vpaddq_u8(bits(block), bits(block + 16)), vpaddq_u8(bits(block + 32), bits(block + 48)));
    return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(sum, sum)), 0);
  }
  static uint8x16_t bits(const char* bytes) {
    static constexpr std::uint8_t bit_of_lane[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    const uint8x16_t v = vld1q_u8(reinterpret_cast<const std::uint8_t*>(bytes));
    const uint8x16_t separator = vorrq_u8(vceqq_u8(v, vdupq_n_u8(',')), vceqq_u8(v, vdupq_n_u8('"')));
    const uint8x16_t line_end = vorrq_u8(vceqq_u8(v, vdupq_n_u8('\n')), vceqq_u8(v, vdupq_n_u8('\r')));
    return vandq_u8(vorrq_u8(separator, line_end), vld1q_u8(bit_of_lane));
  }
  static std::size_t count(std::uint64_t mask) { return static_cast<std::size_t>(std::popcount(mask)); }
};

std::size_t index_neon(std::string_view text, std::uint32_t* positions) { return index_blocks<Neon>(text, positions); }

constexpr DelimiterIndexer all_indexers[] = {{"neon", index_neon}, {"portable", index_portable}};
bool has_fastest() noexcept { return true; }

#else

constexpr DelimiterIndexer all_indexers[] = {{"portable", index_portable}};
bool has_fastest() noexcept { return true; }

#endif

}  // namespace

std::span<const DelimiterIndexer> delimiter_indexers() noexcept {
  const std::span<const DelimiterIndexer> all(all_indexers);
  return has_fastest() ? all : all.subspan(1);
}

}  // namespace koku
