// The leaf partition that holds the rows of a tenant's table and month.
#pragma once

#include <string>
#include <string_view>

#include "core/base/time.hpp"
#include "server/backend/sql.hpp"

#include "server/backend/postgres.hpp"

namespace koku {

/// A partition that rows go to. Statements name it and not its parent: a look at the parent would lock the default
/// partition, which a transaction that makes a partition waits for while it keeps others from making theirs.
struct LeafPartition {
  Oid oid = InvalidOid;
  std::string name;  ///< qualified and quoted
};

/// Whether the bounds of a partition, as the catalogue has them, are a range of days that holds all from `first` to the
/// day before `end`. Takes no lock.
bool partition_holds_unsafe(Oid partition, DateADT first, DateADT end);

/// The partition of `table` for the month under the name that the extension gives it, when its bounds hold the month;
/// oid is InvalidOid when there is none. Error `distributed` when Citus keeps its rows elsewhere; errors of the server
/// come as ServerError.
LeafPartition find_leaf_partition(const Schemas& schemas, const std::string& table, Day month_start);

/// The partition of `table` for the month that begins on `month_start`; made when it is missing. Errors of the server
/// come as ServerError: those of koku_internal.ensure_partition().
LeafPartition ensure_leaf_partition(const Schemas& schemas, const std::string& table, Day month_start);

/// Whether the tenant has a partitioned table of that name; a few look-ups in the server's caches tell.
bool is_partitioned_table(const Schemas& schemas, const char* table);

}  // namespace koku
