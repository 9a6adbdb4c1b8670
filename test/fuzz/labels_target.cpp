// Fuzz target: labels and the other texts that are converted one by one (core/report/labels.hpp,
// core/report/convert.hpp, core/report/gpu.hpp, core/base/utf8.hpp, core/base/excerpt.hpp).
#include <simdjson.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/excerpt.hpp"
#include "core/base/utf8.hpp"
#include "core/report/convert.hpp"
#include "core/report/gpu.hpp"
#include "core/report/labels.hpp"
#include "invariants.hpp"

namespace koku::fuzz {
namespace {

/// Valid UTF-8 without NUL of any bytes, cleaned in blocks of this size.
std::string cleaned(std::string_view bytes, std::size_t block_bytes) {
  Utf8Cleaner cleaner;
  std::string text;
  std::string block;
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, block_bytes);
    bytes.remove_prefix(piece.size());
    block.resize(Utf8Cleaner::most_output(piece.size()));
    text.append(block.data(), cleaner.append(piece, block.data()));
  }
  block.resize(Utf8Cleaner::most_output(0));
  return text.append(block.data(), cleaner.finish(block.data()));
}

using Labels = std::vector<std::pair<std::string, std::string>>;

/// The rules of spec ingest.md 3.2, one after the other and as plainly as they are written there.
Labels expected_labels(std::string_view field) {
  Labels labels;
  while (!field.empty()) {
    const std::string_view part = field.substr(0, field.find('|'));
    field.remove_prefix(std::min(part.size() + 1, field.size()));
    const std::size_t colon = part.find(':');
    if (colon == std::string_view::npos || part.find(':', colon + 1) != std::string_view::npos) continue;
    std::string key;
    for (std::size_t at = 0; at < colon;) {
      constexpr std::string_view prefix = "label_";
      if (part.substr(at, colon - at).starts_with(prefix))
        at += prefix.size();
      else
        key += part[at++];
    }
    const std::string value(part.substr(colon + 1));
    const auto known =
        std::find_if(labels.begin(), labels.end(), [&](const auto& label) { return label.first == key; });
    if (known == labels.end())
      labels.emplace_back(key, value);
    else
      known->second = value;
  }
  return labels;
}

void check_labels(std::string_view text) {
  static LabelConverter converter;  // as in a report: one for all rows, with what the last one left
  const std::string json(converter.convert(text));
  require_label_json(json);
  simdjson::dom::parser parser;
  const simdjson::dom::object object = parser.parse(json).get_object().value_unsafe();
  // The plain rules compare every label with every other.
  if (object.size() > 2000) return;
  const Labels expected = expected_labels(text);
  require(expected.size() == object.size() && expected.size() == converter.keys().size(), "number of labels");
  std::size_t place = 0;
  for (const simdjson::dom::key_value_pair label : object) {
    require_equal(label.key, expected[place].first, "key of a label");
    require_equal(label.value.get_string().value_unsafe(), expected[place].second, "value of a label");
    require_equal(converter.keys()[place], expected[place].first, "key of the tag");
    ++place;
  }
}

void check_html(std::string_view text) {
  std::string escaped = "before ";
  const bool changed = append_html_escaped(text, escaped);
  std::string expected = "before ";
  for (const char c : text) {
    if (c == '&')
      expected += "&amp;";
    else if (c == '<')
      expected += "&lt;";
    else if (c == '>')
      expected += "&gt;";
    else if (c == '"')
      expected += "&quot;";
    else if (c == '\'')
      expected += "&#x27;";
    else
      expected += c;
  }
  require_equal(escaped, expected, "escaped text");
  require(changed == (escaped.size() != text.size() + 7), "whether anything was escaped");
}

void check_cutting(std::string_view text) {
  for (const std::size_t width : {std::size_t{0}, std::size_t{1}, std::size_t{10}, std::size_t{253}}) {
    const std::string_view cut = text.substr(0, prefix_of_characters(text, width));
    require_storable_text(cut, "cut text");
    require(characters_of(cut) == std::min(characters_of(text), width), "a text is not cut at its width");
  }
  require_message_text(excerpt(text), "excerpt");
}

/// What the C library makes of a number, which std::from_chars and our own way have to agree with.
void check_number(std::string_view text) {
  const Number number = parse_number(text);
  require(number.state == NumberState::finite || number.value == 0.0, "a number that is none has a value");
  require(std::isfinite(number.value), "a number is not finite");
  if (number.state == NumberState::finite && text.size() < 400) {
    const std::string copy(text);
    require(std::strtod(copy.c_str(), nullptr) == number.value, "a number is not that of strtod");
  }
  if (const auto integer = parse_integer(text))
    require(std::trunc(number.value) == static_cast<double>(*integer), "an integer is not the number cut off");
}

void check_timestamp(std::string_view text) {
  const auto instant = parse_timestamp(text);
  if (!instant) return;
  // 0001-01-01 to 9999-12-31
  require(day_of(*instant) >= -719'162 && day_of(*instant) <= 2'932'896, "an instant is out of range");
  const std::string written = instant_to_string(*instant);
  const auto again = parse_timestamp(written);
  require(again && *again == *instant - ((*instant % 1'000'000) + 1'000'000) % 1'000'000,
          "a timestamp is not the one that was written");
}

void check_gpu(std::string_view text) {
  const std::string model = gpu_model(text);
  require(model.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 ") == model.npos,
          "a GPU model has other characters");
  require(!model.starts_with(' ') && !model.ends_with(' ') && model.find("  ") == model.npos, "blanks in a GPU model");
  if (const auto slices = gpu_max_slices(model)) require(*slices > 0 && *slices <= 7, "slices of a GPU");
  if (const auto profile = parse_mig_profile(text))
    require(profile->slice_count >= 0 && std::isfinite(profile->memory_mib), "a MIG profile");
}

void run(std::string_view input) {
  const std::string text = cleaned(input, input.size() + 1);
  require_storable_text(text, "cleaned text");
  require_equal(cleaned(input, 1 + input.size() % 7), text, "text cleaned in pieces");
  check_labels(text);
  check_html(text);
  check_cutting(text);
  check_number(text);
  check_timestamp(text);
  check_gpu(text);
  looks_suspicious("namespace", text);
}

}  // namespace
}  // namespace koku::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const koku::fuzz::TimeLimit limit(size);
  koku::fuzz::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
