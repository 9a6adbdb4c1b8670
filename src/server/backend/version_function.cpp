// The SQL entry point koku_internal.library_version: the release of the library that is loaded.
#include "server/backend/boundary.hpp"

#include "server/backend/postgres.hpp"

extern "C" {

KOKU_SQL_FUNCTION(koku_internal_library_version) {
  return koku::run_entry_point([] {
    Datum version{};
    koku::server_call([&] { version = CStringGetTextDatum(KOKU_ONPREM_VERSION); });
    return version;
  });
}
}
