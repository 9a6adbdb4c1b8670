#include "core/payload/manifest.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "core/base/ascii.hpp"
#include "core/base/error.hpp"
#include "core/payload/manifest_json.hpp"
#include "core/payload/manifest_timestamp.hpp"
#include "core/payload/member_name.hpp"
#include "core/payload/operator_status.hpp"
#include "core/payload/uuid.hpp"

namespace koku {
namespace {

namespace dom = simdjson::dom;

using Value = std::optional<dom::element>;  // of a field, nothing when the field is not there

constexpr const char* name_rule =
    "It must be a string that is neither empty nor a dot and has no slash, backslash, NUL or two dots in a row.";
constexpr const char* name_length_rule = "It must not be longer than 1024 bytes, as the name of a member must not.";
static_assert(max_member_name_bytes == 1024);
constexpr const char* text_rule = "It must be a string without NUL.";
constexpr const char* timestamp_rule =
    "It must be a timestamp such as \"2026-11-01T05:00:00Z\", in the years 0001 to 9999, or a Unix time.";
// Every day of a window has its hours; real windows are a few days, and a few months after an outage.
constexpr Day max_window_days = 3660;

[[noreturn]] void reject(std::string_view field, dom::element value, std::string rule) {
  throw Error(ErrorKind::invalid_manifest,
              "invalid field \"" + std::string(field) + "\" in manifest.json: " + value_excerpt(value),
              std::move(rule));
}

dom::element required(const Value& value, std::string_view field, std::string rule) {
  if (value) return *value;
  throw Error(ErrorKind::invalid_manifest, "manifest.json has no field \"" + std::string(field) + "\"",
              std::move(rule));
}

std::string read_uuid(const Value& value) {
  constexpr const char* rule = "It must be a UUID of version 4.";
  const dom::element given = required(value, "uuid", rule);
  const std::optional<std::string_view> text = string_in(given);
  std::optional<std::string> uuid = text ? normalise_random_uuid(*text) : std::nullopt;
  if (!uuid) reject("uuid", given, rule);
  return *std::move(uuid);
}

/// A string that the server's text can hold.
std::string read_text(const Value& value, std::string_view field) {
  if (!value) return {};
  const std::optional<std::string_view> text = string_in(*value);
  if (!text || text->find('\0') != std::string_view::npos) reject(field, *value, text_rule);
  return std::string(*text);
}

/// A string that could be the name of a file: the cluster id, too, becomes a part of paths elsewhere.
std::string_view read_name(dom::element value, std::string_view field) {
  const std::optional<std::string_view> text = string_in(value);
  constexpr std::string_view forbidden("/\\\0", 3);
  const bool valid = text && !text->empty() && *text != "." && text->find("..") == std::string_view::npos &&
                     text->find_first_of(forbidden) == std::string_view::npos;
  if (!valid) reject(field, value, name_rule);
  if (text->size() > max_member_name_bytes) reject(field, value, name_length_rule);
  return *text;
}

/// Names in their order, each once.
std::vector<std::string> read_names(const Value& value, std::string_view field) {
  if (!value || value->is_null()) return {};
  dom::array list;
  if (value->get_array().get(list) != simdjson::SUCCESS) reject(field, *value, "It must be a list of strings.");
  std::vector<std::string> names;
  std::unordered_set<std::string_view> seen;
  std::size_t place = 0;
  for (const dom::element item : list) {
    const std::string_view name = read_name(item, std::string(field) + "[" + std::to_string(place++) + "]");
    if (seen.insert(name).second) names.emplace_back(name);
  }
  return names;
}

std::optional<Instant> instant_in(dom::element value) {
  switch (value.type()) {
    case dom::element_type::STRING:
      return parse_manifest_timestamp(value.get_string().value_unsafe());
    case dom::element_type::INT64:
      return instant_of_unix_time(value.get_int64().value_unsafe());
    case dom::element_type::UINT64:
    case dom::element_type::DOUBLE:
      return instant_of_unix_time(value.get_double().value_unsafe());
    default:
      return std::nullopt;
  }
}

Instant read_timestamp(dom::element value, std::string_view field, std::string rule) {
  const std::optional<Instant> instant = instant_in(value);
  if (!instant) reject(field, value, std::move(rule));
  return *instant;
}

std::optional<Instant> read_optional_timestamp(const Value& value, std::string_view field) {
  if (!value || value->is_null()) return std::nullopt;
  return read_timestamp(*value, field, std::string(timestamp_rule) + " Null stands for no window.");
}

std::optional<bool> boolean_in_text(std::string_view text) {
  for (const std::string_view word : {"true", "t", "yes", "y", "on", "1"}) {
    if (equals_ignoring_case(text, word)) return true;
  }
  for (const std::string_view word : {"false", "f", "no", "n", "off", "0"}) {
    if (equals_ignoring_case(text, word)) return false;
  }
  return std::nullopt;
}

std::optional<bool> boolean_in(dom::element value) {
  if (value.is_bool()) return value.get_bool().value_unsafe();
  if (const std::optional<std::string_view> text = string_in(value)) return boolean_in_text(*text);
  double number;
  if (value.get_double().get(number) != simdjson::SUCCESS || (number != 0 && number != 1)) return std::nullopt;
  return number == 1;
}

bool read_boolean(const Value& value, std::string_view field) {
  if (!value) return false;
  const std::optional<bool> boolean = boolean_in(*value);
  if (!boolean) reject(field, *value, "It must be true or false.");
  return *boolean;
}

OperatorStatus read_status(const Value& value) {
  if (!value) return {};
  dom::object status;
  if (value->get_object().get(status) != simdjson::SUCCESS) reject("cr_status", *value, "It must be an object.");
  return read_operator_status(status);
}

/// A field that is checked and then thrown away.
void check_integer(const Value& value, std::string_view field) {
  if (!value) return;
  double number;
  const bool is_number = value->get_double().get(number) == simdjson::SUCCESS;
  if (!is_number || number != std::trunc(number)) reject(field, *value, "It must be an integer.");
}

void check_object(const Value& value, std::string_view field) {
  if (value && !value->is_object()) reject(field, *value, "It must be an object.");
}

/// Hours from `first` to `last`, rounded up; 0 when there is no time between.
int hours_between(Instant first, Instant last) {
  if (last <= first) return 0;
  return static_cast<int>((last - first + microseconds_per_hour - 1) / microseconds_per_hour);
}

std::vector<std::pair<Day, int>> hours_of_window(Instant start, Instant end) {
  std::vector<std::pair<Day, int>> hours;
  for (Day day = day_of(start); day <= day_of(end); ++day) {
    hours.emplace_back(day, hours_between(std::max(start, start_of(day)), std::min(end, start_of(day + 1))));
  }
  return hours;
}

/// An end on day 1 of another month is meant as the end of the start's month (the end rule of the spec).
Instant corrected_end(Instant start, Instant end) {
  const CivilDate end_date = civil_from_day(day_of(end));
  if (end_date.day != 1 || end_date.month == civil_from_day(day_of(start)).month) return end;
  return start_of(first_day_of_next_month(day_of(start)) - 1);
}

void read_window(dom::object root, Manifest& manifest) {
  const Value end = last_field(root, "end");
  manifest.start = read_optional_timestamp(last_field(root, "start"), "start");
  manifest.end = manifest.reported_end = read_optional_timestamp(end, "end");
  if (!manifest.start || !manifest.end) return;
  if (day_of(*manifest.end) - day_of(*manifest.start) > max_window_days) {
    reject("end", *end,
           "It must be within " + std::to_string(max_window_days) + " days of start, which is " +
               instant_to_string(*manifest.start) + ".");
  }
  manifest.hours_per_day = hours_of_window(*manifest.start, *manifest.end);
  manifest.end = corrected_end(*manifest.start, *manifest.end);
}

}  // namespace

int Manifest::hours_on(Day day) const noexcept {
  const auto found =
      std::lower_bound(hours_per_day.begin(), hours_per_day.end(), day,
                       [](const std::pair<Day, int>& entry, Day wanted) { return entry.first < wanted; });
  return found != hours_per_day.end() && found->first == day ? found->second : 0;
}

Manifest parse_manifest(std::string_view json) {
  const ManifestJson document(json);
  const dom::object root = document.root();
  const auto field = [root](std::string_view key) { return last_field(root, key); };

  Manifest manifest;
  manifest.uuid = read_uuid(field("uuid"));
  manifest.cluster_id = read_name(required(field("cluster_id"), "cluster_id", name_rule), "cluster_id");
  manifest.date = read_timestamp(required(field("date"), "date", timestamp_rule), "date", timestamp_rule);
  manifest.files = read_names(field("files"), "files");
  // Files of another service: only checked, as the other fields without use.
  read_names(field("resource_optimization_files"), "resource_optimization_files");
  read_window(root, manifest);
  manifest.version = read_text(field("version"), "version");
  read_text(field("operator_version"), "operator_version");
  manifest.certified = read_boolean(field("certified"), "certified");
  manifest.daily_reports = read_boolean(field("daily_reports"), "daily_reports");
  check_integer(field("manifest_id"), "manifest_id");
  check_object(field("hours_per_day"), "hours_per_day");

  OperatorStatus status = read_status(field("cr_status"));
  manifest.cluster_channel = std::move(status.cluster_channel);
  manifest.operator_airgapped = status.airgapped;
  manifest.operator_errors = std::move(status.errors);
  return manifest;
}

}  // namespace koku
