// manifest.json (spec ingest.md 1.3, 1.4).
#include "core/payload/manifest.hpp"

#include <boost/test/unit_test.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.hpp"
#include "error_of.hpp"

using namespace std::string_literals;
using namespace koku;
using namespace koku::test;

namespace {

constexpr const char* required_fields =
    R"("uuid": "dde75058-d1d2-41e8-bfd3-761d1e726b03", "cluster_id": "c", "date": "2026-11-02T06:00:00Z")";

/// A manifest with the required fields and then these, which win over them.
std::string manifest_with(std::string_view fields) {
  return "{"s.append(required_fields).append(fields.empty() ? "" : ", ").append(fields).append("}");
}

Manifest parse_with(std::string_view fields) { return parse_manifest(manifest_with(fields)); }

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : "|") + part;
  return text;
}

std::string written(std::optional<Instant> instant) { return instant ? instant_to_string(*instant) : "none"; }

std::string written_hours(const Manifest& manifest) {
  std::string text;
  for (const auto& [day, hours] : manifest.hours_per_day) {
    text += (text.empty() ? "" : ", ") + to_string(day).substr(5) + ": " + std::to_string(hours);
  }
  return text;
}

void check_rejected(const std::string& json, std::string_view message_part) {
  BOOST_TEST_CONTEXT(json.substr(0, 200)) {
    const Error error = error_of([&] { parse_manifest(json); });
    BOOST_TEST((error.kind() == ErrorKind::invalid_manifest));
    BOOST_TEST(contains(error.message(), message_part), error.message() << " lacks " << message_part);
    BOOST_TEST(!error.detail().empty());
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(manifest_suite)

BOOST_AUTO_TEST_CASE(fields_that_are_not_there_have_defaults) {
  const Manifest manifest = parse_with("");
  BOOST_TEST(manifest.uuid == "dde75058-d1d2-41e8-bfd3-761d1e726b03");
  BOOST_TEST(manifest.cluster_id == "c");
  BOOST_TEST(written(manifest.date) == "2026-11-02 06:00:00");
  BOOST_TEST(manifest.files.empty());
  BOOST_TEST(written(manifest.start) == "none");
  BOOST_TEST(written(manifest.end) == "none");
  BOOST_TEST(manifest.version == "");
  BOOST_TEST(!manifest.certified);
  BOOST_TEST(!manifest.daily_reports);
  BOOST_TEST(!manifest.cluster_channel.has_value());
  BOOST_TEST(!manifest.operator_airgapped.has_value());
  BOOST_TEST(!manifest.operator_errors.has_value());
  BOOST_TEST(manifest.hours_per_day.empty());
}

BOOST_AUTO_TEST_CASE(a_manifest_as_operators_send_it) {
  const Manifest manifest = parse_manifest(R"({
    "uuid": "DDE75058D1D241E8BFD3761D1E726B03",
    "cluster_id": "my cluster",
    "version": "cdd836a19466190844727ff8f71730cd39dc28b7",
    "operator_version": "ignored",
    "date": "2026-11-02T06:00:00.123Z",
    "files": ["a.csv", "b.csv", "a.csv"],
    "resource_optimization_files": ["r.csv"],
    "start": "2026-11-01T10:00:00Z",
    "end": "2026-11-01T23:59:59Z",
    "certified": true,
    "daily_reports": true,
    "unknown": [{}],
    "cr_status": {
      "clusterVersion": "stable-4.16",
      "upload": {"upload": true, "error": "no \"network\""},
      "packaging": {"error": ""},
      "source": {"error": "line\nbreak"}
    }
  })");
  BOOST_TEST(manifest.uuid == "dde75058-d1d2-41e8-bfd3-761d1e726b03");
  BOOST_TEST(manifest.cluster_id == "my cluster");
  BOOST_TEST(manifest.version == "cdd836a19466190844727ff8f71730cd39dc28b7");
  BOOST_TEST(joined(manifest.files) == "a.csv|b.csv");
  BOOST_TEST(written(manifest.start) == "2026-11-01 10:00:00");
  BOOST_TEST(written(manifest.end) == "2026-11-01 23:59:59");
  BOOST_TEST(manifest.certified);
  BOOST_TEST(manifest.daily_reports);
  BOOST_TEST(manifest.cluster_channel.value_or("none") == "stable-4.16");
  BOOST_TEST(!manifest.operator_airgapped.value_or(true));
  BOOST_TEST(manifest.operator_errors.value_or("none") ==
             R"({"upload_error": "no \"network\"", "source_error": "line\nbreak"})");
  BOOST_TEST(written_hours(manifest) == "11-01: 14");
}

BOOST_AUTO_TEST_CASE(what_is_no_json_object_is_rejected) {
  const struct {
    std::string json;
    const char* message;
  } cases[] = {
      {"", "manifest.json is not valid JSON"},
      {" ", "manifest.json is not valid JSON"},
      {"\xEF\xBB\xBF", "manifest.json is not valid JSON"},
      {"{", "manifest.json is not valid JSON"},
      {manifest_with("") + "x", "manifest.json is not valid JSON"},
      {manifest_with("") + "{}", "manifest.json is not valid JSON"},
      {manifest_with("") + "\0"s, "manifest.json is not valid JSON"},
      {manifest_with("\"files\": [],"), "manifest.json is not valid JSON"},
      {manifest_with("\"files\": [\"a\",]"), "manifest.json is not valid JSON"},
      {manifest_with("\"unknown\": \"\xff\""), "manifest.json is not valid JSON"},
      {manifest_with("\"unknown\": \"\\ud800\""), "manifest.json is not valid JSON"},
      {manifest_with("\"unknown\": \"a\nb\""), "manifest.json is not valid JSON"},
      {manifest_with("\"unknown\": nan"), "manifest.json is not valid JSON"},
      {manifest_with("\"unknown\": NaNx"), "manifest.json is not valid JSON"},
      {manifest_with("\"unknown\": 01"), "manifest.json is not valid JSON"},
      {manifest_with("'unknown': 1"), "manifest.json is not valid JSON"},
      {"[]", "manifest.json is not a JSON object"},
      {"null", "manifest.json is not a JSON object"},
      {"\"uuid\"", "manifest.json is not a JSON object"},
      {"1", "manifest.json is not a JSON object"},
  };
  for (const auto& [json, message] : cases) check_rejected(json, message);
}

BOOST_AUTO_TEST_CASE(a_byte_order_mark_is_accepted) {
  BOOST_TEST(parse_manifest("\xEF\xBB\xBF" + manifest_with("")).cluster_id == "c");
}

BOOST_AUTO_TEST_CASE(nesting_has_a_limit) {
  const auto nested = [](std::size_t levels) {
    return manifest_with("\"unknown\": " + std::string(levels, '[') + std::string(levels, ']'));
  };
  BOOST_TEST(parse_manifest(nested(1'000)).cluster_id == "c");
  const Error error = error_of([&] { parse_manifest(nested(100'000)); });
  BOOST_TEST(error.message() == "manifest.json is not valid JSON");
  BOOST_TEST(contains(error.detail(), "1024 levels"));
}

BOOST_AUTO_TEST_CASE(the_last_of_several_equal_keys_wins) {
  BOOST_TEST(parse_with(R"("cluster_id": "d", "cluster_id": "e")").cluster_id == "e");
  BOOST_TEST(parse_with(R"("cluster_id": 1, "cluster\u005fid": "e")").cluster_id == "e");
  check_rejected(manifest_with(R"("cluster_id": "e", "cluster_id": null)"), "\"cluster_id\"");
  const Manifest manifest = parse_with(
      R"("cr_status": {"clusterVersion": "a", "upload": {"upload": true, "upload": false}, "clusterVersion": "b"})");
  BOOST_TEST(manifest.cluster_channel.value_or("none") == "b");
  BOOST_TEST(manifest.operator_airgapped.value_or(false));
}

BOOST_AUTO_TEST_CASE(a_missing_field_is_named) {
  const struct {
    const char* json;
    const char* message;
  } cases[] = {
      {R"({})", "manifest.json has no field \"uuid\""},
      {R"({"uuid": "dde75058-d1d2-41e8-bfd3-761d1e726b03", "date": 0})", "manifest.json has no field \"cluster_id\""},
      {R"({"uuid": "dde75058-d1d2-41e8-bfd3-761d1e726b03", "cluster_id": "c"})", "manifest.json has no field \"date\""},
  };
  for (const auto& [json, message] : cases) check_rejected(json, message);
}

BOOST_AUTO_TEST_CASE(a_rejected_field_is_named_with_its_value) {
  const struct {
    const char* field;
    const char* value;
    const char* shown;
  } cases[] = {
      {"uuid", R"("dde75058-d1d2-11e8-bfd3-761d1e726b03")", "\"dde75058-d1d2-11e8-bfd3-761d1e726b03\""},
      {"uuid", "null", "null"},
      {"uuid", "5", "5"},
      {"cluster_id", R"("")", "\"\""},
      {"cluster_id", R"(".")", "\".\""},
      {"cluster_id", R"("a/b")", "\"a/b\""},
      {"cluster_id", R"("a\\b")", "\"a\\b\""},
      {"cluster_id", R"("a..b")", "\"a..b\""},
      {"cluster_id", R"("a\u0000b")", "\"a\\x00b\""},
      {"cluster_id", "null", "null"},
      {"cluster_id", "[\"c\"]", "[\"c\"]"},
      {"date", "null", "null"},
      {"date", R"("")", "\"\""},
      {"date", R"("2026-11-01 00:00:00 +0000 UTC")", "\"2026-11-01 00:00:00 +0000 UTC\""},
      {"date", "true", "true"},
      {"date", "1e300", "1e+300"},
      {"date", "NaN", "[[\"NaN\"]]"},
      {"start", R"("")", "\"\""},
      {"start", "{}", "{}"},
      {"end", R"("soon")", "\"soon\""},
      {"version", "null", "null"},
      {"version", "4.3", "4.3"},
      {"version", R"("4\u0000")", "\"4\\x00\""},
      {"operator_version", "4", "4"},
      {"operator_version", "null", "null"},
      {"certified", "null", "null"},
      {"certified", "2", "2"},
      {"certified", "0.5", "0.5"},
      {"certified", R"("")", "\"\""},
      {"certified", R"("truth")", "\"truth\""},
      {"daily_reports", "[]", "[]"},
      {"cr_status", "null", "null"},
      {"cr_status", "[]", "[]"},
      {"cr_status", R"("{}")", "\"{}\""},
      {"manifest_id", R"("x")", "\"x\""},
      {"manifest_id", "1.5", "1.5"},
      {"manifest_id", "null", "null"},
      {"hours_per_day", "[]", "[]"},
      {"files", R"("a.csv")", "\"a.csv\""},
      {"files", "{}", "{}"},
      {"files", "NaN", "[\"NaN\"]"},
      {"resource_optimization_files", "0", "0"},
  };
  for (const auto& [field, value, shown] : cases) {
    const std::string name = field;
    check_rejected(manifest_with("\"" + name + "\": " + value), "\"" + name);
    check_rejected(manifest_with("\"" + name + "\": " + value), shown);
  }
  for (const char* name : {"\"\"", "\".\"", "\"d/a.csv\"", R"("d\\a.csv")", "\"..\"", "\"a\\u0000\"", "null", "1"}) {
    for (const std::string field : {"files", "resource_optimization_files"}) {
      check_rejected(manifest_with("\"" + field + "\": [\"a\", " + name + "]"), "\"" + field + "[1]\"");
    }
  }
}

BOOST_AUTO_TEST_CASE(a_long_value_is_cut_in_the_message) {
  const Error error = error_of([] { parse_with("\"version\": [\"" + std::string(10'000, 'v') + "\"]"); });
  BOOST_TEST(error.message() == "invalid field \"version\" in manifest.json: [\"" + std::string(62, 'v') + "...");
}

BOOST_AUTO_TEST_CASE(names_are_as_long_as_those_of_members) {
  const std::string longest(1024, 'x');
  BOOST_TEST(parse_with("\"cluster_id\": \"" + longest + "\"").cluster_id == longest);
  check_rejected(manifest_with("\"cluster_id\": \"x" + longest + "\""), "\"cluster_id\"");
  check_rejected(manifest_with("\"files\": [\"x" + longest + "\"]"), "\"files[0]\"");
}

BOOST_AUTO_TEST_CASE(values_that_look_odd_and_are_accepted) {
  BOOST_TEST(parse_with(R"("cluster_id": " ")").cluster_id == " ");
  BOOST_TEST(joined(parse_with(R"("files": ["a.b", ".c", "d e", "\u00e9.gz"])").files) == "a.b|.c|d e|\u00e9.gz");
  BOOST_TEST(parse_with(R"("files": null, "resource_optimization_files": null)").files.empty());
  BOOST_TEST(written(parse_with(R"("date": 1793491200)").date) == "2026-11-01 00:00:00");
  BOOST_TEST(written(parse_with(R"("date": 1793491200.0)").date) == "2026-11-01 00:00:00");
  BOOST_TEST(written(parse_with(R"("date": "1793491200")").date) == "2026-11-01 00:00:00");
  BOOST_TEST(written(parse_with(R"("start": null, "end": "0001-01-01")").end) == "0001-01-01 00:00:00");
  BOOST_TEST(
      parse_with(R"("manifest_id": 7, "hours_per_day": {"2026-11-01": 3}, "unknown": NaN)").hours_per_day.empty());
  BOOST_TEST(parse_with(R"("unknown": -Infinity, "other": "NaN \" NaN", "version": "Infinity")").version == "Infinity");
}

BOOST_AUTO_TEST_CASE(booleans_come_in_many_forms) {
  for (const char* value : {"true", "1", "1.0", "\"true\"", "\"T\"", "\"Yes\"", "\"y\"", "\"ON\"", "\"1\""}) {
    BOOST_TEST_CONTEXT(value) {
      BOOST_TEST(parse_with("\"certified\": "s + value).certified);
      BOOST_TEST(parse_with("\"daily_reports\": "s + value).daily_reports);
    }
  }
  for (const char* value : {"false", "0", "0.0", "-0.0", "\"False\"", "\"f\"", "\"NO\"", "\"n\"", "\"off\"", "\"0\""}) {
    BOOST_TEST_CONTEXT(value) {
      BOOST_TEST(!parse_with("\"certified\": true, \"certified\": "s + value).certified);
      BOOST_TEST(!parse_with("\"daily_reports\": "s + value).daily_reports);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_window_gives_hours_and_its_end_is_corrected) {
  const struct {
    const char *start, *end, *corrected_end, *hours;
  } cases[] = {
      {"2026-11-01T10:00:00Z", "2026-11-03T00:00:00Z", "2026-11-03 00:00:00", "11-01: 14, 11-02: 24, 11-03: 0"},
      {"2026-11-01T00:00:00Z", "2026-11-01T23:59:59Z", "2026-11-01 23:59:59", "11-01: 24"},
      {"2026-11-01T00:30:00Z", "2026-11-01T10:15:00Z", "2026-11-01 10:15:00", "11-01: 10"},
      {"2026-11-01T00:00:00Z", "2026-11-01T00:00:00.000001Z", "2026-11-01 00:00:00", "11-01: 1"},
      {"2026-11-29T05:00:00Z", "2026-12-01T07:00:00Z", "2026-11-30 00:00:00", "11-29: 19, 11-30: 24, 12-01: 7"},
      {"2026-11-29T05:00:00Z", "2026-12-02T00:00:00Z", "2026-12-02 00:00:00",
       "11-29: 19, 11-30: 24, 12-01: 24, 12-02: 0"},
      {"2026-11-01T05:00:00Z", "2026-11-01T07:00:00Z", "2026-11-01 07:00:00", "11-01: 2"},
      {"2026-12-31T23:00:00Z", "2027-01-01T00:00:00Z", "2026-12-31 00:00:00", "12-31: 1, 01-01: 0"},
      {"2026-11-03T10:00:00Z", "2026-11-03T05:00:00Z", "2026-11-03 05:00:00", "11-03: 0"},
      {"2026-11-03", "2026-11-01", "2026-11-01 00:00:00", ""},
      {"2026-11-01T00:00+05:30", "2026-11-02T00:00+05:30", "2026-10-31 00:00:00", "10-31: 6, 11-01: 19"},
      {"0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "0001-01-01 00:00:00", "01-01: 0"},
  };
  for (const auto& [start, end, corrected_end, hours] : cases) {
    BOOST_TEST_CONTEXT(start << " to " << end) {
      const Manifest manifest = parse_with("\"start\": \""s + start + "\", \"end\": \"" + end + "\"");
      BOOST_TEST(written(manifest.end) == corrected_end);
      BOOST_TEST(written_hours(manifest) == hours);
    }
  }
  // Equal numbers of months a year apart do not trigger the end rule.
  const Manifest year = parse_with(R"("start": "2025-11-02", "end": "2026-11-01T07:00:00Z")");
  BOOST_TEST(written(year.end) == "2026-11-01 07:00:00");
  BOOST_TEST(year.hours_per_day.size() == 365u);
}

BOOST_AUTO_TEST_CASE(hours_need_a_whole_window_of_reasonable_length) {
  for (const char* fields : {R"("start": "2026-11-01", "hours_per_day": {"2026-11-01": 5})",
                             R"("end": "2026-11-02", "start": null)", R"("start": "2026-11-01", "end": null)"}) {
    BOOST_TEST(parse_with(fields).hours_per_day.empty());
  }
  BOOST_TEST(parse_with(R"("start": "2020-01-01", "end": "2030-01-08")").hours_per_day.size() == 3'661u);
  check_rejected(manifest_with(R"("start": "2020-01-01", "end": "2030-01-09")"), "\"end\"");
  check_rejected(manifest_with(R"("start": "0001-01-01", "end": "9999-12-31")"), "\"end\"");
}

BOOST_AUTO_TEST_CASE(hours_are_asked_by_day) {
  const Manifest manifest = parse_with(R"("start": "2026-11-01T10:00Z", "end": "2026-11-03T00:00Z")");
  const Day first = day_from_civil({2026, 11, 1});
  const int hours[] = {manifest.hours_on(first - 1), manifest.hours_on(first), manifest.hours_on(first + 1),
                       manifest.hours_on(first + 2), manifest.hours_on(first + 3)};
  const int expected[] = {0, 14, 24, 0, 0};
  BOOST_CHECK_EQUAL_COLLECTIONS(hours, hours + 5, expected, expected + 5);
}

BOOST_AUTO_TEST_CASE(the_operators_status_tells_channel_and_airgap) {
  const struct {
    const char* status;
    const char* channel;
    const char* airgapped;
  } cases[] = {
      {"{}", "none", "none"},
      {R"({"unknown": 1})", "none", "yes"},
      {R"({"clusterVersion": "stable"})", "stable", "yes"},
      {R"({"clusterVersion": ""})", "", "yes"},
      {R"({"clusterVersion": null})", "none", "yes"},
      {R"({"clusterVersion": 4})", "none", "yes"},
      {R"({"clusterVersion": "a\u0000b"})", "ab", "yes"},
      {R"({"upload": null})", "none", "yes"},
      {R"({"upload": []})", "none", "yes"},
      {R"({"upload": {}})", "none", "yes"},
      {R"({"upload": {"upload": null}})", "none", "yes"},
      {R"({"upload": {"upload": false}})", "none", "yes"},
      {R"({"upload": {"upload": true}})", "none", "no"},
      {R"({"upload": {"upload": 0}})", "none", "yes"},
      {R"({"upload": {"upload": 0.0}})", "none", "yes"},
      {R"({"upload": {"upload": -1}})", "none", "no"},
      {R"({"upload": {"upload": 18446744073709551615}})", "none", "no"},
      {R"({"upload": {"upload": ""}})", "none", "yes"},
      {R"({"upload": {"upload": "False"}})", "none", "no"},
      {R"({"upload": {"upload": []}})", "none", "yes"},
      {R"({"upload": {"upload": [0]}})", "none", "no"},
      {R"({"upload": {"upload": {}}})", "none", "yes"},
      {R"({"upload": {"upload": {"a": 0}}})", "none", "no"},
      {R"({"upload": {"upload": NaN}})", "none", "no"},
  };
  for (const auto& [status, channel, airgapped] : cases) {
    BOOST_TEST_CONTEXT(status) {
      const Manifest manifest = parse_with("\"cr_status\": "s + status);
      BOOST_TEST(manifest.cluster_channel.value_or("none") == channel);
      const auto& flag = manifest.operator_airgapped;
      BOOST_TEST((flag ? (*flag ? "yes" : "no") : "none") == std::string_view(airgapped));
    }
  }
}

BOOST_AUTO_TEST_CASE(the_operators_errors_are_collected) {
  const struct {
    const char* status;
    const char* errors;
  } cases[] = {
      {"{}", "none"},
      {R"({"upload": {"error": ""}, "source": {"error": null}, "packaging": null, "prometheus": []})", "none"},
      {R"({"storage": {"error": "x"}})", "none"},
      {R"({"source": {"error": "s"}, "prometheus": {"error": "p"}, "upload": {"error": "u"},
           "packaging": {"error": "k"}, "authentication": {"error": "a"}})",
       R"({"authentication_error": "a", "packaging_error": "k", "upload_error": "u", "prometheus_error": "p", )"
       R"("source_error": "s"})"},
      {R"({"upload": {"error": "\"\\\n\u0001\u00e9"}})", "{\"upload_error\": \"\\\"\\\\\\n\\u0001\u00e9\"}"},
      {R"({"upload": {"error": "a\u0000b\\u0000"}})", R"({"upload_error": "ab\\u0000"})"},
      {R"({"upload": {"error": {"code": 5}}})", R"({"upload_error": {"code":5}})"},
      {R"({"upload": {"error": NaN}})", R"({"upload_error": [["NaN"]]})"},
  };
  for (const auto& [status, errors] : cases) {
    BOOST_TEST_CONTEXT(status) {
      BOOST_TEST(parse_with("\"cr_status\": "s + status).operator_errors.value_or("none") == errors);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
