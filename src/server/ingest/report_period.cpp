#include "server/ingest/report_period.hpp"

namespace koku {
namespace {

/// The day's first instant in UTC, whatever the session's time zone is.
std::string midnight(Day day) { return to_string(day) + " 00:00:00+00"; }

}  // namespace

std::string ensure_report_period(const Schemas& schemas, const Source& source, Day day) {
  const Day first_day = first_day_of_month(day);
  const auto known =
      run_sql(schemas,
              "SELECT id::text, cluster_alias FROM {tenant}.reporting_ocpusagereportperiod"
              " WHERE cluster_id = $1 AND report_period_start = $2::timestamptz AND provider_id = $3::uuid",
              {source.cluster_id, midnight(first_day), source.uuid});
  if (known.empty()) {
    const auto made = run_sql(schemas,
                              "INSERT INTO {tenant}.reporting_ocpusagereportperiod"
                              " (cluster_id, cluster_alias, report_period_start, report_period_end, provider_id)"
                              " VALUES ($1, $2, $3::timestamptz, $4::timestamptz, $5::uuid) RETURNING id::text",
                              {source.cluster_id, source.name, midnight(first_day),
                               midnight(first_day_of_next_month(first_day)), source.uuid});
    return *made.at(0).at(0);
  }
  std::string id = *known[0][0];
  if (known[0][1] != source.name)
    run_sql(schemas, "UPDATE {tenant}.reporting_ocpusagereportperiod SET cluster_alias = $2 WHERE id = $1::integer",
            {id, source.name});
  return id;
}

}  // namespace koku
