// Time-ordered row identifiers (UUID version 7), so that primary keys grow at their right edge.
#pragma once

#include <cstdint>

#include "server/backend/postgres.hpp"

namespace koku {

/// Makes identifiers that ascend within one generator. Two generators of one millisecond differ by their random part.
class RowIdGenerator {
 public:
  /// Seeded from the server's strong random source; ServerError (XX000) when it gives nothing.
  RowIdGenerator();

  /// Reads the clock; call it once a batch. The clock going backwards does not make identifiers descend.
  void read_clock();

  /// 48 bits milliseconds since 1970, 12 + 20 bits counter, 42 bits random, and the version and variant of RFC 9562.
  void make(pg_uuid_t& id) noexcept;

 private:
  std::uint64_t random() noexcept;

  std::uint64_t random_state_;
  std::uint64_t milliseconds_ = 0;
  std::uint32_t counter_ = 0;
};

}  // namespace koku
