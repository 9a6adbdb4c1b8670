#include "server/storage/wal_writer.hpp"

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

void wake_wal_writer_unsafe() {
  if (XactLastRecEnd < handed_over + bytes_between_calls) return;
  handed_over = XactLastRecEnd;
  XLogSetAsyncXactLSN(XactLastRecEnd);
}

}  // namespace koku
