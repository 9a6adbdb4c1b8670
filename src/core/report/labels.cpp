#include "core/report/labels.hpp"

#include <algorithm>
#include <array>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "core/base/hash.hpp"
#include "core/base/hexadecimal.hpp"
#include "core/base/utf8.hpp"

namespace koku {
namespace {

constexpr std::string_view operator_prefix = "label_";

// Up to here every key is compared with every other.
constexpr std::size_t few_labels = 16;

// What a label or an escape costs besides its bytes, in bytes.
constexpr std::size_t work_of_a_part = 16;

constexpr auto plain_in_json = [] {
  std::array<bool, UCHAR_MAX + 1> table{};
  for (std::size_t byte = ' '; byte <= '~'; ++byte) table[byte] = byte != '"' && byte != '\\';
  return table;
}();

bool is_plain_in_json(char c) { return plain_in_json[static_cast<unsigned char>(c)]; }

void append_utf16_escape(std::uint32_t unit, std::string& out) {
  out += "\\u";
  append_hexadecimal(unit, 4, out);
}

void append_json_escape(char32_t character, std::string& out) {
  switch (character) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    default:
      break;
  }
  if (character < 0x10000) {
    append_utf16_escape(character, out);
    return;
  }
  append_utf16_escape(0xD800 + ((character - 0x10000) >> 10), out);
  append_utf16_escape(0xDC00 + ((character - 0x10000) & 0x3FF), out);
}

}  // namespace

std::string_view LabelConverter::convert(std::string_view field) {
  split(field);
  merge_repeated_keys();
  json_ = '{';
  for (std::size_t at = 0; at < keys_.size(); ++at) {
    if (at > 0) json_ += ", ";
    append_json_string(keys_[at]);
    json_ += ": ";
    append_json_string(values_[at]);
  }
  json_ += '}';
  return json_;
}

void LabelConverter::append_json_string(std::string_view text) {
  json_ += '"';
  while (!text.empty()) {
    const auto special = std::find_if_not(text.begin(), text.end(), is_plain_in_json);
    const auto plain = static_cast<std::size_t>(special - text.begin());
    json_.append(text.substr(0, plain));
    text.remove_prefix(plain);
    interrupts_.count(plain + work_of_a_part);
    if (text.empty()) break;
    const Utf8Character character = decode_utf8(text);
    append_json_escape(character.code_point, json_);
    text.remove_prefix(character.size);
  }
  json_ += '"';
}

// Only parts with exactly one colon are labels.
void LabelConverter::split(std::string_view field) {
  keys_.clear();
  values_.clear();
  key_bytes_.clear();
  for (std::string_view rest = field; !rest.empty();) {
    const std::string_view part = rest.substr(0, rest.find('|'));
    rest.remove_prefix(std::min(part.size() + 1, rest.size()));
    interrupts_.count(part.size() + work_of_a_part);
    const std::size_t colon = part.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view value = part.substr(colon + 1);
    if (value.find(':') != std::string_view::npos) continue;
    keys_.push_back(without_prefixes(part.substr(0, colon), field.size()));
    values_.push_back(value);
  }
}

// Without any occurrence of `label_`. Only a key that has one behind its front is copied.
std::string_view LabelConverter::without_prefixes(std::string_view key, std::size_t field_size) {
  while (key.starts_with(operator_prefix)) key.remove_prefix(operator_prefix.size());
  std::size_t found = key.find(operator_prefix);
  if (found == std::string_view::npos) return key;
  // All keys together are shorter than the field: the copies made so far stay where they are.
  key_bytes_.reserve(field_size);
  const std::size_t begin = key_bytes_.size();
  for (; found != std::string_view::npos; found = key.find(operator_prefix)) {
    key_bytes_.append(key.substr(0, found));
    key.remove_prefix(found + operator_prefix.size());
  }
  key_bytes_.append(key);
  return std::string_view(key_bytes_).substr(begin);
}

// A repeated key keeps its first place and takes the last value.
void LabelConverter::merge_repeated_keys() {
  if (keys_.size() <= few_labels)
    merge_by_comparing();
  else
    merge_by_hashing();
}

void LabelConverter::merge_by_comparing() {
  std::size_t kept = 0;
  for (std::size_t at = 0; at < keys_.size(); ++at) {
    const auto kept_end = keys_.begin() + static_cast<std::ptrdiff_t>(kept);
    const auto place = static_cast<std::size_t>(std::find(keys_.begin(), kept_end, keys_[at]) - keys_.begin());
    keys_[place] = keys_[at];
    values_[place] = values_[at];
    kept = std::max(kept, place + 1);
  }
  keys_.resize(kept);
  values_.resize(kept);
}

void LabelConverter::merge_by_hashing() {
  const auto hash = [seed = hash_seed()](std::string_view key) {
    return static_cast<std::size_t>(hash_bytes(key, seed));
  };
  std::unordered_map<std::string_view, std::size_t, decltype(hash)> places(few_labels, hash);
  for (std::size_t at = 0; at < keys_.size(); ++at) {
    interrupts_.count(keys_[at].size() + 4 * work_of_a_part);
    const std::size_t place = places.try_emplace(keys_[at], places.size()).first->second;
    keys_[place] = keys_[at];
    values_[place] = values_[at];
  }
  keys_.resize(places.size());
  values_.resize(places.size());
}

}  // namespace koku
