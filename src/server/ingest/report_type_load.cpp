#include "server/ingest/report_type_load.hpp"

#include <algorithm>
#include <bit>

#include "server/backend/boundary.hpp"
#include "server/backend/datum.hpp"
#include "server/ingest/node_interval_table.hpp"
#include "server/ingest/stored_daily_rows.hpp"
#include "server/storage/rows_of_day.hpp"

#include "server/backend/postgres.hpp"

namespace koku {
namespace {

constexpr std::size_t max_months = 24;
constexpr int hours_per_day = 24;
// Clocks differ, and so do the days of time zones.
constexpr int most_days_ahead = 2;

}  // namespace

/// The rows that a source and day have already.
struct DayOwners {
  bool ours = false;       ///< the manifest at hand has raw rows
  bool others = false;     ///< somebody else has; rows of another tool have no manifestid
  int others_hours = 0;    ///< hours that the others hold: what one claims at most, or what several have together
  Hours others_there = 0;  ///< hours that rows of the others are of
  std::vector<std::string> other_manifests;  ///< as in manifestid; empty for rows that name none
  bool daily_rows = false;                   ///< there are daily rows
  bool intervals = false;                    ///< there are intervals of nodes
};

namespace {

/// Whether no leaf has rows of the day; false where that takes a statement to know.
bool is_new_day(const LoadContext& context, std::initializer_list<const LeafPartition*> leaves, Day day) {
  return std::ranges::all_of(leaves, [&](const LeafPartition* leaf) {
    return leaf == nullptr || has_rows_of_day(leaf->oid, context.source.uuid, day) == false;
  });
}

/// Other software may have texts of its own in the column.
bool is_manifest_id(const std::string& text) {
  return !text.empty() && text.size() <= 18 && text.find_first_not_of("0123456789") == std::string::npos;
}

DayOwners owners_of_day(const LoadContext& context, const LeafPartition& raw_leaf, const LeafPartition& daily_leaf,
                        const LeafPartition* interval_leaf, Day day) {
  if (is_new_day(context, {&raw_leaf, &daily_leaf, interval_leaf}, day)) return {};
  const std::string of_day = " r WHERE r.source = $1 AND r.usage_start = $2::date";
  const auto some = [&](const char* what, const LeafPartition& leaf) {
    return std::string(" UNION ALL SELECT '") + what + "', NULL, NULL, NULL WHERE EXISTS (SELECT FROM " + leaf.name +
           of_day + ")";
  };
  // Rows without an interval, which other software may have written, could be of any hour.
  const std::string raw =
      "SELECT 'raw', h.manifestid, max(h.claimed)::text,"
      " bit_or(coalesce(1 << date_part('hour', h.interval_start AT TIME ZONE 'UTC')::integer, 16777215))::text"
      " FROM (SELECT r.manifestid, r.interval_start, max(r.reportnumhours) AS claimed FROM " +
      raw_leaf.name + of_day + " GROUP BY r.manifestid, r.interval_start) AS h GROUP BY h.manifestid";
  DayOwners owners;
  int daily_owners = 0;
  Hours hours_of_daily_owners = 0;
  for (const SqlRow& row :
       run_sql(context.schemas,
               raw + some("daily", daily_leaf) + (interval_leaf == nullptr ? "" : some("interval", *interval_leaf)),
               {context.source.uuid, to_string(day)})) {
    if (row[0] == "daily") {
      owners.daily_rows = true;
    } else if (row[0] == "interval") {
      owners.intervals = true;
    } else if (row[1] == context.manifest.id) {
      owners.ours = true;
    } else {
      const int claimed = row[2] ? std::stoi(*row[2]) : 0;
      const auto there = static_cast<Hours>(std::stoul(*row[3]));
      owners.others = true;
      owners.others_hours = std::max(owners.others_hours, claimed);
      owners.others_there |= there;
      owners.other_manifests.push_back(row[1].value_or(""));
      if (claimed > 0) {
        ++daily_owners;
        hours_of_daily_owners |= there;
      }
    }
  }
  // Several hold the day together where none overlaps another: what one of them claims is not all.
  if (daily_owners > 1) owners.others_hours = std::max(owners.others_hours, std::popcount(hours_of_daily_owners));
  return owners;
}

/// Whether each of these manifests lacks files that it names.
bool wait_for_files(const LoadContext& context, const std::vector<std::string>& manifests) {
  return std::ranges::all_of(manifests, [&](const std::string& manifest) {
    return is_manifest_id(manifest) &&
           !run_sql(context.schemas,
                    "SELECT ''::text FROM {extension}.koku_manifest AS manifest WHERE manifest.manifest_id = $1::bigint"
                    " AND manifest.source = $2::uuid AND manifest.completed_at IS NULL",
                    {manifest, context.source.uuid})
                .empty();
  });
}

/// Pods and volumes, whose raw rows go before the rest of a day (koku_internal.short_lived_tables()).
bool has_short_lived_rows(const ReportType& type) {
  return type.id == ReportTypeId::pod_usage || type.id == ReportTypeId::storage_usage;
}

/// " on DAY" when it is known when raw rows of days up to this one were removed.
std::string time_of_removal(const LoadContext& context, Day day) {
  const auto rows = run_sql(context.schemas,
                            "SELECT to_char(removed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')"
                            " FROM {extension}.koku_raw_removal WHERE tenant = $1::name AND removed_before > $2::date",
                            {context.source.tenant, to_string(day)});
  return rows.empty() ? std::string() : " on " + rows[0][0].value_or("");
}

/// What is left of a day whose raw rows were removed, by the retention or by hand: who wrote its daily rows, and how
/// many hours it has, of which the intervals of nodes tell for pods. Where nothing tells, it is taken for a whole day.
DayOwners owners_by_daily_rows(const LoadContext& context, const ReportType& type, const LeafPartition& daily_leaf,
                               const LeafPartition* interval_leaf, Day day) {
  const std::string of_day = " r WHERE r.source = $1 AND r.usage_start = $2::date";
  const std::vector<SqlText> parameters = {context.source.uuid, to_string(day)};
  DayOwners owners;
  for (const SqlRow& row : run_sql(context.schemas,
                                   "SELECT r.manifestid, coalesce(max(r.reportnumhours), 0)::text FROM " +
                                       daily_leaf.name + of_day + " GROUP BY r.manifestid",
                                   parameters)) {
    (row[0] == context.manifest.id ? owners.ours : owners.others) = true;
    owners.others_hours = std::max(owners.others_hours, std::stoi(row[1].value_or("0")));
    if (row[0] != context.manifest.id) owners.other_manifests.push_back(row[0].value_or(""));
  }
  int told = type.node_capacity ? 0 : owners.others_hours;
  if (interval_leaf != nullptr) {
    const auto intervals =
        run_sql(context.schemas, "SELECT count(DISTINCT r.interval_start)::text FROM " + interval_leaf->name + of_day,
                parameters);
    told = std::stoi(intervals.at(0).at(0).value_or("0"));
  }
  owners.others_hours = told == 0 ? hours_per_day : std::max(owners.others_hours, told);
  return owners;
}

/// A month ahead would get its partitions, which nothing removes while it has rows.
void require_past_day(Day day, Day received) {
  if (day <= received + most_days_ahead) return;
  throw Error(ErrorKind::future_day, "report has rows of a day that is still to come",
              "Rows are of " + to_string(day) + ", received on " + to_string(received) + ".",
              "Have the clocks of the cluster set right and the payload made again; up to " +
                  std::to_string(most_days_ahead) + " days ahead are taken.");
}

}  // namespace

std::string_view name_of(DayAction action) {
  switch (action) {
    case DayAction::loaded:
      return "loaded";
    case DayAction::replaced:
      return "replaced";
    case DayAction::appended:
      return "appended";
    case DayAction::superseded:
      return "superseded";
    case DayAction::expired:
      return "dropped";
  }
  return {};
}

ReportTypeLoad::ReportTypeLoad(const ReportType& type, const LoadContext& context)
    : type_(type),
      context_(context),
      raw_table_("openshift_" + std::string(type.name) + "_line_items"),
      daily_table_(raw_table_ + "_daily"),
      writes_intervals_{type.node_capacity && has_node_intervals(context.schemas)},
      aggregate_(type, varlena_header) {
  context_.budget.join(aggregate_);
}

ReportTypeLoad::~ReportTypeLoad() { context_.budget.leave(aggregate_); }

DayDecision ReportTypeLoad::begin_day(Day day, Instant first) {
  const auto [entry, is_new] = days_.try_emplace(day);
  if (is_new) decide(day, first, entry->second);
  switch (entry->second.action) {
    case DayAction::superseded:
      return DayDecision::skip;
    case DayAction::expired:
      return DayDecision::expired;
    default:
      return DayDecision::load;
  }
}

void ReportTypeLoad::decide(Day day, Instant first, DayState& state) {
  require_past_day(day, context_.received);
  if (context_.oldest_kept && day < *context_.oldest_kept) {
    state.action = DayAction::expired;
    return;
  }
  const bool daily = context_.manifest.daily_reports;
  DayOwners owners = owners_of_day(context_, leaf_of(raw_table_, day), leaf_of(daily_table_, day),
                                   writes_intervals_ ? &leaf_of(node_interval_table, day) : nullptr, day);
  state.has_raw_rows = owners.ours || owners.others;
  state.has_daily_rows = owners.daily_rows;
  state.has_intervals = owners.intervals;
  // Operators that do not report daily send no hours, but the oldest ones do (spec ingest.md 5.1).
  if (daily || context_.manifest.version.empty()) {
    state.hours = context_.manifest.hours_on(day);
    if (state.hours == 0) state.hours = context_.measured_hours.of(type_.id, day).intervals;
  }
  if (!state.has_raw_rows && owners.daily_rows && has_short_lived_rows(type_)) {
    decide_without_raw_rows(day, state);
    return;
  }
  if (!daily) {
    state.action = state.has_raw_rows ? DayAction::appended : DayAction::loaded;
  } else if (is_redone()) {
    state.action = state.has_raw_rows ? DayAction::replaced : DayAction::loaded;
    context_.store.await_again(context_.manifest, type_.name, context_.delivered);
  } else if (owners.others) {
    state.action = action_beside(owners, day, first, state.hours);
    state.keeps_own = owners.ours && state.action == DayAction::replaced;
    if (state.action == DayAction::appended && state.hours > 0 && owners.others_hours > 0)
      state.hours_together = std::popcount(owners.others_there | context_.measured_hours.of(type_.id, day).hours);
  } else {
    state.action = owners.ours ? DayAction::appended : DayAction::loaded;
  }
  if (state.action == DayAction::replaced) state.replaced_manifests = std::move(owners.other_manifests);
}

/// Other manifests have rows of the day.
DayAction ReportTypeLoad::action_beside(const DayOwners& owners, Day day, Instant first, int hours) {
  if (context_.force) return owners.ours ? DayAction::appended : DayAction::replaced;
  // Windows claim hours of which there are no rows, and leave out hours of which there are: the rows decide. Most
  // deliveries of a day begin as the one before did, so that its first row tells.
  const bool overlaps = (owners.others_there & hour_of(first, day)) != 0 ||
                        (owners.others_there & context_.measured_hours.of(type_.id, day).hours) != 0;
  if (!overlaps) return DayAction::appended;
  // Additive rows, which claim no hours, may overlap a day that is ours in part.
  if (owners.ours && owners.others_hours == 0) return DayAction::appended;
  if (hours > owners.others_hours) return DayAction::replaced;
  // A part that waits for files is no match for as many hours of a manifest that has all of its own.
  const bool is_whole = hours == owners.others_hours && !owners.ours && context_.manifest.is_complete;
  return is_whole && wait_for_files(context_, owners.other_manifests) ? DayAction::replaced : DayAction::superseded;
}

// Rows cannot be added: raw rows of a part of the day would pass for those of the whole.
void ReportTypeLoad::decide_without_raw_rows(Day day, DayState& state) {
  const LeafPartition* intervals = writes_intervals_ ? &leaf_of(node_interval_table, day) : nullptr;
  DayOwners owners = owners_by_daily_rows(context_, type_, leaf_of(daily_table_, day), intervals, day);
  const bool is_more = !owners.ours && (context_.force || state.hours > owners.others_hours);
  if (!context_.manifest.daily_reports || !(is_redone() || is_more)) {
    state.action = DayAction::superseded;
    state.remark = to_string(day) + " keeps its " + std::to_string(owners.others_hours) +
                   " hours: its raw rows were removed" + time_of_removal(context_, day) +
                   ", so that nothing can be added to it, and only a delivery of more hours replaces it";
    return;
  }
  state.action = DayAction::replaced;
  state.replaced_manifests = std::move(owners.other_manifests);
  if (is_redone()) context_.store.await_again(context_.manifest, type_.name, context_.delivered);
}

/// A forced delivery of files of the type that are done.
bool ReportTypeLoad::is_redone() const {
  return context_.force && context_.redone_types.contains(std::string(type_.name));
}

std::string ReportTypeLoad::remark(Day day) const {
  const auto found = days_.find(day);
  return found == days_.end() ? std::string() : found->second.remark;
}

// Every month costs partitions and locks, which other sessions need as well; real payloads have one month or two.
void ReportTypeLoad::note_month(Day day) {
  context_.months.insert(first_day_of_month(day));
  if (context_.months.size() <= max_months) return;
  throw Error(ErrorKind::too_large, "payload has rows of more than " + std::to_string(max_months) + " months",
              "One of them is of " + to_string(day) + ".",
              "Check the values of interval_start, or send the months in several payloads.");
}

// Waits for the day's first usable row: a file whose rows are all dropped must not cost the rows that are there.
void ReportTypeLoad::begin(Day day, DayState& state) {
  state.begun = true;
  note_month(day);
  if (state.action == DayAction::appended) return;
  std::vector<std::string> tables;
  if (state.keeps_own)
    run_sql(context_.schemas,
            "DELETE FROM " + leaf_of(raw_table_, day).name +
                " WHERE source = $1 AND usage_start = $2::date AND manifestid IS DISTINCT FROM $3",
            {context_.source.uuid, to_string(day), context_.manifest.id});
  else if (state.has_raw_rows)
    tables.push_back(raw_table_);
  if (state.has_daily_rows) tables.push_back(daily_table_);
  if (state.has_intervals) tables.emplace_back(node_interval_table);
  if (!tables.empty()) delete_rows(tables, day);
}

// By one statement for all of them: for a small payload a statement costs more than its rows.
void ReportTypeLoad::delete_rows(const std::vector<std::string>& tables, Day day) {
  const auto deletion = [&](const std::string& table) {
    return "DELETE FROM " + leaf_of(table, day).name + " WHERE source = $1 AND usage_start = $2::date";
  };
  std::string statement;
  for (std::size_t at = 1; at < tables.size(); ++at)
    statement += (at == 1 ? "WITH d" : ", d") + std::to_string(at) + " AS (" + deletion(tables[at]) + ")";
  run_sql(context_.schemas, statement + " " + deletion(tables[0]), {context_.source.uuid, to_string(day)});
}

void ReportTypeLoad::store(const RowBatch& rows) {
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const Day day = rows.times(row).day;
    if (current_state_ == nullptr || day != current_day_) enter_day(day);
    current_writer_->add(rows, row, current_state_->hours);
  }
}

void ReportTypeLoad::enter_day(Day day) {
  current_state_ = &days_.at(day);
  current_day_ = day;
  if (!current_state_->begun) begin(day, *current_state_);
  current_writer_ = &raw_writer(day);
}

void ReportTypeLoad::flush() {
  for (auto& [month, writer] : raw_writers_) writer->flush();
}

DayAction ReportTypeLoad::action(Day day) const { return days_.at(day).action; }

LineItemWriter& ReportTypeLoad::raw_writer(Day day) {
  std::unique_ptr<LineItemWriter>& writer = raw_writers_[first_day_of_month(day)];
  if (!writer) writer = open_writer(raw_table_, day);
  return *writer;
}

const LeafPartition& ReportTypeLoad::leaf_of(const std::string& table, Day day) {
  const auto [entry, is_new] = leaves_.try_emplace({table, first_day_of_month(day)});
  if (is_new) entry->second = ensure_leaf_partition(context_.schemas, table, first_day_of_month(day));
  return entry->second;
}

std::unique_ptr<LineItemWriter> ReportTypeLoad::open_writer(const std::string& table, Day day) {
  return std::make_unique<LineItemWriter>(leaf_of(table, day).oid, type_, context_.source.uuid, context_.manifest.id,
                                          day);
}

void ReportTypeLoad::finish() {
  for (auto& [month, writer] : raw_writers_) writer->close();
  raw_writers_.clear();
  current_writer_ = nullptr;
  current_state_ = nullptr;
  for (const auto& [day, state] : days_) {
    if (state.begun) write_daily(day, state);
    note_day(day, state);
  }
}

void ReportTypeLoad::note_day(Day day, const DayState& state) {
  if (state.action == DayAction::superseded) context_.store.note_day(context_.manifest.id, type_.name, day, false);
  if (!state.begun) return;
  if (!context_.manifest.is_new) context_.store.note_day(context_.manifest.id, type_.name, day, true);
  for (const std::string& manifest : state.replaced_manifests)
    if (is_manifest_id(manifest)) context_.store.note_day(manifest, type_.name, day, false);
}

void ReportTypeLoad::write_daily(Day day, const DayState& state) {
  int hours = std::max(state.hours, state.hours_together);
  if (state.action == DayAction::appended) {
    hours = std::max(hours, merge_stored_daily_rows(leaf_of(daily_table_, day).name, context_.source.uuid, day,
                                                    aggregate_, context_.budget.left_for(aggregate_)));
    delete_rows({daily_table_}, day);
  } else if (state.keeps_own) {
    // The daily rows were of several manifests.
    aggregate_.forget_day(day);
    aggregate_raw_rows(leaf_of(raw_table_, day).name, context_.source.uuid, day, aggregate_,
                       context_.budget.left_for(aggregate_));
  }
  const std::unique_ptr<LineItemWriter> writer = open_writer(daily_table_, day);
  std::vector<Value> values(type_.columns.size());
  RowBatch row(1);
  for (const DailyGroup* group : aggregate_.day(day).groups) {
    aggregate_.values_of(*group, values);
    row.begin(type_);
    row.add({.report_period_start = group->report_period_start(),
             .report_period_end = group->report_period_end(),
             .interval_start = start_of(day),
             .interval_end = std::nullopt,
             .day = day,
             .values = values});
    writer->add(row, 0, hours);
  }
  writer->close();
  if (writes_intervals_) write_intervals(day, state);
  aggregate_.forget_day(day);
  server_call([] { CommandCounterIncrement(); });
}

// Those of a day stand for all of its raw rows or are not there: rows of an older release, or of other software, that
// are added to have none.
void ReportTypeLoad::write_intervals(Day day, const DayState& state) {
  const LeafPartition& leaf = leaf_of(node_interval_table, day);
  if (state.action == DayAction::appended) {
    if (!state.has_intervals) return;
    take_node_intervals(leaf.name, context_.source.uuid, day, aggregate_, context_.budget.left_for(aggregate_));
  }
  write_node_intervals(leaf.oid, context_.source.uuid, day, aggregate_.day(day).node_intervals);
}

std::set<Day> ReportTypeLoad::changed_days() const {
  std::set<Day> changed;
  for (const auto& [day, state] : days_)
    if (state.begun) changed.insert(day);
  return changed;
}

}  // namespace koku
