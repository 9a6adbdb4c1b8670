// Loading of the library.
#include "server/backend/settings.hpp"

#include "server/backend/compatibility.hpp"

extern "C" {

PG_MODULE_MAGIC_compat("koku_onprem", KOKU_ONPREM_VERSION);

PGDLLEXPORT void _PG_init(void);

void _PG_init(void) { koku::define_settings(); }
}
