// The SQL entry point koku_internal_round_to_decimal: a number as it stands in the summary tables.
#include "core/decimal.hpp"
#include "server/boundary.hpp"
#include "server/compatibility.hpp"

extern "C" {

KOKU_SQL_FUNCTION(koku_internal_round_to_decimal) {
  return koku::run_entry_point([fcinfo] {
    const Datum argument = PG_GETARG_DATUM(0);
    const koku::Decimal decimal = koku::to_decimal(DatumGetFloat8(argument));
    Datum number{};
    koku::server_call([&] { number = numeric_of_decimal_compat(decimal.value, decimal.scale); });
    return number;
  });
}
}
