#include "server/summary/summary_run.hpp"

#include <string_view>

#include "server/backend/boundary.hpp"
#include "server/backend/datum.hpp"
#include "server/backend/error_context.hpp"
#include "server/storage/leaf_partition.hpp"
#include "server/summary/row_load.hpp"
#include "server/summary/stage.hpp"
#include "server/summary/statement_file.hpp"
#include "server/summary/working_table.hpp"

namespace koku {
namespace {

constexpr double microseconds_per_second = 1e6;
constexpr std::string_view daily_summary = "reporting_ocpusagelineitem_daily_summary";

class SummaryRun {
 public:
  SummaryRun(const Schemas& schemas, const SummarySubject& subject) : schemas_(schemas), subject_(subject) {}

  void run(const std::vector<Stage>& stages) {
    for (auto stage = stages.begin(); stage != stages.end();) {
      const auto end = std::find_if(stage, stages.end(), [](const Stage& next) { return !next.by_step; });
      if (end == stage) {
        run_stage(*stage++, subject_.days);
      } else {
        run_steps(stage, end);
        stage = end;
      }
    }
  }

  std::vector<SummaryResult> results() && { return std::move(results_); }

 private:
  /// Every statement is planned and run in this context, which is reset after each. The blocks it keeps spare the next
  /// statement fresh memory, which the system would have to clear.
  static MemoryContext make_statement_context() {
    MemoryContext context = nullptr;
    server_call([&] {
      context = AllocSetContextCreate(CurrentMemoryContext, "koku_onprem summary statement", 1 << 20, 1 << 16, 8 << 20);
    });
    return context;
  }

  using StageIterator = std::vector<Stage>::const_iterator;

  void run_steps(StageIterator begin, StageIterator end) {
    std::size_t number = 0;
    for (const DayRange& step : subject_.steps) {
      const TimestampTz started = GetCurrentTimestamp();
      const std::size_t before = results_.size();
      for (StageIterator stage = begin; stage != end; ++stage) run_stage(*stage, step);
      notify(step, ++number, before, seconds_since(started));
    }
  }

  void run_stage(const Stage& stage, const DayRange& days) {
    if (!holds(stage.condition)) {
      for (const StageStatement& statement : stage.statements) working_tables_.clear(statement.target());
      return;
    }
    StageSettings settings(stage);
    for (const StageStatement& statement : stage.statements) {
      check_interrupts();
      const SummaryContext context(statement.name.c_str());
      const TimestampTz started = GetCurrentTimestamp();
      const std::int64_t rows = run_or_pass_over(statement, days);
      results_.push_back({statement.position, stage.name, statement.target(), rows, seconds_since(started)});
    }
    settings.leave();
  }

  static double seconds_since(TimestampTz started) {
    return static_cast<double>(GetCurrentTimestamp() - started) / microseconds_per_second;
  }

  bool holds(const std::string& condition) const {
    return condition.empty() || working_tables_.row_count(condition) > 0;
  }

  std::int64_t run_or_pass_over(const StageStatement& statement, const DayRange& days) {
    if (!holds(statement.condition)) {
      working_tables_.clear(statement.target());
      return 0;
    }
    const MemoryContext previous = MemoryContextSwitchTo(statement_context_);
    std::uint64_t rows = 0;
    try {
      rows = run_file(text_of(statement), input_of(days));
    } catch (const ServerError& error) {
      hint_at_missing_tables(error);
      throw;
    }
    MemoryContextSwitchTo(previous);
    server_call([this] { MemoryContextReset(statement_context_); });
    return static_cast<std::int64_t>(rows);
  }

  std::uint64_t run_file(const std::string& text, const StatementInput& input) {
    const auto file = KeptStatementFiles::of_session().get(text, input, working_tables_.row_count());
    std::uint64_t rows = 0;
    for (const PreparedStatement& statement : file->statements()) switch (statement.kind) {
        case PreparedStatement::Kind::insert_rows:
          rows = insert_rows(statement, input, [this](Oid target, Oid& leaf) { leaf = leaf_of(target); });
          break;
        case PreparedStatement::Kind::working_table:
          rows = working_tables_.make(statement, input);
          break;
        case PreparedStatement::Kind::other:
          rows = run_by_spi(statement, input);
          break;
      }
    return rows;
  }

  /// The table that rows of a target go to: its partition of the month, or itself.
  Oid leaf_of(Oid target) {
    const auto [found, is_new] = leaves_.try_emplace(target, target);
    if (!is_new) return found->second;
    const char* name = nullptr;
    bool partitioned = false;
    server_call([&] {
      name = get_rel_name(target);
      partitioned = get_rel_relkind(target) == RELKIND_PARTITIONED_TABLE;
    });
    if (partitioned) found->second = ensure_leaf_partition(schemas_, name, month()).oid;
    return found->second;
  }

  /// What is missing in a tenant's schema, or of another type, the server cannot say how to mend.
  static void hint_at_missing_tables(const ServerError& error) {
    ErrorData* data = error.data();
    if (data->sqlerrcode != ERRCODE_UNDEFINED_TABLE && data->sqlerrcode != ERRCODE_UNDEFINED_COLUMN &&
        data->sqlerrcode != ERRCODE_DATATYPE_MISMATCH)
      return;
    server_call([&] {
      data->hint =
          pstrdup("koku_create_tenant() adds what a schema lacks, and lists other differences from what is expected.");
    });
  }

  const std::string& text_of(const StageStatement& statement) {
    const auto [found, is_new] = texts_.try_emplace(statement.position);
    if (is_new) found->second = with_names(statement.statement);
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

  /// The parameters are those that the comment on koku_internal.summary_statement names.
  StatementInput input_of(const DayRange& days) const {
    StatementInput input = {};
    input.environment = working_tables_.environment();
    const auto add = [&input](Oid type, NullableDatum value) {
      input.types[input.parameter_count] = type;
      input.values[input.parameter_count] = value.value;
      input.nulls[input.parameter_count] = value.isnull;
      ++input.parameter_count;
    };
    const auto date = [](Day day) { return NullableDatum{date_datum(day), false}; };
    add(UUIDOID, subject_.source);
    add(DATEOID, date(days.first_day));
    add(DATEOID, date(days.last_day));
    add(INT4OID, subject_.report_period);
    add(TEXTOID, subject_.cluster_id);
    add(TEXTOID, subject_.cluster_alias);
    add(NAMEOID, subject_.tenant);
    return input;
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
  std::map<int, std::string> texts_;  // with names, by position
  std::map<Oid, Oid> leaves_;         // by target
  std::vector<SummaryResult> results_;
};

}  // namespace

std::vector<SummaryResult> run_stages(const Schemas& schemas, const SqlText& stages, const SummarySubject& subject) {
  server_call([] {
    if (SPI_connect() != SPI_OK_CONNECT) elog(ERROR, "SPI_connect failed");
  });
  SummaryRun run(schemas, subject);
  run.run(read_stages(schemas, stages));
  server_call([] { SPI_finish(); });
  return std::move(run).results();
}

}  // namespace koku
