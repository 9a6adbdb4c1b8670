#include "core/report/gpu.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

#include "core/base/ascii.hpp"

namespace koku {
namespace {

struct KnownModel {
  std::string_view name;
  std::int32_t max_slices;
};

// In the order in which a model is searched for them.
constexpr KnownModel known_models[] = {
    {"A30", 4}, {"A100", 7}, {"H100", 7}, {"H200", 7}, {"B200", 7}, {"RTX PRO 6000", 4}, {"RTX PRO 5000", 2},
};

// So the name found in a model is the same whether the exact name is looked for first or not.
constexpr bool no_name_contains_another() {
  for (const KnownModel& outer : known_models)
    for (const KnownModel& inner : known_models)
      if (&outer != &inner && outer.name.find(inner.name) != std::string_view::npos) return false;
  return true;
}
static_assert(no_name_contains_another());

// Takes a whole number without sign from the front.
bool take_count(std::string_view& text, std::int32_t& count) {
  const char* const end = text.data() + text.size();
  if (text.empty() || text.front() == '-') return false;
  const auto [rest, error] = std::from_chars(text.data(), end, count);
  if (error != std::errc{}) return false;
  text = {rest, static_cast<std::size_t>(end - rest)};
  return true;
}

bool take_letters(std::string_view& text, std::string_view lower_case) {
  if (!starts_with_ignoring_case(text, lower_case)) return false;
  text.remove_prefix(lower_case.size());
  return true;
}

}  // namespace

std::string_view gpu_vendor(std::string_view vendor) noexcept {
  return vendor == "nvidia_com_gpu" ? std::string_view("nvidia") : vendor;
}

std::string gpu_model(std::string_view model) {
  std::string words;
  words.reserve(model.size());
  bool between_words = false;
  for (const char c : model) {
    if (!is_alphanumeric(c)) {
      between_words = true;
      continue;
    }
    if (between_words && !words.empty()) words += ' ';
    between_words = false;
    words += c;
  }
  return words;
}

std::optional<MigProfile> parse_mig_profile(std::string_view profile) noexcept {
  std::string_view text = without_white_space_around(profile);
  std::int32_t slices;
  std::int32_t gibibytes;
  if (!take_count(text, slices) || !take_letters(text, "g.")) return std::nullopt;
  if (!take_count(text, gibibytes) || !take_letters(text, "gb") || !text.empty()) return std::nullopt;
  return MigProfile{slices, gibibytes * 1024.0};
}

std::optional<std::int32_t> gpu_max_slices(std::string_view model) {
  std::string upper(model);
  std::ranges::transform(upper, upper.begin(), to_upper);
  for (const KnownModel& known : known_models)
    if (upper.find(known.name) != std::string::npos) return known.max_slices;
  return std::nullopt;
}

}  // namespace koku
