#include "server/backend/exit_guard.hpp"

#include "server/backend/boundary.hpp"

#include "server/backend/postgres.hpp"

extern "C" {
#include "storage/ipc.h"
}

namespace koku {
namespace {

bool is_registered = false;
ExitGuard* latest = nullptr;

void at_exit(int, Datum) { ExitGuard::stop_all(); }

}  // namespace

ExitGuard::ExitGuard(Stop stop, void* argument) : stop_(stop), argument_(argument), previous_(latest) {
  // Once a process: there are few places for such callbacks. Those registered late are called early.
  if (!is_registered) server_call([] { before_shmem_exit(at_exit, Datum{0}); });
  is_registered = true;
  latest = this;
}

ExitGuard::~ExitGuard() {
  KOKU_ASSERT(latest == this);
  latest = previous_;
}

void ExitGuard::stop_all() noexcept {
  for (const ExitGuard* guard = latest; guard != nullptr; guard = guard->previous_) guard->stop_(guard->argument_);
}

}  // namespace koku
