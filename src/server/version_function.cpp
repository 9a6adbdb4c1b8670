// The SQL entry point koku_internal_library_version: the release of the library that is loaded.
#include "server/boundary.hpp"

#include "server/postgres.hpp"

extern "C" {

KOKU_SQL_FUNCTION(koku_internal_library_version) { PG_RETURN_TEXT_P(cstring_to_text(KOKU_ONPREM_VERSION)); }

}
