#include "server/storage/day_cursor.hpp"

#include "server/backend/boundary.hpp"

namespace koku {
namespace {

constexpr std::size_t fetched_rows = 1000;

Portal open_unsafe(const char* statement, const char* source, const char* day) {
  if (SPI_connect() != SPI_OK_CONNECT) elog(ERROR, "SPI_connect failed");
  Oid types[] = {TEXTOID, TEXTOID};
  Datum parameters[] = {CStringGetTextDatum(source), CStringGetTextDatum(day)};
  return SPI_cursor_open_with_args(nullptr, statement, 2, types, parameters, nullptr, false, 0);
}

}  // namespace

DayCursor::DayCursor(const std::string& statement, const std::string& source, Day day, std::size_t columns)
    : columns_(columns), values_(columns * fetched_rows), nulls_(columns * fetched_rows) {
  const std::string day_text = to_string(day);
  const char* plain_statement = statement.c_str();
  const char* plain_source = source.c_str();
  const char* plain_day = day_text.c_str();
  server_call([&] {
    portal_ = open_unsafe(plain_statement, plain_source, plain_day);
    texts_ = AllocSetContextCreate(CurrentMemoryContext, "koku_onprem day cursor", ALLOCSET_DEFAULT_SIZES);
  });
}

void DayCursor::fetch_unsafe() {
  SPI_freetuptable(SPI_tuptable);
  MemoryContextReset(texts_);
  SPI_cursor_fetch(portal_, true, static_cast<long>(fetched_rows));
  const MemoryContext previous = MemoryContextSwitchTo(texts_);
  row_count_ = SPI_processed;
  Datum* value = values_.data();
  char* null = nulls_.data();
  for (std::size_t row = 0; row < row_count_; ++row)
    for (std::size_t column = 0; column < columns_; ++column, ++value, ++null) {
      bool is_null = false;
      *value = SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, static_cast<int>(column) + 1, &is_null);
      if (!is_null && TupleDescAttr(SPI_tuptable->tupdesc, column)->attlen == -1)
        *value = PointerGetDatum(pg_detoast_datum_packed(reinterpret_cast<varlena*>(DatumGetPointer(*value))));
      *null = static_cast<char>(is_null);
    }
  MemoryContextSwitchTo(previous);
}

bool DayCursor::fetch() {
  server_call([this] { fetch_unsafe(); });
  return row_count_ > 0;
}

void DayCursor::close() {
  server_call([this] {
    SPI_cursor_close(portal_);
    SPI_finish();
  });
}

}  // namespace koku
