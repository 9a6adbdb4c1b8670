#include "core/report/labels.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace std::literals;

namespace {

std::string convert(std::string_view field) {
  koku::LabelConverter converter;
  return std::string(converter.convert(field));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(labels)

BOOST_AUTO_TEST_CASE(fields_become_json) {
  struct {
    std::string_view field;
    std::string_view json;
  } const cases[] = {
      {"label_app:web|label_env:prod", R"({"app": "web", "env": "prod"})"},
      // parts without exactly one colon are no labels
      {"", "{}"},
      {"noval", "{}"},
      {"|", "{}"},
      {"||a:1||", R"({"a": "1"})"},
      {"a:b:c", "{}"},
      {"a:b:c|d:e", R"({"d": "e"})"},
      {"a::", "{}"},
      // empty keys and values are kept
      {":x", R"({"": "x"})"},
      {"a:", R"({"a": ""})"},
      {":", R"({"": ""})"},
      // `label_` goes wherever it stands in a key, once, and stays in values
      {"label_label_x:z", R"({"x": "z"})"},
      {"my_label_x:1", R"({"my_x": "1"})"},
      {"label_a_label_b_label_:1", R"({"a_b_": "1"})"},
      {"lalabel_bel_x:1", R"({"label_x": "1"})"},
      {"label_:1", R"({"": "1"})"},
      {"LABEL_x:1|Label_y:2|label:3", R"({"LABEL_x": "1", "Label_y": "2", "label": "3"})"},
      {"a:label_b", R"({"a": "label_b"})"},
      // nothing is trimmed
      {" a : b ", R"({" a ": " b "})"},
      // the first place, the last value
      {"label_b:1|label_a:2|label_b:3", R"({"b": "3", "a": "2"})"},
      {"x:1|label_x:2|my_label_x:3|my_x:4", R"({"x": "2", "my_x": "4"})"},
      {":1|:2", R"({"": "2"})"},
  };
  for (const auto& c : cases) BOOST_TEST(convert(c.field) == c.json);
}

BOOST_AUTO_TEST_CASE(json_is_ascii) {
  struct {
    std::string_view field;
    std::string_view json;
  } const cases[] = {
      {R"(a:say "hi")", R"({"a": "say \"hi\""})"},
      {R"(a\b:c\)", R"({"a\\b": "c\\"})"},
      {"a:\n\r\t\b\f", R"({"a": "\n\r\t\b\f"})"},
      {"a:\x01\x0B\x1F", R"({"a": "\u0001\u000b\u001f"})"},
      {"a: ~/\x7F", R"({"a": " ~/\u007f"})"},
      {"é:😀", R"({"\u00e9": "\ud83d\ude00"})"},
      {"a:\xEF\xBF\xBF", R"({"a": "\uffff"})"},
      {"a:\xF0\x90\x80\x80", R"({"a": "\ud800\udc00"})"},
      {"a:\xF4\x8F\xBF\xBF", R"({"a": "\udbff\udfff"})"},
      {"a:<b>&'", R"({"a": "<b>&'"})"},
  };
  for (const auto& c : cases) BOOST_TEST(convert(c.field) == c.json);
}

BOOST_AUTO_TEST_CASE(keys_are_those_of_the_json_unescaped) {
  // Keys that are put together anew are longer than what a string holds without memory of its own.
  koku::LabelConverter converter;
  converter.convert("label_b:1|é\":2|my_longer_label_name:3|your_longer_label_name:4|b:5|none");
  const std::vector<std::string_view> expected = {"b", "é\"", "my_longer_name", "your_longer_name"};
  BOOST_TEST(converter.keys() == expected, boost::test_tools::per_element());
  converter.convert("");
  BOOST_TEST(converter.keys().empty());
}

BOOST_AUTO_TEST_CASE(a_converter_forgets_the_field_before) {
  koku::LabelConverter converter;
  BOOST_TEST(converter.convert("a:1|x_label_b:2") == R"({"a": "1", "x_b": "2"})");
  BOOST_TEST(converter.convert("a:3") == R"({"a": "3"})");
  BOOST_TEST(converter.convert("x") == "{}");
}

// Few and many labels are merged in two ways.
BOOST_AUTO_TEST_CASE(repeated_keys_among_any_number_of_labels) {
  std::mt19937 random(20261105);
  for (std::size_t count = 0; count < 80; ++count) {
    std::string field;
    std::vector<std::pair<std::string, std::string>> expected;
    for (std::size_t at = 0; at < count; ++at) {
      const std::string key = (random() % 3 == 0 ? "a_" : "") + std::to_string(random() % (count + 1));
      const std::string value = std::to_string(at);
      field += (at > 0 ? "|" : "") + std::string(random() % 2 == 0 ? "label_" : "") + key + ":" + value;
      const auto known = std::ranges::find(expected, key, &std::pair<std::string, std::string>::first);
      if (known == expected.end())
        expected.emplace_back(key, value);
      else
        known->second = value;
    }
    std::string json = "{";
    for (const auto& [key, value] : expected) json += (json.size() > 1 ? ", \"" : "\"") + key + "\": \"" + value + "\"";
    BOOST_TEST(convert(field) == json + "}");
  }
}

// With time that grows with the square of the number of labels this would not end.
BOOST_AUTO_TEST_CASE(hostile_fields_are_converted_in_time) {
  std::string distinct;
  for (int at = 0; at < 300'000; ++at) distinct += "label_" + std::to_string(at) + ":v|";
  koku::LabelConverter converter;
  converter.convert(distinct);
  BOOST_TEST(converter.keys().size() == 300'000u);

  std::string repeated;
  for (int at = 0; at < 300'000; ++at) repeated += "a:|";
  BOOST_TEST(converter.convert(repeated) == R"({"a": ""})");

  std::string nested;
  for (int at = 0; at < 300'000; ++at) nested += "label_";
  BOOST_TEST(converter.convert("x" + nested + "y:z") == R"({"xy": "z"})");
}

BOOST_AUTO_TEST_SUITE_END()
