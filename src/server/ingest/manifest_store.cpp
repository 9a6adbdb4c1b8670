#include "server/ingest/manifest_store.hpp"

#include <cstdio>
#include <utility>

namespace koku {
namespace {

SqlText instant_text(const std::optional<Instant>& instant) {
  if (!instant) return std::nullopt;
  char fraction[16];
  const Instant rest = ((*instant % microseconds_per_second) + microseconds_per_second) % microseconds_per_second;
  std::snprintf(fraction, sizeof(fraction), ".%06d+00", static_cast<int>(rest));
  return instant_to_string(*instant) + fraction;
}

std::string hours_json(const Manifest& manifest) {
  std::string json = "{";
  for (const auto& [day, hours] : manifest.hours_per_day)
    json += (json.size() > 1 ? ", \"" : "\"") + to_string(day) + "\": " + std::to_string(hours);
  return json + "}";
}

}  // namespace

StoredManifest ManifestStore::record(const Manifest& manifest, bool all_files_came) {
  const Day billing_day = day_of(manifest.start.value_or(manifest.date));
  const std::vector<SqlText> facts = {source_.uuid,
                                      manifest.uuid,
                                      manifest.cluster_id,
                                      instant_text(manifest.date),
                                      to_string(first_day_of_month(billing_day)),
                                      instant_text(manifest.start),
                                      instant_text(manifest.end),
                                      hours_json(manifest),
                                      std::to_string(manifest.files.size()),
                                      sql_bool(manifest.daily_reports),
                                      sql_bool(manifest.certified),
                                      manifest.version,
                                      manifest.cluster_channel,
                                      manifest.operator_airgapped ? sql_bool(*manifest.operator_airgapped) : SqlText{},
                                      manifest.operator_errors,
                                      sql_bool(all_files_came)};
  StoredManifest stored{.id = {},
                        .daily_reports = manifest.daily_reports,
                        .version = manifest.version,
                        .hours_per_day = {manifest.hours_per_day.begin(), manifest.hours_per_day.end()}};
  const auto inserted = run_sql(
      schemas_,
      "INSERT INTO {extension}.koku_manifest AS m (source, manifest_uuid, cluster_id, exported_at, "
      "billing_period_start, window_start,"
      " window_end, hours_per_day, file_count, daily_reports, certified, operator_version, cluster_channel, "
      "operator_airgapped, operator_errors, completed_at)"
      " VALUES ($1::uuid, $2::uuid, $3, $4::timestamptz, $5::date, $6::timestamptz, $7::timestamptz, $8::jsonb, "
      "$9::integer,"
      " $10::boolean, $11::boolean,"
      " coalesce((SELECT v.operator FROM {extension}.koku_operator_version v WHERE v.version = $12"
      "           ORDER BY v.built_in LIMIT 1), $12),"
      " $13, $14::boolean, $15::jsonb, CASE WHEN $16::boolean THEN now() END) ON CONFLICT (source, manifest_uuid) DO "
      "NOTHING RETURNING m.manifest_id::text",
      facts);
  stored.is_new = !inserted.empty();
  if (stored.is_new) {
    stored.id = *inserted[0][0];
    stored.is_complete = all_files_came;
  } else {
    read_first_delivery(manifest, facts, stored);
    stored.files = files(stored);
  }
  for (const std::string& file : manifest.files)
    if (!stored.files.contains(file)) outcomes_.try_emplace(file);
  return stored;
}

void ManifestStore::read_first_delivery(const Manifest& manifest, const std::vector<SqlText>& facts,
                                        StoredManifest& stored) {
  const auto rows =
      run_sql(schemas_,
              "SELECT m.manifest_id::text, m.daily_reports, m.hours_per_day IS DISTINCT FROM $3::jsonb"
              " OR m.file_count <> $4::integer OR m.daily_reports <> $5::boolean OR m.exported_at <> $6::timestamptz,"
              " m.hours_per_day::text"
              " FROM {extension}.koku_manifest m WHERE m.source = $1::uuid AND m.manifest_uuid = $2::uuid",
              {source_.uuid, manifest.uuid, facts[7], facts[8], facts[9], facts[3]});
  const SqlRow& row = rows.at(0);
  stored.id = *row[0];
  stored.daily_reports = is_true(row[1]);
  stored.differs = is_true(row[2]);
  stored.hours_per_day.clear();
  const auto hours = run_sql(
      schemas_, "SELECT (key::date - '1970-01-01'::date)::text, value FROM jsonb_each_text($1::jsonb)", {row[3]});
  for (const SqlRow& entry : hours) stored.hours_per_day[std::stoi(*entry[0])] = std::stoi(*entry[1]);
}

std::map<std::string, FileRecord> ManifestStore::files(const StoredManifest& manifest) {
  std::map<std::string, FileRecord> files;
  for (const SqlRow& row : run_sql(schemas_,
                                   "SELECT file, status, coalesce(report_type, '') FROM {extension}.koku_report_file"
                                   " WHERE manifest_id = $1::bigint",
                                   {manifest.id}))
    files[*row[0]] = {*row[1], *row[2]};
  return files;
}

void ManifestStore::finish_file(const std::string& file, FileOutcome outcome) {
  outcomes_.insert_or_assign(file, std::move(outcome));
}

void ManifestStore::await_again(const StoredManifest& manifest, std::string_view report_type,
                                const std::vector<std::string>& redelivered) {
  run_sql(schemas_,
          "UPDATE {extension}.koku_report_file SET status = 'waiting', completed_at = NULL"
          " WHERE manifest_id = $1::bigint AND report_type = $2 AND status = 'done' AND rows_loaded > 0 AND file <> "
          "ALL ($3::text[])",
          {manifest.id, std::string(report_type), array_literal(redelivered)});
}

bool ManifestStore::write_outcomes(const StoredManifest& manifest) {
  std::vector<std::string> files, statuses, types, rows_in, rows_loaded, rows_dropped, messages;
  for (const auto& [file, outcome] : outcomes_) {
    files.push_back(file);
    statuses.push_back(outcome.status);
    types.push_back(outcome.report_type);
    rows_in.push_back(std::to_string(outcome.rows_in));
    rows_loaded.push_back(std::to_string(outcome.rows_loaded));
    rows_dropped.push_back(std::to_string(outcome.rows_dropped));
    messages.push_back(outcome.message);
  }
  outcomes_.clear();
  const std::vector<SqlText> parameters = {manifest.id,
                                           array_literal(files),
                                           array_literal(statuses),
                                           array_literal(types),
                                           array_literal(rows_in),
                                           array_literal(rows_loaded),
                                           array_literal(rows_dropped),
                                           array_literal(messages)};
  const std::string insertion =
      "INSERT INTO {extension}.koku_report_file AS f"
      " (manifest_id, file, status, report_type, rows_in, rows_loaded, rows_dropped, message, completed_at)"
      " SELECT $1::bigint, o.file, o.status, nullif(o.report_type, ''), o.rows_in, o.rows_loaded,"
      " o.rows_dropped, nullif(o.message, ''), CASE WHEN o.status <> 'waiting' THEN now() END"
      " FROM unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::text[])"
      " AS o (file, status, report_type, rows_in, rows_loaded, rows_dropped, message)";
  if (manifest.is_new) {
    run_sql(schemas_, insertion, parameters);
    return manifest.is_complete;
  }
  // The manifest's other files are those on record, as they were before this statement.
  return !run_sql(schemas_,
                  "WITH outcome AS (" + insertion +
                      " ON CONFLICT (manifest_id, file) DO UPDATE SET status = excluded.status,"
                      " report_type = excluded.report_type, rows_in = excluded.rows_in,"
                      " rows_loaded = excluded.rows_loaded, rows_dropped = excluded.rows_dropped,"
                      " message = excluded.message, completed_at = excluded.completed_at RETURNING f.completed_at)"
                      " UPDATE {extension}.koku_manifest m SET completed_at = now() WHERE m.manifest_id = $1::bigint"
                      " AND NOT EXISTS (SELECT FROM outcome o WHERE o.completed_at IS NULL)"
                      " AND NOT EXISTS (SELECT FROM {extension}.koku_report_file f WHERE f.manifest_id = m.manifest_id"
                      " AND f.completed_at IS NULL AND f.file <> ALL ($2::text[])) RETURNING 1",
                  parameters)
              .empty();
}

void ManifestStore::note_day(const std::string& manifest_id, std::string_view report_type, Day day, bool is_held) {
  noted_.manifests.push_back(manifest_id);
  noted_.report_types.emplace_back(report_type);
  noted_.days.push_back(to_string(day));
  noted_.held.emplace_back(is_held ? "t" : "f");
}

void ManifestStore::write_days() {
  const NotedDays noted = std::exchange(noted_, {});
  if (noted.days.empty()) return;
  // The tables of release 0.1.0 have no place for it.
  const auto column = run_sql(schemas_,
                              "SELECT FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid"
                              " JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = $1"
                              " AND c.relname = 'koku_report_file' AND a.attname = 'superseded_days'",
                              {schemas_.extension});
  if (column.empty()) return;
  run_sql(schemas_,
          "UPDATE {extension}.koku_report_file AS f SET superseded_days = nullif(ARRAY("
          "SELECT s.day FROM unnest(f.superseded_days) AS s (day) WHERE s.day <> ALL (noted.days)"
          " UNION SELECT l.day FROM unnest(noted.lost) AS l (day) ORDER BY 1), '{}')"
          " FROM (SELECT n.manifest, n.report_type, array_agg(n.day) AS days,"
          " array_agg(n.day) FILTER (WHERE NOT n.held) AS lost"
          " FROM unnest($1::bigint[], $2::text[], $3::date[], $4::boolean[]) AS n (manifest, report_type, day, held)"
          " GROUP BY n.manifest, n.report_type) AS noted"
          " WHERE f.manifest_id = noted.manifest AND f.report_type = noted.report_type",
          {array_literal(noted.manifests), array_literal(noted.report_types), array_literal(noted.days),
           array_literal(noted.held)});
}

void ManifestStore::note_changes(const StoredManifest& manifest, const std::set<Day>& days) {
  const bool complete = write_outcomes(manifest);
  write_days();
  std::vector<std::string> texts;
  for (const Day day : days) texts.push_back(to_string(day));
  if (!complete) {
    run_sql(schemas_,
            "INSERT INTO {extension}.koku_changed_day (manifest_id, day)"
            " SELECT $1::bigint, day::date FROM unnest($2::text[]) day ON CONFLICT DO NOTHING",
            {manifest.id, array_literal(texts)});
    return;
  }
  if (!manifest.is_new)
    for (const SqlRow& row : run_sql(
             schemas_, "DELETE FROM {extension}.koku_changed_day WHERE manifest_id = $1::bigint RETURNING day::text",
             {manifest.id}))
      texts.push_back(*row[0]);
  if (texts.empty()) return;
  run_sql(schemas_,
          "SELECT {internal}request_summary($1::uuid, min(day), max(day))"
          " FROM unnest($2::date[]) day GROUP BY date_trunc('month', day) ORDER BY min(day)",
          {source_.uuid, array_literal(texts)});
}

}  // namespace koku
