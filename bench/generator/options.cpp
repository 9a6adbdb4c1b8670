#include "generator/options.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <string_view>
#include <type_traits>

namespace koku::generator {
namespace {

template <class Value>
Value parse_count(std::string_view option, std::string_view text, std::uint64_t least, std::uint64_t most) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < least || value > most)
    throw std::invalid_argument(std::string(option) + " takes a whole number from " + std::to_string(least) + " to " +
                                std::to_string(most) + ", not \"" + std::string(text) + "\"");
  return static_cast<Value>(value);
}

std::chrono::sys_days parse_day(std::string_view option, std::string_view text) {
  if (text.size() == 10 && text[4] == '-' && text[7] == '-') {
    const auto year = parse_count<int>(option, text.substr(0, 4), 1, 9998);
    const auto month = parse_count<unsigned>(option, text.substr(5, 2), 1, 12);
    const auto day = parse_count<unsigned>(option, text.substr(8, 2), 1, 31);
    const std::chrono::year_month_day date = std::chrono::year{year} / static_cast<int>(month) / static_cast<int>(day);
    if (date.ok()) return date;
  }
  throw std::invalid_argument(std::string(option) + " takes a day as YYYY-MM-DD, not \"" + std::string(text) + "\"");
}

struct Setting {
  std::string_view name;
  void (*set)(Options& options, std::string_view name, std::string_view value);
};

/// An option whose value is a whole number from `least` to `most`, kept in the named field.
template <auto field, std::uint64_t least, std::uint64_t most>
void set_count(Options& options, std::string_view name, std::string_view value) {
  auto& target = options.*field;
  target = parse_count<std::remove_reference_t<decltype(target)>>(name, value, least, most);
}

constexpr std::uint64_t many = 10'000'000;
constexpr Setting settings[] = {
    {"--output", [](Options& options, std::string_view, std::string_view value) { options.output = value; }},
    {"--cluster-id", [](Options& options, std::string_view, std::string_view value) { options.cluster_id = value; }},
    {"--date", [](Options& options, std::string_view name,
                  std::string_view value) { options.first_day = parse_day(name, value); }},
    {"--seed", set_count<&Options::seed, 0, UINT64_MAX>},
    {"--days", set_count<&Options::days, 1, 366>},
    {"--first-hour", set_count<&Options::first_hour, 0, 23>},
    {"--hours", set_count<&Options::hours, 1, 24>},
    {"--pods", set_count<&Options::pods, 1, many>},
    {"--nodes", set_count<&Options::nodes, 1, many>},
    {"--namespaces", set_count<&Options::namespaces, 1, many>},
    {"--volumes", set_count<&Options::volumes, 0, many>},
    {"--vms", set_count<&Options::virtual_machines, 0, many>},
    {"--gpus", set_count<&Options::gpus, 0, many>},
    {"--split", set_count<&Options::split_bytes, 1, UINT64_MAX>},
};

void choose_the_rest(Options& options) {
  if (options.output.empty()) throw std::invalid_argument("--output is missing");
  if (options.virtual_machines + options.gpus > options.pods)
    throw std::invalid_argument("--vms and --gpus together exceed --pods: each of them is a pod");
  if (options.first_hour + options.hours > 24)
    throw std::invalid_argument("--first-hour and --hours reach past the end of the day");
  if (options.nodes == 0) options.nodes = std::clamp(options.pods / 75, 3U, 2000U);
  if (options.namespaces == 0) options.namespaces = std::clamp(options.pods / 25, 8U, 2000U);
}

}  // namespace

std::optional<Options> parse_options(int count, char** arguments) {
  Options options;
  for (int index = 1; index < count; ++index) {
    const std::string_view name = arguments[index];
    if (name == "--help") return std::nullopt;
    if (name == "--no-window") {
      options.window = false;
    } else if (name == "--additive") {
      options.additive = true;
    } else if (name == "--distinct-labels") {
      options.distinct_labels = true;
    } else {
      const auto* setting = std::ranges::find(settings, name, &Setting::name);
      if (setting == std::end(settings)) throw std::invalid_argument("unknown option " + std::string(name));
      if (++index == count) throw std::invalid_argument(std::string(name) + " takes a value");
      setting->set(options, name, arguments[index]);
    }
  }
  choose_the_rest(options);
  return options;
}

const char* usage() {
  return R"(usage: generate_payload --output FILE.tar.gz [OPTION VALUE]...

Writes a payload as the OpenShift cost operator uploads it: a manifest and six reports, hour by hour. The same options
give the same bytes; the cluster depends on the seed and the counts only, so that several days of it fit together.

  --cluster-id ID     the cluster in the manifest (sample-cluster)
  --seed NUMBER       another cluster (1)
  --date YYYY-MM-DD   first day, UTC (2026-11-01)
  --days NUMBER       days (1)
  --first-hour HOUR   first hour of each day (0)
  --hours NUMBER      hours of each day (24)
  --pods NUMBER       pods, each with one row an hour (60)
  --nodes NUMBER      nodes (one for 75 pods, at least 3)
  --namespaces NUMBER namespaces (one for 25 pods, at least 8)
  --volumes NUMBER    persistent volumes (0)
  --vms NUMBER        virtual machines; each is one of the pods (0)
  --gpus NUMBER       GPUs or MIG instances; each is used by one of the pods (0)
  --distinct-labels   every pod has labels that no other has, as pods of stateful sets
  --split BYTES       cut reports above this size; every file gets a payload of its own, FILE-0.tar.gz and so on
  --no-window         a manifest without start and end
  --additive          an operator without daily reports
)";
}

}  // namespace koku::generator
