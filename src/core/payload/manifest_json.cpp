#include "core/payload/manifest_json.hpp"

#include <new>
#include <utility>

#include "core/base/error.hpp"
#include "core/base/excerpt.hpp"
#include "core/base/utf8.hpp"

namespace koku {
namespace {

namespace dom = simdjson::dom;

constexpr std::size_t max_depth = 1024;

/// A copy of `text` with NaN, Infinity and -Infinity outside of strings as [["NaN"]] and so on; nothing when there are
/// none.
std::optional<std::string> with_constants_in_lists(std::string_view text) {
  static constexpr std::string_view constants[] = {"NaN", "Infinity", "-Infinity"};
  std::string out;
  std::size_t copied = 0;
  bool inside_string = false;
  for (std::size_t place = 0; place < text.size(); ++place) {
    if (text[place] == '"') inside_string = !inside_string;
    if (inside_string) {
      if (text[place] == '\\') ++place;
      continue;
    }
    for (const std::string_view constant : constants) {
      if (!text.substr(place).starts_with(constant)) continue;
      out.append(text.substr(copied, place - copied)).append("[[\"").append(constant).append("\"]]");
      copied = place + constant.size();
      place = copied - 1;
      break;
    }
  }
  if (copied == 0) return std::nullopt;
  return out.append(text.substr(copied));
}

std::string reason(simdjson::error_code error) {
  switch (error) {
    case simdjson::EMPTY:
      return "It is empty.";
    case simdjson::UTF8_ERROR:
      return "It is not valid UTF-8.";
    case simdjson::DEPTH_ERROR:
      return "It is nested more than " + std::to_string(max_depth) + " levels deep.";
    case simdjson::NUMBER_ERROR:
      return "A number in it is malformed or out of range.";
    default:
      return std::string("The JSON parser says: ") + simdjson::error_message(error) + ".";
  }
}

[[noreturn]] void reject(std::string message, std::string reason, std::string_view text) {
  if (!text.empty()) reason += " It begins with \"" + excerpt(text) + "\".";
  throw Error(ErrorKind::invalid_manifest, std::move(message), std::move(reason));
}

}  // namespace

ManifestJson::ManifestJson(std::string_view text) {
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  dom::element document;
  simdjson::error_code error = parser_.allocate(text.size(), max_depth);
  if (error == simdjson::SUCCESS) error = parser_.parse(text.data(), text.size()).get(document);
  if (error != simdjson::SUCCESS) {
    if (const std::optional<std::string> tolerated = with_constants_in_lists(text)) {
      error = parser_.parse(*tolerated).get(document);
    }
  }
  if (error == simdjson::MEMALLOC) throw std::bad_alloc();
  if (error != simdjson::SUCCESS) reject("manifest.json is not valid JSON", reason(error), text);
  if (document.get_object().get(root_) != simdjson::SUCCESS) {
    reject("manifest.json is not a JSON object", "Its fields must stand in { and }.", text);
  }
}

std::optional<dom::element> last_field(dom::object object, std::string_view key) {
  std::optional<dom::element> found;
  for (const dom::key_value_pair field : object) {
    if (field.key == key) found = field.value;
  }
  return found;
}

std::optional<std::string_view> string_in(dom::element value) {
  std::string_view text;
  if (value.get_string().get(text) != simdjson::SUCCESS) return std::nullopt;
  return text;
}

bool is_truthy(dom::element value) {
  switch (value.type()) {
    case dom::element_type::NULL_VALUE:
      return false;
    case dom::element_type::BOOL:
      return value.get_bool().value_unsafe();
    case dom::element_type::INT64:
    case dom::element_type::UINT64:
    case dom::element_type::DOUBLE:
      return value.get_double().value_unsafe() != 0.0;
    case dom::element_type::STRING:
      return value.get_string_length().value_unsafe() != 0;
    case dom::element_type::ARRAY:
      return value.get_array().value_unsafe().size() != 0;
    case dom::element_type::OBJECT:
      return value.get_object().value_unsafe().size() != 0;
  }
  return false;
}

std::string storable_json(dom::element value) {
  constexpr std::string_view escaped_nul = "\\u0000";
  const std::string json = simdjson::minify(value);
  std::string out;
  out.reserve(json.size());
  for (std::size_t place = 0; place < json.size();) {
    const std::string_view rest = std::string_view(json).substr(place);
    if (rest.starts_with(escaped_nul)) {
      place += escaped_nul.size();
      continue;
    }
    const std::size_t taken = rest.front() == '\\' ? 2 : 1;  // so that \\u0000, a backslash and text, stays
    out += rest.substr(0, taken);
    place += taken;
  }
  return out;
}

std::string value_excerpt(dom::element value) {
  if (const auto text = string_in(value)) return '"' + excerpt(*text) + '"';
  return excerpt(simdjson::minify(value));
}

}  // namespace koku
