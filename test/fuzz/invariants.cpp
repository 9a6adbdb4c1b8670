#include "invariants.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <set>

#include "core/base/utf8.hpp"

namespace koku::fuzz {
namespace {

constexpr std::size_t longest_message = 4096;
constexpr double least_seconds = 1;  // sanitizers, and bombs of a few MB
constexpr double bytes_a_second = 1 << 20;

[[noreturn]] void fail(std::string_view what, std::string_view value = {}) {
  std::fprintf(stderr, "invariant broken: %.*s%s%.*s\n", static_cast<int>(what.size()), what.data(),
               value.empty() ? "" : ": ", static_cast<int>(std::min<std::size_t>(value.size(), 1000)), value.data());
  std::abort();
}

double processor_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

}  // namespace

void require(bool holds, std::string_view what) {
  if (!holds) fail(what);
}

void require_equal(std::string_view got, std::string_view expected, std::string_view what) {
  if (got == expected) return;
  fail(what, "got <" + std::string(got.substr(0, 400)) + ">, expected <" + std::string(expected.substr(0, 400)) + ">");
}

void require_storable_text(std::string_view text, std::string_view what) {
  if (text.find('\0') != std::string_view::npos) fail("NUL in a text", what);
  if (!simdjson::validate_utf8(text.data(), text.size())) fail("invalid UTF-8 in a text", what);
}

std::size_t characters_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return !is_utf8_continuation(c); }));
}

void require_label_json(std::string_view json) {
  if (!std::ranges::all_of(json, [](char c) { return c >= ' ' && c <= '~'; })) fail("labels are not ASCII", json);
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(json.data(), json.size()).get_object().get(object) != simdjson::SUCCESS)
    fail("labels are no JSON object", json);
  std::set<std::string_view> keys;
  for (const simdjson::dom::key_value_pair label : object) {
    if (!label.value.is_string()) fail("a label is no string", json);
    if (!keys.insert(label.key).second) fail("a label key occurs twice", json);
  }
}

void require_storable_json(std::string_view json, std::string_view what) {
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  if (parser.parse(json.data(), json.size()).get(document) != simdjson::SUCCESS) fail("invalid JSON", what);
  if (json.find("\\u0000") != std::string_view::npos) {
    // A backslash and text is fine, a NUL is not: an odd number of backslashes makes it one.
    for (std::size_t at = json.find("\\u0000"); at != std::string_view::npos; at = json.find("\\u0000", at + 1)) {
      std::size_t backslashes = 1;
      while (backslashes <= at && json[at - backslashes] == '\\') ++backslashes;
      if (backslashes % 2 == 1) fail("NUL in JSON", what);
    }
  }
}

void require_message_text(std::string_view text, std::string_view what) {
  require_storable_text(text, what);
  if (text.size() > longest_message) fail("a message is too long", what);
  if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7F; }))
    fail("control character in a message", text);
}

TimeLimit::TimeLimit(std::size_t input_bytes)
    : begin_(processor_seconds()),
      seconds_allowed_(least_seconds + static_cast<double>(input_bytes) / bytes_a_second) {}

TimeLimit::~TimeLimit() {
  if (processor_seconds() - begin_ > seconds_allowed_)
    fail("the input takes more than a second, and one more for each MB");
}

}  // namespace koku::fuzz
