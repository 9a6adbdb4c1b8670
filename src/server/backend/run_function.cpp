// The SQL entry point koku_internal.require_transactions: whether koku_run() can do its work.
#include "server/backend/boundary.hpp"

#include "server/backend/postgres.hpp"

extern "C" {

KOKU_SQL_FUNCTION(koku_internal_require_transactions) {
  return koku::run_entry_point([fcinfo] {
    koku::server_call([&] {
      const auto* call = reinterpret_cast<const CallContext*>(fcinfo->context);
      if (call == nullptr || !IsA(call, CallContext) || call->atomic)
        ereport(ERROR,
                (errcode(ERRCODE_ACTIVE_SQL_TRANSACTION), errmsg("koku_run() cannot run inside a transaction block"),
                 errdetail("It commits after each piece of work."),
                 errhint("Call it by itself, not from a function; where the driver opens transactions, switch "
                         "autocommit on.")));
      if (XactReadOnly)
        ereport(ERROR,
                (errcode(ERRCODE_READ_ONLY_SQL_TRANSACTION), errmsg("koku_run() cannot run in a read-only transaction"),
                 errhint("Call it on a primary, with default_transaction_read_only off.")));
      if (SessionReplicationRole == SESSION_REPLICATION_ROLE_REPLICA)
        ereport(ERROR,
                (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE), errmsg("session_replication_role is replica"),
                 errdetail("Triggers, which make partitions, do nothing in this session."),
                 errhint("SET session_replication_role = origin.")));
    });
    return Datum{};
  });
}
}
