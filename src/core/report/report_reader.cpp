#include "core/report/report_reader.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_set>
#include <utility>

#include "core/base/error.hpp"
#include "core/base/excerpt.hpp"
#include "core/base/hash.hpp"
#include "core/base/interrupts.hpp"
#include "core/base/limit_error.hpp"
#include "core/report/convert.hpp"
#include "core/report/gpu.hpp"
#include "core/report/labels.hpp"

namespace koku {
namespace {

constexpr int absent = -1;
// What a row costs besides its bytes, in bytes.
constexpr std::uint64_t work_of_a_row = 256;
constexpr std::uint64_t work_of_a_key = 64;
constexpr std::size_t transient_bytes = std::size_t{4} << 20;
constexpr std::size_t cache_bytes = std::size_t{16} << 20;
constexpr std::size_t cache_bytes_per_key = 512;
constexpr std::size_t max_named_columns = 20;
constexpr std::size_t max_named_column_bytes = 64;

/// How long a record is, with its commas and quotes.
std::uint64_t bytes_of(std::span<const std::string_view> fields) {
  const std::string_view last = fields.back();
  return static_cast<std::uint64_t>(last.data() + last.size() - fields.front().data());
}

/// The place of each header name a report type knows; the first of several equal names counts.
class HeaderMap {
 public:
  HeaderMap(const std::vector<std::string>& header, const ReportType& type) : fields_(type.columns.size(), absent) {
    dates_.fill(absent);
    for (std::size_t at = 0; at < header.size(); ++at) {
      if (type.ignores(header[at])) continue;
      int* place = place_of(header[at], type);
      if (place == nullptr)
        unknown_.push_back(at);
      else if (*place == absent)
        *place = static_cast<int>(at);
      else
        unknown_.push_back(at);
    }
  }
  int date(std::size_t at) const { return dates_[at]; }
  int column(std::size_t at) const { return fields_[at]; }
  const std::vector<std::size_t>& unknown() const { return unknown_; }

 private:
  int* place_of(std::string_view name, const ReportType& type) {
    for (std::size_t at = 0; at < std::size(date_columns); ++at)
      if (date_columns[at] == name) return &dates_[at];
    const auto column = type.column_index(name);
    if (!column || type.columns[*column].origin == ColumnOrigin::derived) return nullptr;
    return &fields_[*column];
  }

  std::array<int, std::size(date_columns)> dates_{};
  std::vector<int> fields_;
  std::vector<std::size_t> unknown_;
};

/// A timestamp column: almost every row repeats the text of the row before.
class InstantColumn {
 public:
  std::optional<Instant> convert(std::string_view text) {
    if (text != text_) {
      value_ = parse_timestamp(text);
      text_.assign(text.substr(0, max_kept));
      if (text.size() > max_kept) text_.clear();
    }
    return text.empty() ? std::nullopt : value_;
  }

 private:
  static constexpr std::size_t max_kept = 64;
  std::string text_;
  std::optional<Instant> value_;
};

/// The day part of interval_start must be written as YYYY-MM-DD (spec ingest.md 3.2).
bool begins_with_plain_date(std::string_view text) { return text.size() >= 10 && text[4] == '-' && text[7] == '-'; }

/// Converted texts by column and text as delivered.
class ConversionCache {
 public:
  explicit ConversionCache(TextHeader header) : header_(header), seed_(hash_seed()) {}

  const std::string_view* find(std::size_t column, std::string_view raw) const {
    const Entry* entry =
        table_.find(hash(column, raw), [&](const Entry& other) { return other.column == column && other.raw == raw; });
    return entry == nullptr ? nullptr : &entry->text;
  }
  std::string_view add(std::size_t column, std::string_view raw, std::string_view text) {
    const std::string_view kept_text = store_text(arena_, header_, text);
    const std::string_view kept_raw = raw == text ? kept_text : store_text(arena_, header_, raw);
    auto* entry = new (arena_.allocate(sizeof(Entry))) Entry{column, kept_raw, kept_text};
    table_.insert(hash(column, raw), entry);
    return kept_text;
  }
  std::size_t bytes() const { return arena_.allocated_bytes(); }
  void clear() {
    table_.clear();
    arena_.reset();
  }

 private:
  struct Entry {
    std::size_t column;
    std::string_view raw;
    std::string_view text;
  };
  std::uint64_t hash(std::size_t column, std::string_view raw) const { return hash_bytes(raw, seed_ + column); }

  TextHeader header_;
  std::uint64_t seed_;
  Arena arena_;
  PointerTable<Entry> table_;
};

/// Keys by their fields as delivered, so that a repeated key costs a hash and a comparison and no conversion.
class RawKeyCache {
 public:
  explicit RawKeyCache(std::size_t field_count) : field_count_(field_count) {}

  static std::uint64_t hash(std::span<const std::string_view> fields) {
    std::uint64_t state = hash_seed();
    for (const std::string_view field : fields) state = hash_bytes(field, state);
    return state;
  }
  const DailyKey* find(std::uint64_t hash, std::span<const std::string_view> fields) const {
    const Entry* entry =
        table_.find(hash, [&](const Entry& other) { return std::equal(fields.begin(), fields.end(), other.fields); });
    return entry == nullptr ? nullptr : entry->key;
  }
  void prefetch(std::uint64_t hash) const noexcept { table_.prefetch(hash); }
  void prefetch_entry(std::uint64_t hash) const noexcept { table_.prefetch_entry(hash); }
  void add(std::uint64_t hash, std::span<const std::string_view> fields, const DailyKey& key) {
    auto* kept = static_cast<std::string_view*>(arena_.allocate(sizeof(std::string_view) * field_count_));
    for (std::size_t at = 0; at < field_count_; ++at) {
      // Most fields are stored unchanged; then the key's own copy serves.
      const bool unchanged = key.texts[at].data() != nullptr && key.texts[at] == fields[at];
      new (kept + at) std::string_view(unchanged ? key.texts[at] : copy(fields[at]));
    }
    table_.insert(hash, new (arena_.allocate(sizeof(Entry))) Entry{&key, kept});
  }
  std::size_t bytes() const { return arena_.allocated_bytes(); }

 private:
  struct Entry {
    const DailyKey* key;
    const std::string_view* fields;
  };
  std::string_view copy(std::string_view field) {
    if (field.empty()) return field.data() == nullptr ? field : std::string_view("");
    char* memory = static_cast<char*>(arena_.allocate(field.size()));
    std::copy(field.begin(), field.end(), memory);
    return {memory, field.size()};
  }

  std::size_t field_count_;
  Arena arena_;
  PointerTable<Entry> table_;
};

struct NumberColumn {
  std::size_t column;
  int field;
  ColumnKind kind;
  bool bounded;
};

}  // namespace

class ReportReader::Implementation {
 public:
  Implementation(ByteInput& input, InterruptCheck check_interrupts, const ReaderLimits& limits)
      : scanner_(input, limits.csv),
        interrupts_(check_interrupts),
        limits_(limits),
        labels_(std::move(check_interrupts)) {}

  void set_max_aggregate_bytes(std::size_t bytes) noexcept { limits_.max_aggregate_bytes = bytes; }
  void set_window(const TimeWindow& window) noexcept { window_ = {start_of_hour(window.start), window.end}; }

  bool read_header() {
    if (!scanner_.next()) return false;
    for (const std::string_view name : scanner_.fields()) header_.emplace_back(name);
    type_ = detect_report_type(scanner_.fields());
    return true;
  }

  void read_rows(DailyAggregate& aggregate, RowSink& sink, TagKeys& tag_keys) {
    prepare(aggregate, sink, tag_keys);
    while (scanner_.next()) {
      ++rows_in_;
      interrupts_.count(bytes_of(scanner_.fields()) + work_of_a_row);
      take_record(scanner_.fields());
    }
    // The caches hold no text that outlives them but the transient ones.
    sink_->flush();
    findings_.replaced_sequences = scanner_.replaced_sequences();
    findings_.removed_nuls = scanner_.removed_nuls();
  }

  const ReportType* type_ = nullptr;
  std::vector<std::string> header_;
  std::uint64_t rows_in_ = 0;
  std::map<Day, DayCounts> days_;
  ReportFindings findings_;
  CsvScanner scanner_;

 private:
  void prepare(DailyAggregate& aggregate, RowSink& sink, TagKeys& tag_keys) {
    aggregate_ = &aggregate;
    sink_ = &sink;
    tag_keys_ = &tag_keys;
    map_ = std::make_unique<HeaderMap>(header_, *type_);
    findings_.unknown_column_count = map_->unknown().size();
    for (const std::size_t at : map_->unknown())
      if (findings_.unknown_columns.size() < max_named_columns)
        findings_.unknown_columns.push_back(excerpt(header_[at], max_named_column_bytes));

    const std::size_t column_count = type_->columns.size();
    values_.assign(column_count, Value{});
    scratch_.resize(column_count);
    const DailyLayout& layout = aggregate.layout();
    key_fields_.resize(layout.keys.size());
    key_texts_.resize(layout.keys.size());
    transient_ = std::make_unique<ConversionCache>(aggregate.header());
    label_cache_ = std::make_unique<ConversionCache>(aggregate.header());
    raw_keys_ = std::make_unique<RawKeyCache>(layout.keys.size());
    for (std::size_t at = 0; at < column_count; ++at) {
      const Column& column = type_->columns[at];
      if (column.is_text() || column.origin == ColumnOrigin::derived) continue;
      numbers_.push_back({at, map_->column(at), column.kind, column.bounded});
    }
    if (type_->id == ReportTypeId::pod_usage) {
      cpu_ = effective_columns("pod_usage_cpu_core_seconds", "pod_request_cpu_core_seconds",
                               "pod_effective_usage_cpu_core_seconds");
      memory_ = effective_columns("pod_usage_memory_byte_seconds", "pod_request_memory_byte_seconds",
                                  "pod_effective_usage_memory_byte_seconds");
    }
    if (type_->id == ReportTypeId::gpu_usage) gpu_ = gpu_columns();
  }

  /// One row can bring as much as a whole record: memory is looked at after each.
  void limit_memory() {
    if (transient_->bytes() > transient_bytes) {
      sink_->flush();
      transient_->clear();
    }
    if (aggregate_->allocated_bytes() > limits_.max_aggregate_bytes)
      throw limit_error("too many distinct daily keys in a " + std::string(type_->name) + " report",
                        "At line " + std::to_string(scanner_.line()) + " there are " +
                            std::to_string(aggregate_->key_count()) + " keys; with what is kept for them" +
                            (type_->node_capacity ? " and for node intervals" : "") + " they take more than " +
                            size_text(limits_.max_aggregate_bytes) + ".",
                        "max_aggregate_memory");
  }

  void take_record(std::span<const std::string_view> fields) {
    fields_ = fields;
    if (fields.size() > header_.size() &&
        std::any_of(fields.begin() + static_cast<std::ptrdiff_t>(header_.size()), fields.end(),
                    [](std::string_view field) { return !field.empty(); })) {
      ++findings_.rows_too_long;
      return;
    }
    const std::string_view interval_text = field(map_->date(2));
    const auto interval_start = begins_with_plain_date(interval_text) ? dates_[2].convert(interval_text) : std::nullopt;
    if (!interval_start) {
      ++findings_.rows_without_interval;
      return;
    }
    Row row{};
    row.interval_start = *interval_start;
    row.day = day_of(*interval_start);
    DayCounts& counts = counts_of(row.day, row.interval_start);
    ++counts.rows_in;
    if (counts.decision == DayDecision::skip) return;
    if (counts.decision == DayDecision::expired) {
      ++counts.rows_dropped;
      ++findings_.rows_expired;
      return;
    }
    // Keys come in any order: where one was seen before is seldom in the processor's cache, and is asked for early.
    if (!gpu_) begin_key();
    if (!convert_numbers()) {
      ++counts.rows_dropped;
      ++findings_.rows_over_bound;
      return;
    }
    if (!gpu_) raw_keys_->prefetch_entry(key_hash_);
    row.interval_end = dates_[3].convert(field(map_->date(3)));
    row.report_period_start = dates_[0].convert(field(map_->date(0))).value_or(start_of(first_day_of_month(row.day)));
    row.report_period_end =
        dates_[1].convert(field(map_->date(1))).value_or(start_of(first_day_of_next_month(row.day)));
    convert_other_texts();
    const DailyKey& key = gpu_ ? gpu_key() : cached_key();
    DailyAggregate::prefetch(*groups_, key);
    const DailyLayout& layout = aggregate_->layout();
    for (std::size_t at = 0; at < layout.keys.size(); ++at) {
      Value& value = values_[layout.keys[at]];
      value.text = key.texts[at];
      value.is_null = key.texts[at].data() == nullptr;
    }
    row.values = values_;
    sink_->add(row);
    if (!aggregate_->add(*groups_, key, row)) ++findings_.rows_repeated;
    if (row.interval_start < window_.start || row.interval_start >= window_.end) ++findings_.rows_out_of_window;
    ++counts.rows_loaded;
    limit_memory();
  }

  std::string_view field(int at) const {
    return at == absent || static_cast<std::size_t>(at) >= fields_.size() ? std::string_view{}
                                                                          : fields_[static_cast<std::size_t>(at)];
  }

  /// A text column's field: data() is nullptr only when the file lacks the column.
  std::string_view text_field(std::size_t column) const {
    const int at = map_->column(column);
    if (at == absent) return {};
    const std::string_view text = field(at);
    return text.data() == nullptr ? std::string_view("") : text;
  }

  DayCounts& counts_of(Day day, Instant interval_start) {
    if (counts_ != nullptr && day == current_day_) return *counts_;
    auto found = days_.find(day);
    if (found == days_.end()) {
      if (days_.size() >= limits_.max_days)
        throw Error(ErrorKind::too_large, "report covers more than " + std::to_string(limits_.max_days) + " days",
                    "Line " + std::to_string(scanner_.line()) + " is of " + to_string(day) + ".",
                    "Check the values of interval_start.");
      found = days_.emplace(day, DayCounts{}).first;
      found->second.decision = sink_->begin_day(day, interval_start);
    }
    current_day_ = day;
    counts_ = &found->second;
    groups_ = counts_->decision == DayDecision::load ? &aggregate_->day(day) : nullptr;
    return *counts_;
  }

  /// False when a bounded number is beyond the bound and the row is to be dropped.
  bool convert_numbers() {
    for (const NumberColumn& number : numbers_) {
      Value& value = values_[number.column];
      const std::string_view text = field(number.field);
      if (number.kind == ColumnKind::integer_or_null) {
        const auto integer = parse_integer(text);
        value.is_null = !integer;
        value.integer = integer.value_or(0);
        continue;
      }
      const Number parsed = parse_number(text);
      value.number = parsed.value;
      if (number.kind == ColumnKind::number_or_null) {
        value.is_null = parsed.state != NumberState::finite;
        continue;
      }
      if (parsed.state == NumberState::plus_infinity && number.bounded) return false;
      if (parsed.state != NumberState::finite) {
        if (parsed.state != NumberState::empty) ++findings_.numbers_replaced;
      } else if (parsed.value > row_bound) {
        if (number.bounded) return false;
        value.number = row_bound;
        ++findings_.numbers_replaced;
      } else if (parsed.value < -row_bound) {
        value.number = -row_bound;
        ++findings_.numbers_replaced;
      }
    }
    if (cpu_) derive_effective(*cpu_);
    if (memory_) derive_effective(*memory_);
    return true;
  }

  struct EffectiveColumns {
    std::size_t usage;
    std::size_t request;
    std::size_t effective;
  };
  EffectiveColumns effective_columns(std::string_view usage, std::string_view request,
                                     std::string_view effective) const {
    return {*type_->column_index(usage), *type_->column_index(request), *type_->column_index(effective)};
  }
  void derive_effective(const EffectiveColumns& columns) {
    values_[columns.effective].number = std::max(values_[columns.usage].number, values_[columns.request].number);
  }

  /// A text as it is stored: escaped, derived for GPUs, cut at the width. Valid until the column's next conversion.
  std::string_view convert_text(std::size_t at, std::string_view raw) {
    const Column& column = type_->columns[at];
    std::string& scratch = scratch_[at];
    if (column.kind == ColumnKind::labels) {
      scratch.assign(labels_.convert(raw));
      if (column.tag_keys) note_tag_keys();
      return scratch;
    }
    std::string_view text = raw;
    if (column.html_escaped) {
      if (looks_suspicious(column.name, raw)) ++findings_.suspicious_texts;
      scratch.clear();
      if (append_html_escaped(raw, scratch)) text = scratch;
    }
    if (gpu_ && at == gpu_->vendor) text = gpu_vendor(text);
    if (gpu_ && at == gpu_->model) {
      scratch = gpu_model(text);
      text = scratch;
    }
    if (text.size() > static_cast<std::size_t>(column.width)) {
      const std::size_t kept = prefix_of_characters(text, static_cast<std::size_t>(column.width));
      if (kept < text.size()) {
        note_cut(column);
        text = text.substr(0, kept);
      }
    }
    return text;
  }

  void note_cut(const Column& column) {
    ++findings_.texts_cut;
    std::vector<std::string_view>& columns = findings_.cut_columns;
    if (std::find(columns.begin(), columns.end(), column.name) == columns.end()) columns.push_back(column.name);
  }

  void note_tag_keys() {
    for (const std::string_view key : labels_.keys()) {
      interrupts_.count(key.size() + work_of_a_key);
      if (tag_keys_->find(key) != tag_keys_->end()) continue;
      if (prefix_of_characters(key, max_tag_key_characters) < key.size())
        ++findings_.tag_keys_too_long;
      else if (tag_keys_->size() >= limits_.max_tag_keys)
        ++findings_.tag_keys_too_many;
      else
        tag_keys_->emplace(key);
    }
  }

  /// Texts that are no part of the key.
  void convert_other_texts() {
    for (const std::size_t at : aggregate_->layout().text_maxes) {
      const std::string_view raw = text_field(at);
      Value& value = values_[at];
      value.is_null = raw.data() == nullptr;
      value.text = value.is_null ? raw : transient_text(at, raw);
    }
  }

  std::string_view transient_text(std::size_t at, std::string_view raw) {
    if (const std::string_view* known = transient_->find(at, raw)) return *known;
    return transient_->add(at, raw, convert_text(at, raw));
  }

  std::string_view key_text(std::size_t at, std::string_view raw) {
    if (raw.data() == nullptr || type_->columns[at].kind != ColumnKind::labels)
      return raw.data() == nullptr ? raw : convert_text(at, raw);
    // Many pods carry the same labels: their JSON is made once.
    if (const std::string_view* known = label_cache_->find(at, raw)) return *known;
    const std::string_view text = convert_text(at, raw);
    return label_cache_->bytes() < cache_limit() ? label_cache_->add(at, raw, text) : text;
  }

  std::size_t cache_limit() const {
    return std::min(cache_bytes + cache_bytes_per_key * aggregate_->key_count(), limits_.max_aggregate_bytes / 4);
  }

  void begin_key() {
    const std::vector<std::size_t>& columns = aggregate_->layout().keys;
    for (std::size_t at = 0; at < columns.size(); ++at) key_fields_[at] = text_field(columns[at]);
    key_hash_ = RawKeyCache::hash(key_fields_);
    raw_keys_->prefetch(key_hash_);
  }

  /// The key of the fields that begin_key() took.
  const DailyKey& cached_key() {
    if (const DailyKey* known = raw_keys_->find(key_hash_, key_fields_)) return *known;
    const std::vector<std::size_t>& columns = aggregate_->layout().keys;
    for (std::size_t at = 0; at < columns.size(); ++at) key_texts_[at] = key_text(columns[at], key_fields_[at]);
    const DailyKey& key = aggregate_->key(key_texts_);
    if (raw_keys_->bytes() < cache_limit()) raw_keys_->add(key_hash_, key_fields_, key);
    return key;
  }

  struct GpuColumns {
    std::size_t model;
    std::size_t vendor;
    std::size_t max_slices;
    std::size_t instance;
    std::size_t instance_key;  ///< place among the key columns
    std::size_t memory;
    std::size_t profile;
    std::size_t slice_count;
    std::size_t strategy;
  };
  GpuColumns gpu_columns() const {
    const auto index = [this](std::string_view name) { return *type_->column_index(name); };
    const std::size_t instance = index("mig_instance_id");
    const std::vector<std::size_t>& keys = aggregate_->layout().keys;
    return {.model = index("gpu_model_name"),
            .vendor = index("gpu_vendor_name"),
            .max_slices = index("gpu_max_slices"),
            .instance = instance,
            .instance_key = static_cast<std::size_t>(std::find(keys.begin(), keys.end(), instance) - keys.begin()),
            .memory = index("mig_memory_capacity_mib"),
            .profile = index("mig_profile"),
            .slice_count = index("mig_slice_count"),
            .strategy = index("mig_strategy")};
  }

  /// The key of a GPU row depends on its profile and model, so it is not looked up by the fields as delivered.
  const DailyKey& gpu_key() {
    const std::vector<std::size_t>& columns = aggregate_->layout().keys;
    for (std::size_t at = 0; at < columns.size(); ++at) key_texts_[at] = key_text(columns[at], text_field(columns[at]));
    const std::string_view profile = values_[gpu_->profile].text;
    if (!profile.empty()) derive_mig(profile);
    return aggregate_->key(key_texts_);
  }

  void derive_mig(std::string_view profile) {
    if (const auto parsed = parse_mig_profile(profile)) {
      values_[gpu_->slice_count] = {.integer = parsed->slice_count};
      values_[gpu_->memory] = {.number = parsed->memory_mib};
    }
    Value& max_slices = values_[gpu_->max_slices];
    if (!max_slices.is_null) return;
    if (const auto known = gpu_max_slices(values_[gpu_->model].text)) {
      max_slices = {.integer = *known};
      return;
    }
    // A model nobody knows cannot be divided: the GPU counts as whole.
    for (const std::size_t at : {gpu_->profile, gpu_->slice_count, gpu_->memory, gpu_->strategy})
      values_[at] = {.is_null = true};
    key_texts_[gpu_->instance_key] = {};
  }

  InterruptCounter interrupts_;
  ReaderLimits limits_;
  DailyAggregate* aggregate_ = nullptr;
  RowSink* sink_ = nullptr;
  TagKeys* tag_keys_ = nullptr;
  std::unique_ptr<HeaderMap> map_;
  std::span<const std::string_view> fields_;
  std::array<InstantColumn, std::size(date_columns)> dates_;
  std::vector<NumberColumn> numbers_;
  std::optional<EffectiveColumns> cpu_;
  std::optional<EffectiveColumns> memory_;
  std::optional<GpuColumns> gpu_;
  std::vector<Value> values_;
  std::vector<std::string> scratch_;
  std::vector<std::string_view> key_fields_;
  std::uint64_t key_hash_ = 0;
  std::vector<std::string_view> key_texts_;
  std::unique_ptr<ConversionCache> transient_;
  std::unique_ptr<ConversionCache> label_cache_;
  std::unique_ptr<RawKeyCache> raw_keys_;
  LabelConverter labels_;
  TimeWindow window_;
  Day current_day_ = 0;
  DayCounts* counts_ = nullptr;
  DailyAggregate::DayGroups* groups_ = nullptr;
};

ReportReader::ReportReader(ByteInput& input, InterruptCheck check_interrupts, const ReaderLimits& limits)
    : implementation_(std::make_unique<Implementation>(input, std::move(check_interrupts), limits)) {}
ReportReader::~ReportReader() = default;

bool ReportReader::read_header() { return implementation_->read_header(); }
const ReportType* ReportReader::type() const noexcept { return implementation_->type_; }
const std::vector<std::string>& ReportReader::header() const noexcept { return implementation_->header_; }
void ReportReader::set_max_aggregate_bytes(std::size_t bytes) noexcept {
  implementation_->set_max_aggregate_bytes(bytes);
}
void ReportReader::set_window(const TimeWindow& window) noexcept { implementation_->set_window(window); }
void ReportReader::read_rows(DailyAggregate& aggregate, RowSink& sink, TagKeys& tag_keys) {
  implementation_->read_rows(aggregate, sink, tag_keys);
}
std::uint64_t ReportReader::rows_in() const noexcept { return implementation_->rows_in_; }
const std::map<Day, DayCounts>& ReportReader::days() const noexcept { return implementation_->days_; }
const ReportFindings& ReportReader::findings() const noexcept { return implementation_->findings_; }
std::uint64_t ReportReader::line() const noexcept { return implementation_->scanner_.line(); }

MeasuredReport measure_report(ByteInput& input, const InterruptCheck& check_interrupts, const ReaderLimits& limits) {
  constexpr std::size_t max_intervals_per_day = 24 * 60;
  MeasuredReport measured;
  CsvScanner scanner(input, limits.csv);
  if (!scanner.next()) return measured;
  measured.type = detect_report_type(scanner.fields());
  const auto header = scanner.fields();
  const auto place = std::find(header.begin(), header.end(), date_columns[2]);
  if (measured.type == nullptr || place == header.end()) return measured;
  const auto at = static_cast<std::size_t>(place - header.begin());
  std::map<Day, std::unordered_set<Instant>> intervals;
  InstantColumn column;
  std::optional<Instant> previous;
  InterruptCounter interrupts(check_interrupts);
  while (scanner.next()) {
    interrupts.count(bytes_of(scanner.fields()) + work_of_a_row);
    if (at >= scanner.fields().size() || !begins_with_plain_date(scanner.fields()[at])) continue;
    const auto interval = column.convert(scanner.fields()[at]);
    if (!interval || interval == previous) continue;
    previous = interval;
    const Day day = day_of(*interval);
    if (intervals.size() >= limits.max_days && !intervals.contains(day)) continue;  // read_rows() will complain
    std::unordered_set<Instant>& seen = intervals[day];
    measured.days[day].hours |= hour_of(*interval, day);
    if (seen.size() < max_intervals_per_day) seen.insert(*interval);
  }
  for (const auto& [day, seen] : intervals) measured.days[day].intervals = static_cast<int>(seen.size());
  return measured;
}

}  // namespace koku
