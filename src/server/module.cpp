// Loading of the library.
#include "server/settings.hpp"

#include "server/postgres.hpp"

extern "C" {

PG_MODULE_MAGIC;

PGDLLEXPORT void _PG_init(void);

void _PG_init(void) { koku::define_settings(); }

}
