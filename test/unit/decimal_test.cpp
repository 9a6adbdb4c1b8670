#include <cmath>
#include <cstdint>
#include <limits>

#include <boost/test/unit_test.hpp>

#include "core/base/decimal.hpp"

namespace {

struct Case {
  double number;
  std::int64_t value;
  int scale;
};

BOOST_AUTO_TEST_CASE(decimals_have_15_significant_digits_and_at_most_15_after_the_point) {
  const Case cases[] = {
      {0.0, 0, 14},
      {-0.0, 0, 14},
      {1.0, 100'000'000'000'000, 14},
      {-2.5, -250'000'000'000'000, 14},
      // 15 significant digits, the examples of spec summary.md 3.7
      {7.9444444444444446, 794'444'444'444'444, 14},
      {0.027777777777777776, 27'777'777'777'778, 15},
      // the digits that are dropped carry over
      {9.9999999999999996, 100'000'000'000'000, 13},
      {999'999'999'999'999.5, 100'000'000'000'000'0, 0},
      // digits after the fifteenth place: less than half, half (away from zero) and more than half of the last one
      {4e-16, 0, 15},
      {5e-16, 1, 15},
      {-5e-16, -1, 15},
      {1.5e-15, 2, 15},
      {2.5e-15, 3, 15},
      {2.4e-15, 2, 15},
      {9.99e-17, 0, 15},
      {std::numeric_limits<double>::denorm_min(), 0, 15},
      // before the point
      {123'456'789'012'345'678.0, 123'456'789'012'346'000, 0},
      {999'999'999'999'999'000.0, 999'999'999'999'999'000, 0},
      {1e18, 999'999'999'999'999'000, 0},
      {-1e18, -999'999'999'999'999'000, 0},
      {1e300, 999'999'999'999'999'000, 0},
      {std::numeric_limits<double>::infinity(), 999'999'999'999'999'000, 0},
      {-std::numeric_limits<double>::infinity(), -999'999'999'999'999'000, 0},
      {std::numeric_limits<double>::quiet_NaN(), 999'999'999'999'999'000, 0},
      {-std::numeric_limits<double>::quiet_NaN(), 999'999'999'999'999'000, 0},
  };
  for (const Case& test : cases) {
    BOOST_TEST_CONTEXT("number " << test.number) {
      const koku::Decimal decimal = koku::to_decimal(test.number);
      BOOST_TEST(decimal.value == test.value);
      BOOST_TEST(decimal.scale == test.scale);
    }
  }
}

}  // namespace
