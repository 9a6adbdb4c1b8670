// The SQL entry points that the statements of a summary call.
#include "core/base/decimal.hpp"
#include "core/base/error.hpp"
#include "core/base/time.hpp"
#include "server/backend/boundary.hpp"
#include "server/backend/datum.hpp"
#include "server/storage/row_id.hpp"
#include "server/summary/summary_run.hpp"

#include "server/backend/compatibility.hpp"

namespace koku {
namespace {

// Arguments of koku_internal.run_stages().
enum Argument {
  argument_stages,
  argument_tenant,
  argument_source,
  argument_first_day,
  argument_last_day,
  argument_steps,  // first day of each, in order
  argument_report_period,
  argument_cluster_id,
  argument_cluster_alias
};

NullableDatum argument_of(FunctionCallInfo fcinfo, Argument argument) { return fcinfo->args[argument]; }

Day day_of_argument(FunctionCallInfo fcinfo, Argument argument) {
  return PG_GETARG_DATEADT(argument) + postgres_epoch_day;
}

/// Each step ends the day before the next one begins, the last with the range.
std::vector<DayRange> steps_of(FunctionCallInfo fcinfo) {
  Datum* first_days = nullptr;
  int count = 0;
  server_call([&] {
    deconstruct_array(PG_GETARG_ARRAYTYPE_P(argument_steps), DATEOID, sizeof(DateADT), true, TYPALIGN_INT, &first_days,
                      nullptr, &count);
  });
  std::vector<DayRange> steps;
  for (int at = 0; at < count; ++at) {
    const Day first_day = DatumGetDateADT(first_days[at]) + postgres_epoch_day;
    if (!steps.empty()) steps.back().last_day = first_day - 1;
    steps.push_back({first_day, day_of_argument(fcinfo, argument_last_day)});
  }
  return steps;
}

void put_result_unsafe(const SummaryResult& result, ReturnSetInfo* set) {
  Datum values[5] = {Int32GetDatum(result.position), copied_text_unsafe(result.stage),
                     copied_text_unsafe(result.target), Int64GetDatum(result.rows), Float8GetDatum(result.seconds)};
  bool nulls[5] = {};
  tuplestore_putvalues(set->setResult, set->setDesc, values, nulls);
}

/// The text of the array of stages; nothing for NULL.
SqlText stages_of(FunctionCallInfo fcinfo) {
  if (PG_ARGISNULL(argument_stages)) return {};
  const char* text = nullptr;
  server_call([&] {
    Oid function = InvalidOid;
    bool is_varlena = false;
    getTypeOutputInfo(TEXTARRAYOID, &function, &is_varlena);
    text = OidOutputFunctionCall(function, PG_GETARG_DATUM(argument_stages));
  });
  return std::string(text);
}

void run_stages_of(FunctionCallInfo fcinfo) {
  for (int argument = argument_tenant; argument < argument_cluster_alias; ++argument)
    if (PG_ARGISNULL(argument))
      throw Error(ErrorKind::invalid_parameter,
                  "arguments of a summary must not be NULL, except for the cluster alias");
  const Schemas schemas{.extension = extension_schema(), .tenant = NameStr(*PG_GETARG_NAME(argument_tenant))};
  const SummarySubject subject{
      .days = {day_of_argument(fcinfo, argument_first_day), day_of_argument(fcinfo, argument_last_day)},
      .steps = steps_of(fcinfo),
      .source = argument_of(fcinfo, argument_source),
      .report_period = argument_of(fcinfo, argument_report_period),
      .cluster_id = argument_of(fcinfo, argument_cluster_id),
      .cluster_alias = argument_of(fcinfo, argument_cluster_alias),
      .tenant = argument_of(fcinfo, argument_tenant)};
  const std::vector<SummaryResult> results = run_stages(schemas, stages_of(fcinfo), subject);
  auto* set = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  server_call([&] { InitMaterializedSRF_compat(fcinfo); });
  for (const SummaryResult& result : results) server_call([&] { put_result_unsafe(result, set); });
}

/// A generator for the calls of one query, in the memory of the call.
RowIdGenerator& generator_of(FunctionCallInfo fcinfo) {
  static_assert(std::is_trivially_destructible_v<RowIdGenerator>, "the server frees its memory and no more");
  if (fcinfo->flinfo->fn_extra == nullptr) {
    void* memory = nullptr;
    server_call([&] { memory = MemoryContextAlloc(fcinfo->flinfo->fn_mcxt, sizeof(RowIdGenerator)); });
    fcinfo->flinfo->fn_extra = new (memory) RowIdGenerator;
  }
  return *static_cast<RowIdGenerator*>(fcinfo->flinfo->fn_extra);
}

/// The largest number of 15 significant digits that the type of all measures, numeric(33,15), holds. largest_decimal is
/// the double nearest to it.
constexpr std::int64_t largest_measure = 999'999'999'999'999'000;

struct Range {
  Datum lowest;
  Datum highest;
};

/// The range for the calls of one query, in the memory of the call.
const Range& range_of(FunctionCallInfo fcinfo) {
  if (fcinfo->flinfo->fn_extra == nullptr) {
    server_call([&] {
      const MemoryContext previous = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
      auto* range = static_cast<Range*>(palloc(sizeof(Range)));
      range->lowest = numeric_of_decimal_compat(-largest_measure, 0);
      range->highest = numeric_of_decimal_compat(largest_measure, 0);
      MemoryContextSwitchTo(previous);
      fcinfo->flinfo->fn_extra = range;
    });
  }
  return *static_cast<const Range*>(fcinfo->flinfo->fn_extra);
}

}  // namespace
}  // namespace koku

extern "C" {

KOKU_SQL_FUNCTION(koku_internal_run_stages) {
  return koku::run_entry_point([fcinfo] {
    koku::run_stages_of(fcinfo);
    return Datum{0};
  });
}

KOKU_SQL_FUNCTION(koku_internal_row_id) {
  return koku::run_entry_point([fcinfo] {
    koku::RowIdGenerator& generator = koku::generator_of(fcinfo);
    pg_uuid_t* id = nullptr;
    koku::server_call([&] { id = static_cast<pg_uuid_t*>(palloc(sizeof(pg_uuid_t))); });
    generator.read_clock();
    generator.make(*id);
    return UUIDPGetDatum(id);
  });
}

KOKU_SQL_FUNCTION(koku_internal_in_range) {
  return koku::run_entry_point([fcinfo] {
    const koku::Range& range = koku::range_of(fcinfo);
    Datum number = PG_GETARG_DATUM(0);
    koku::server_call([&] {
      if (DatumGetInt32(DirectFunctionCall2(numeric_cmp, number, range.highest)) > 0)
        number = range.highest;
      else if (DatumGetInt32(DirectFunctionCall2(numeric_cmp, number, range.lowest)) < 0)
        number = range.lowest;
    });
    return number;
  });
}

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
