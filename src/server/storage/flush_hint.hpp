// What a load leaves to the server's WAL writer.
#pragma once

namespace koku {

/// Has the WAL writer write out what this transaction has logged, when that is a megabyte more than the last time. Else
/// all of it is written and flushed by the commit, for which the caller waits. Only a request: what the transaction
/// and its durability depend on stays as it is.
void hint_flush_unsafe();

}  // namespace koku
