#include "server/storage/row_id.hpp"

#include "server/backend/boundary.hpp"

namespace koku {

RowIdGenerator::RowIdGenerator() {
  std::uint64_t& state = random_state_;
  server_call([&] {
    if (!pg_strong_random(&state, sizeof(state)))
      ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not generate random values for row identifiers")));
  });
}

std::uint64_t RowIdGenerator::random() noexcept {
  // splitmix64: one addition and three multiplications a number, every state gives another one.
  std::uint64_t value = (random_state_ += 0x9e3779b97f4a7c15ULL);
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
  return value ^ (value >> 31);
}

void RowIdGenerator::read_clock() {
  constexpr std::uint64_t postgres_epoch_milliseconds = 946'684'800'000ULL;
  const std::uint64_t now = postgres_epoch_milliseconds + static_cast<std::uint64_t>(GetCurrentTimestamp()) / 1000;
  if (now <= milliseconds_) return;
  milliseconds_ = now;
  counter_ = static_cast<std::uint32_t>(random() >> 34);  // the upper half of its range stays free
}

void RowIdGenerator::make(pg_uuid_t& id) noexcept {
  if (++counter_ == 0) ++milliseconds_;
  const std::uint64_t high = (milliseconds_ << 16) | 0x7000 | (counter_ >> 20);
  const std::uint64_t low = (std::uint64_t{2} << 62) | (std::uint64_t{counter_ & 0xfffff} << 42) | (random() >> 22);
  for (int at = 0; at < 8; ++at) {
    id.data[at] = static_cast<unsigned char>(high >> (56 - 8 * at));
    id.data[8 + at] = static_cast<unsigned char>(low >> (56 - 8 * at));
  }
}

}  // namespace koku
