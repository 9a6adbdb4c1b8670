#include "server/summary/stage.hpp"

#include "core/base/error.hpp"
#include "server/backend/boundary.hpp"

#include "server/backend/postgres.hpp"

namespace koku {
namespace {

/// NAME = VALUE or NAME >= VALUE, as in src/sql/summary/stages.
StageSetting setting_of(std::string_view text) {
  const std::size_t name_end = text.find(' ');
  const std::size_t value = text.rfind(' ');
  return {std::string(text.substr(0, name_end)), std::string(text.substr(value + 1)),
          text.substr(name_end, value - name_end) == " >="};
}

std::vector<StageSetting> settings_of(std::string_view lines) {
  std::vector<StageSetting> settings;
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    settings.push_back(setting_of(lines.substr(0, end)));
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  return settings;
}

/// Whether the setting, one of an amount of memory in kB, is that large already.
bool is_reached_unsafe(const char* name, const char* value) {
  int wanted = 0;
  if (!parse_int(value, &wanted, GUC_UNIT_KB, nullptr)) elog(ERROR, "\"%s\" is no amount of memory", value);
  return atoi(GetConfigOption(name, false, false)) >= wanted;
}

void set_unsafe(const char* name, const char* value) {
  (void)set_config_option(name, value, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}

void refuse_unknown_names(const Schemas& schemas, const SqlText& names) {
  if (!names) return;
  for (const SqlRow& row : run_sql(schemas,
                                   "SELECT wanted.name FROM unnest($1::text[]) AS wanted (name) WHERE NOT EXISTS"
                                   " (SELECT FROM koku_internal.summary_stage AS stage WHERE stage.name = wanted.name)",
                                   {names}))
    throw Error(ErrorKind::invalid_parameter, "a summary has no stage \"" + row[0].value_or("NULL") + "\"", "",
                "koku_internal.summary_stage lists them.");
}

}  // namespace

std::vector<Stage> read_stages(const Schemas& schemas, const SqlText& names) {
  refuse_unknown_names(schemas, names);
  std::vector<Stage> stages;
  for (SqlRow& row : run_sql(schemas,
                             "SELECT stage.name, stage.scope = 'step', stage.condition,"
                             " array_to_string(stage.settings, E'\\n'), statement.position::text, statement.name,"
                             " statement.condition, statement.statement"
                             " FROM koku_internal.summary_stage AS stage"
                             " JOIN koku_internal.summary_statement AS statement ON statement.stage = stage.name"
                             " WHERE $1 IS NULL OR stage.name = ANY ($1::text[])"
                             " ORDER BY statement.position",
                             {names})) {
    if (stages.empty() || stages.back().name != *row[0])
      stages.push_back({*row[0], is_true(row[1]), row[2].value_or(""), settings_of(*row[3]), {}});
    stages.back().statements.push_back({std::stoi(*row[4]), *row[5], row[6].value_or(""), std::move(*row[7])});
  }
  return stages;
}

StageSettings::StageSettings(const Stage& stage) {
  server_call([this] { nest_level_ = NewGUCNestLevel(); });
  for (const StageSetting& setting : stage.settings) {
    const char* name = setting.name.c_str();
    const char* value = setting.value.c_str();
    const bool at_least = setting.at_least;
    server_call([&] {
      if (!at_least || !is_reached_unsafe(name, value)) set_unsafe(name, value);
    });
  }
}

void StageSettings::leave() {
  server_call([this] { AtEOXact_GUC(true, nest_level_); });
}

}  // namespace koku
