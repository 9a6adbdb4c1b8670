// Values of the core as Datums of the server, and back. Nothing here raises or takes memory but copied_text_unsafe().
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "core/base/arena.hpp"
#include "core/base/time.hpp"

#include "server/backend/postgres.hpp"

namespace koku {

/// The server counts from 2000-01-01, the core from 1970-01-01.
inline constexpr Day postgres_epoch_day = POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE;
inline constexpr Instant postgres_epoch = static_cast<Instant>(postgres_epoch_day) * microseconds_per_day;

inline Datum date_datum(Day day) { return DateADTGetDatum(day - postgres_epoch_day); }
inline Datum timestamp_datum(Instant instant) { return TimestampTzGetDatum(instant - postgres_epoch); }
inline Instant instant_of(Datum timestamp) { return DatumGetTimestampTz(timestamp) + postgres_epoch; }

/// The server's form of the header in front of a text (arena.hpp), so that a stored text is a Datum as it stands.
inline std::uint32_t varlena_header(std::size_t length) {
  varlena header;
  SET_VARSIZE(&header, length + VARHDRSZ);
  std::uint32_t bytes;
  std::memcpy(&bytes, &header, sizeof(bytes));
  return bytes;
}

/// Of a text that stands behind varlena_header().
inline Datum text_datum(std::string_view stored) { return PointerGetDatum(stored.data() - text_header_bytes); }

/// A copy of a text in the current memory context.
inline Datum copied_text_unsafe(std::string_view text) {
  return PointerGetDatum(cstring_to_text_with_len(text.data(), static_cast<int>(text.size())));
}

/// A view of a text that is neither compressed nor stored elsewhere.
inline std::string_view text_of(Datum datum) {
  const auto* text = reinterpret_cast<const varlena*>(DatumGetPointer(datum));
  return {VARDATA_ANY(text), static_cast<std::size_t>(VARSIZE_ANY_EXHDR(text))};
}

}  // namespace koku
