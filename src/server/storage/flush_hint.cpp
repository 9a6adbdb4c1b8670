#include "server/storage/flush_hint.hpp"

#include "server/backend/postgres.hpp"

extern "C" {
#include "access/xlog.h"
}

namespace koku {
namespace {

// As much as the WAL writer flushes at once (wal_writer_flush_after has this value unless somebody changed it).
constexpr XLogRecPtr bytes_between_calls = 1 << 20;

/// Where the log of this session's transactions ended at the last call; positions only grow.
XLogRecPtr handed_over = InvalidXLogRecPtr;

}  // namespace

// The server calls XLogSetAsyncXactLSN() at an asynchronous commit only, and its comment asks others not to. All that
// it does is to note a position up to which the WAL writer shall flush, never beyond what is written, and to wake it: a
// synchronous transaction that names a position of its own has its log flushed early, and its commit still waits for
// all of it.
void hint_flush_unsafe() {
  if (XactLastRecEnd < handed_over + bytes_between_calls) return;
  handed_over = XactLastRecEnd;
  XLogSetAsyncXactLSN(XactLastRecEnd);
}

}  // namespace koku
