// The SQL entry point koku_internal.lock_object: locks that only the extension takes.
#include "server/backend/boundary.hpp"

#include "server/backend/postgres.hpp"

extern "C" {
#include "storage/lock.h"
}

namespace koku {
namespace {

/// A lock on a part of a table that has nothing to do with its rows. Unlike an advisory lock, no statement of a user
/// takes it, and unlike that of a row, it leaves nothing behind in the table.
bool lock_unsafe(Oid table, std::uint32_t number, std::uint16_t part, bool shared, bool wait) {
  LOCKTAG tag;
  SET_LOCKTAG_OBJECT(tag, MyDatabaseId, table, number, part);
  return LockAcquire(&tag, shared ? ShareLock : ExclusiveLock, false, !wait) != LOCKACQUIRE_NOT_AVAIL;
}

Datum lock_object(FunctionCallInfo fcinfo) {
  enum { table, number, part, shared, wait };
  bool locked = false;
  server_call([&] {
    locked = lock_unsafe(PG_GETARG_OID(table), PG_GETARG_UINT32(number), PG_GETARG_UINT16(part), PG_GETARG_BOOL(shared),
                         PG_GETARG_BOOL(wait));
  });
  return BoolGetDatum(locked);
}

}  // namespace
}  // namespace koku

extern "C" {

KOKU_SQL_FUNCTION(koku_internal_lock_object) {
  return koku::run_entry_point([fcinfo] { return koku::lock_object(fcinfo); });
}
}
