#include "server/summary/summary_run.hpp"

#include <string_view>

#include "server/backend/boundary.hpp"
#include "server/backend/datum.hpp"
#include "server/backend/error_context.hpp"
#include "server/storage/leaf_partition.hpp"
#include "server/summary/row_load.hpp"
#include "server/summary/working_table.hpp"

namespace koku {
namespace {

constexpr double microseconds_per_second = 1e6;
constexpr std::string_view daily_summary = "reporting_ocpusagelineitem_daily_summary";

struct SummaryStatement {
  int position;
  std::string target;
  std::string text;        // may be nothing but comments
  std::string rows_query;  // empty: none
  std::string needs;       // empty: nothing
  bool fills_working_table() const { return target.starts_with("koku_") && !rows_query.empty(); }
};

/// The tables of the tenant that statements fill, found once.
struct Target {
  Oid parent;
  Oid leaf;
};

class SummaryRun {
 public:
  SummaryRun(const Schemas& schemas, const SummarySubject& subject) : schemas_(schemas), subject_(subject) {}

  void run_phase(std::string_view phase, const DayRange& days) {
    const std::vector<SummaryStatement>& statements = statements_of(phase);
    for (const SummaryStatement& statement : statements)
      if (statement.fills_working_table()) working_tables_.clear(statement.target);
    for (const SummaryStatement& statement : statements) {
      check_interrupts();
      const SummaryContext context(statement.position, statement.target.c_str());
      const TimestampTz started = GetCurrentTimestamp();
      const std::int64_t rows = run(statement, days);
      results_.push_back({statement.position, statement.target, rows,
                          static_cast<double>(GetCurrentTimestamp() - started) / microseconds_per_second});
    }
  }

  void run_steps() {
    std::size_t number = 0;
    for (const DayRange& step : subject_.steps) {
      const TimestampTz started = GetCurrentTimestamp();
      const std::size_t before = results_.size();
      run_phase("step", step);
      notify(step, ++number, before, static_cast<double>(GetCurrentTimestamp() - started) / microseconds_per_second);
    }
  }

  std::vector<SummaryResult> results() && { return std::move(results_); }

 private:
  /// The context in which one statement after the other is planned and run. What it keeps when it is emptied is memory
  /// that the system need not clear again for the next one.
  static MemoryContext make_statement_context() {
    MemoryContext context = nullptr;
    server_call([&] {
      context = AllocSetContextCreate(CurrentMemoryContext, "koku_onprem summary statement", 1 << 20, 1 << 16, 8 << 20);
    });
    return context;
  }

  const std::vector<SummaryStatement>& statements_of(std::string_view phase) {
    const auto [found, is_new] = statements_.try_emplace(std::string(phase));
    if (!is_new) return found->second;
    for (SqlRow& row : run_sql(schemas_,
                               "SELECT position::text, target, statement, rows_query, needs FROM"
                               " {extension}.koku_summary_statement AS listed WHERE listed.phase = $1"
                               " ORDER BY listed.position",
                               {std::string(phase)}))
      found->second.push_back({std::stoi(*row[0]), *row[1], with_names(*row[2]),
                               row[3] ? with_names(*row[3]) : std::string(), row[4].value_or(std::string())});
    return found->second;
  }

  /// A statement with the names of this tenant and month for {tenant}.table and {month}.table.
  std::string with_names(std::string_view statement) const {
    constexpr std::string_view mark = "{month}.";
    constexpr std::string_view name_characters = "abcdefghijklmnopqrstuvwxyz0123456789_";
    std::string text;
    while (true) {
      const std::size_t found = statement.find(mark);
      text += with_schemas(schemas_, statement.substr(0, found));
      if (found == std::string_view::npos) return text;
      statement.remove_prefix(found + mark.size());
      const std::string table(statement.substr(0, statement.find_first_not_of(name_characters)));
      statement.remove_prefix(table.size());
      const LeafPartition leaf = find_leaf_partition(schemas_, table, month());
      // Without a partition of that name the parent knows where the rows are.
      text += OidIsValid(leaf.oid) ? leaf.name : quote_name(schemas_.tenant) + "." + table;
    }
  }

  Day month() const { return first_day_of_month(subject_.days.first_day); }

  std::int64_t run(const SummaryStatement& statement, const DayRange& days) {
    if (!statement.needs.empty() && working_tables_.row_count(statement.needs) == 0) return 0;
    const MemoryContext previous = MemoryContextSwitchTo(statement_context_);
    const QueryText text = query_of(statement.text, days);
    std::uint64_t rows = 0;
    server_call([&] { execute_unsafe(text, text.text, rows); });
    if (!statement.rows_query.empty()) rows = load(statement, days);
    MemoryContextSwitchTo(previous);
    server_call([this] { MemoryContextReset(statement_context_); });
    return static_cast<std::int64_t>(rows);
  }

  std::uint64_t load(const SummaryStatement& statement, const DayRange& days) {
    const QueryText query = query_of(statement.rows_query, days);
    if (statement.fills_working_table()) return working_tables_.load(statement.target, query);
    const Target& target = target_of(statement.target);
    return load_rows(query, target.parent, target.leaf);
  }

  const Target& target_of(const std::string& table) {
    const auto [found, is_new] = targets_.try_emplace(table);
    if (!is_new) return found->second;
    Oid parent = InvalidOid;
    bool partitioned = false;
    const char* tenant = schemas_.tenant.c_str();
    const char* name = table.c_str();
    server_call([&] {
      parent = get_relname_relid(name, get_namespace_oid(tenant, false));
      if (!OidIsValid(parent))
        ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE), errmsg("tenant \"%s\" has no table \"%s\"", tenant, name),
                        errhint("koku_create_tenant() adds what is missing.")));
      partitioned = get_rel_relkind(parent) == RELKIND_PARTITIONED_TABLE;
    });
    found->second = {parent, partitioned ? ensure_leaf_partition(schemas_, table, month()).oid : parent};
    return found->second;
  }

  /// The parameters are those that the comment on koku_summary_statement names.
  QueryText query_of(const std::string& text, const DayRange& days) const {
    QueryText query = {};
    query.text = text.c_str();
    query.environment = working_tables_.environment();
    const auto add = [&query](Oid type, NullableDatum value) {
      query.types[query.parameter_count] = type;
      query.values[query.parameter_count] = value.value;
      query.nulls[query.parameter_count] = value.isnull;
      ++query.parameter_count;
    };
    const auto date = [](Day day) { return NullableDatum{date_datum(day), false}; };
    add(UUIDOID, subject_.source);
    add(DATEOID, date(days.first_day));
    add(DATEOID, date(days.last_day));
    add(INT4OID, subject_.report_period);
    add(TEXTOID, subject_.cluster_id);
    add(TEXTOID, subject_.cluster_alias);
    add(NAMEOID, subject_.tenant);
    return query;
  }

  void notify(const DayRange& step, std::size_t number, std::size_t first_result, double seconds) const {
    std::int64_t rows = 0;
    for (std::size_t at = first_result; at < results_.size(); ++at)
      if (results_[at].target == daily_summary) rows += results_[at].rows;
    const std::string outcome = to_string(step.first_day) + " to " + to_string(step.last_day) + ", step " +
                                std::to_string(number) + " of " + std::to_string(subject_.steps.size()) + ", " +
                                std::to_string(rows) + " rows";
    const char* done = outcome.c_str();
    const Datum cluster = subject_.cluster_id.value;
    server_call([&] {
      ereport(NOTICE, (errmsg("cluster \"%s\": summarized %s in %.2f s", TextDatumGetCString(cluster), done, seconds)));
    });
  }

  const Schemas& schemas_;
  const SummarySubject& subject_;
  WorkingTables working_tables_;
  const MemoryContext statement_context_ = make_statement_context();
  std::map<std::string, std::vector<SummaryStatement>, std::less<>> statements_;  // by phase
  std::map<std::string, Target> targets_;
  std::vector<SummaryResult> results_;
};

}  // namespace

std::vector<SummaryResult> run_summary(const Schemas& schemas, const SummarySubject& subject) {
  server_call([] {
    if (SPI_connect() != SPI_OK_CONNECT) elog(ERROR, "SPI_connect failed");
  });
  SummaryRun run(schemas, subject);
  run.run_phase("before", subject.days);
  run.run_steps();
  run.run_phase("after", subject.days);
  server_call([] { SPI_finish(); });
  return std::move(run).results();
}

}  // namespace koku
