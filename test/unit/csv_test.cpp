#include "core/report/csv.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <ostream>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.hpp"

using namespace std::literals;

namespace {

// Input in blocks of given sizes, each in memory of its own that is gone with the next call.
class BlockInput final : public koku::ByteInput {
 public:
  BlockInput(std::string_view bytes, std::size_t block_size) : BlockInput(bytes, [block_size] { return block_size; }) {}
  BlockInput(std::string_view bytes, std::function<std::size_t()> block_size)
      : rest_(bytes), block_size_(std::move(block_size)) {}

  std::string_view read() override {
    const std::string_view next = rest_.substr(0, block_size_());
    rest_.remove_prefix(next.size());
    block_ = std::vector<char>(next.begin(), next.end());
    return {block_.data(), block_.size()};
  }

 private:
  std::string_view rest_;
  std::function<std::size_t()> block_size_;
  std::vector<char> block_;
};

struct Record {
  std::uint64_t line;
  std::vector<std::string> fields;
  bool operator==(const Record&) const = default;
};

// All that can be seen of a scan.
struct Scan {
  std::vector<Record> records;
  std::string error;  // message and detail
  std::optional<koku::ErrorKind> error_kind;
  std::uint64_t replaced_sequences = 0;
  std::uint64_t removed_nuls = 0;
  bool operator==(const Scan&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Record& record) {
  out << record.line << ':';
  for (const std::string& field : record.fields) out << '[' << field << ']';
  return out;
}

std::ostream& operator<<(std::ostream& out, const Scan& scan) {
  for (const Record& record : scan.records) out << record << ' ';
  return out << scan.error << " replaced " << scan.replaced_sequences << " removed " << scan.removed_nuls;
}

Scan scan(koku::ByteInput& input, const koku::CsvLimits& limits = {}) {
  Scan result;
  koku::CsvScanner scanner(input, limits);
  try {
    while (scanner.next())
      result.records.push_back({scanner.line(), {scanner.fields().begin(), scanner.fields().end()}});
    result.replaced_sequences = scanner.replaced_sequences();
    result.removed_nuls = scanner.removed_nuls();
  } catch (const koku::Error& error) {
    result.error = error.message() + " / " + error.detail();
    result.error_kind = error.kind();
  }
  return result;
}

Scan scan(std::string_view text, const koku::CsvLimits& limits = {}) {
  BlockInput input(text, text.size());
  return scan(input, limits);
}

struct Case {
  std::string_view text;
  std::vector<Record> records;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(csv)

BOOST_AUTO_TEST_CASE(records_and_fields) {
  const Case cases[] = {
      {"", {}},
      {"a", {{1, {"a"}}}},
      {"a,b\n1,2\n", {{1, {"a", "b"}}, {2, {"1", "2"}}}},
      {"a,b\n1,2", {{1, {"a", "b"}}, {2, {"1", "2"}}}},
      // fields keep their blanks and may be empty
      {",", {{1, {"", ""}}}},
      {",,\n", {{1, {"", "", ""}}}},
      {" a , b ", {{1, {" a ", " b "}}}},
      // no separator but the comma, no comments
      {"a;b\tc|d\n#e\n", {{1, {"a;b\tc|d"}}, {2, {"#e"}}}},
      // records may differ in length
      {"a\nb,c\n", {{1, {"a"}}, {2, {"b", "c"}}}},
      // null words are text
      {"NULL,nan,N/A", {{1, {"NULL", "nan", "N/A"}}}},
  };
  for (const Case& c : cases) BOOST_TEST(scan(c.text).records == c.records, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(line_ends) {
  const Case cases[] = {
      {"a\nb\n", {{1, {"a"}}, {2, {"b"}}}},
      {"a\r\nb\r\n", {{1, {"a"}}, {2, {"b"}}}},
      {"a\rb\r", {{1, {"a"}}, {2, {"b"}}}},
      {"a\rb\nc\r\nd", {{1, {"a"}}, {2, {"b"}}, {3, {"c"}}, {4, {"d"}}}},
      {"a\n\rb", {{1, {"a"}}, {3, {"b"}}}},
      {"a\r\r\nb", {{1, {"a"}}, {3, {"b"}}}},
      {"a\r\n\nb", {{1, {"a"}}, {3, {"b"}}}},
      {"a\rb\n\nc", {{1, {"a"}}, {2, {"b"}}, {4, {"c"}}}},
      {"a,\r\n,b", {{1, {"a", ""}}, {2, {"", "b"}}}},
  };
  for (const Case& c : cases) BOOST_TEST(scan(c.text).records == c.records, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(blank_lines_are_skipped_and_counted) {
  const Case cases[] = {
      {"\n", {}},
      {"\r", {}},
      {" \t \n", {}},
      {" ", {}},
      {"\n\n \r\na\n", {{4, {"a"}}}},
      {"a\n\n\nb\n \n", {{1, {"a"}}, {4, {"b"}}}},
      // not blank: a comma, quotes, other white space
      {" , \n", {{1, {" ", " "}}}},
      {"\"\"\n", {{1, {""}}}},
      {"\" \"\n", {{1, {" "}}}},
      {"\f\n", {{1, {"\f"}}}},
      // a blank first is no reason to look for a quoted field
      {" \"a\"\n", {{1, {" \"a\""}}}},
  };
  for (const Case& c : cases) BOOST_TEST(scan(c.text).records == c.records, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(quoted_fields) {
  const Case cases[] = {
      {R"("a")", {{1, {"a"}}}},
      {R"("a","b",c)", {{1, {"a", "b", "c"}}}},
      {R"("","")", {{1, {"", ""}}}},
      {R"("a,b")", {{1, {"a,b"}}}},
      {R"("say ""hi""")", {{1, {"say \"hi\""}}}},
      {R"("""",x)", {{1, {"\"", "x"}}}},
      {R"("""""")", {{1, {"\"\""}}}},
      // after the closing quote the text goes on as it is
      {R"("a"b,c)", {{1, {"ab", "c"}}}},
      {R"("a"b"c",d)", {{1, {"ab\"c\"", "d"}}}},
      {R"("a" "b")", {{1, {"a \"b\""}}}},
      {R"("a""b"c""d)", {{1, {"a\"bc\"\"d"}}}},
      // a quote inside an unquoted field is a character
      {R"(a"b",c"d)", {{1, {"a\"b\"", "c\"d"}}}},
      {R"(a"",b)", {{1, {"a\"\"", "b"}}}},
      // line ends inside are kept; the lines after are counted with them
      {"\"a\nb\"\nc", {{1, {"a\nb"}}, {3, {"c"}}}},
      {"\"a\r\nb\"\r\nc", {{1, {"a\r\nb"}}, {3, {"c"}}}},
      {"\"a\rb\",\"\n\r\"\rc", {{1, {"a\rb", "\n\r"}}, {5, {"c"}}}},
      {"x,\"a\n\"\"\n\"y\nz", {{1, {"x", "a\n\"\ny"}}, {4, {"z"}}}},
  };
  for (const Case& c : cases) BOOST_TEST(scan(c.text).records == c.records, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_byte_order_mark_is_skipped_at_the_front_only) {
  const Case cases[] = {
      {"\xEF\xBB\xBF", {}},
      {"\xEF\xBB\xBF"
       "a,b\n",
       {{1, {"a", "b"}}}},
      {"\xEF\xBB\xBF\"a\",b\n", {{1, {"a", "b"}}}},
      {"\xEF\xBB\xBF\n \na\n", {{3, {"a"}}}},
      {"\xEF\xBB\xBF\xEF\xBB\xBF"
       "a\n",
       {{1,
         {"\xEF\xBB\xBF"
          "a"}}}},
      {"a\n\xEF\xBB\xBF"
       "b\n",
       {{1, {"a"}},
        {2,
         {"\xEF\xBB\xBF"
          "b"}}}},
  };
  for (const Case& c : cases) {
    BOOST_TEST(scan(c.text).records == c.records, boost::test_tools::per_element());
    BlockInput bytewise(c.text, 1);
    BOOST_TEST(scan(bytewise).records == c.records, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(nuls_are_removed_and_invalid_utf8_is_replaced) {
  const Scan result = scan("n\0s,\xFF\n\"\0\0\",\xC3\xA9\xC3\n"sv);
  const std::vector<Record> expected = {{1, {"ns", "\xEF\xBF\xBD"}}, {2, {"", "\xC3\xA9\xEF\xBF\xBD"}}};
  BOOST_TEST(result.records == expected, boost::test_tools::per_element());
  BOOST_TEST(result.removed_nuls == 3u);
  BOOST_TEST(result.replaced_sequences == 2u);
}

BOOST_AUTO_TEST_CASE(a_line_of_nuls_is_blank) { BOOST_TEST(scan("\0\0\n \0\n"sv).records.empty()); }

BOOST_AUTO_TEST_CASE(a_quote_never_closed_names_the_line_it_was_opened_on) {
  struct {
    std::string_view text;
    std::string_view line;
  } const cases[] = {
      {"\"", "line 1"},
      {"\"a", "line 1"},
      {"\"a\"\"", "line 1"},
      {"a\nb,\"c\n\nd\n", "line 2"},
      {"\"a\nb\",\"c\nd", "line 2"},
      {"a\r\n\r\n\"b\"\"\r\n", "line 3"},
  };
  for (const auto& c : cases) {
    const Scan result = scan(c.text);
    BOOST_TEST((result.error_kind == koku::ErrorKind::invalid_csv));
    BOOST_TEST(result.error.find(c.line) != std::string::npos, result.error);
  }
}

BOOST_AUTO_TEST_CASE(records_over_a_limit_are_refused_with_their_line) {
  const koku::CsvLimits limits{.max_record_bytes = 8, .max_fields = 3};
  struct {
    std::string_view text;
    std::string_view error;  // empty: none
  } const cases[] = {
      {"12345678\n", ""},
      {"\"234567\"\r\n", ""},
      {"1,2,3\n", ""},
      {"a\n123456789\n", "CSV record is longer than 8 bytes / The record begins on line 2."},
      {"a\n\"\n3456789\"\n", "CSV record is longer than 8 bytes / The record begins on line 2."},
      {"\n         \n", "CSV record is longer than 8 bytes / The record begins on line 2."},
      {"\"23456789", "CSV record is longer than 8 bytes / The record begins on line 1."},
      {"\"2345678", "CSV file ends inside a quoted field / The quote opened on line 1 is never closed."},
      {"a\n,,,\n", "CSV record has more than 3 fields / The record begins on line 2."},
      {",,,,,,,,,,\n", "CSV record has more than 3 fields / The record begins on line 1."},
      {"123456789,,,\n", "CSV record is longer than 8 bytes / The record begins on line 1."},
  };
  for (const auto& c : cases) {
    for (const std::size_t block_size : {1, 2, 7, 100}) {
      BlockInput input(c.text, block_size);
      BOOST_TEST(scan(input, limits).error == c.error);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_record_of_the_greatest_length_passes) {
  const koku::CsvLimits limits;
  std::string text(limits.max_record_bytes, 'x');
  text.front() = text.back() = '"';
  text += "\nend\n";
  const Scan result = scan(text, limits);
  BOOST_REQUIRE_EQUAL(result.error, "");
  BOOST_REQUIRE_EQUAL(result.records.size(), 2u);
  BOOST_TEST(result.records[0].fields[0].size() == limits.max_record_bytes - 2);
  BOOST_TEST(result.records[1].line == 2u);
  text.insert(1, "x");
  BOOST_TEST((scan(text, limits).error_kind == koku::ErrorKind::too_large));
}

// What never ends is not read to its end.
BOOST_AUTO_TEST_CASE(a_record_over_the_limit_is_refused_while_it_is_read) {
  class EndlessInput final : public koku::ByteInput {
   public:
    std::string_view read() override {
      ++blocks;
      return blocks == 1 ? "a\n\"b" : std::string_view(block);
    }
    const std::string block = std::string(100'000, 'x');
    std::size_t blocks = 0;
  };
  EndlessInput input;
  const Scan result = scan(input, {.max_record_bytes = 1'000'000});
  BOOST_TEST(result.error == "CSV record is longer than 1000000 bytes / The record begins on line 2.");
  BOOST_TEST(input.blocks < 30u);
}

BOOST_AUTO_TEST_CASE(as_many_fields_as_the_limit_allows_pass) {
  const koku::CsvLimits limits;
  const Scan result = scan(std::string(limits.max_fields - 1, ',') + "\n");
  BOOST_REQUIRE_EQUAL(result.records.size(), 1u);
  BOOST_TEST(result.records[0].fields.size() == limits.max_fields);
  BOOST_TEST((scan(std::string(limits.max_fields, ',') + "\n").error_kind == koku::ErrorKind::too_large));
}

BOOST_AUTO_TEST_CASE(no_fields_before_the_first_and_after_the_last_record) {
  koku::MemorySource input("a,b\n");
  koku::CsvScanner scanner(input);
  BOOST_TEST(scanner.fields().empty());
  BOOST_TEST(scanner.next());
  BOOST_TEST(scanner.fields().size() == 2u);
  BOOST_TEST(!scanner.next());
  BOOST_TEST(scanner.fields().empty());
  BOOST_TEST(!scanner.next());
}

// What the end of the buffer may cut, at every place around the sizes at which it ends.
BOOST_AUTO_TEST_CASE(the_end_of_the_buffer_cuts_nothing) {
  const Case cases[] = {
      {"a\r\nb\n", {{2, {"a"}}, {3, {"b"}}}},
      {"a\rb\n", {{2, {"a"}}, {3, {"b"}}}},
      {"\"x\"\"y\",z\n", {{2, {"x\"y", "z"}}}},
      {"\"x\r\ny\"z\nb\n", {{2, {"x\r\nyz"}}, {4, {"b"}}}},
      // a byte order mark is one at the front of the input only
      {"\xEF\xBB\xBF"
       "b\n",
       {{2,
         {"\xEF\xBB\xBF"
          "b"}}}},
      {"\xF0\x9F\x98\x80,\xE2\x82\n", {{2, {"\xF0\x9F\x98\x80", "\xEF\xBF\xBD"}}}},
  };
  for (const std::size_t buffer_end : {16u << 10, 256u << 10, 512u << 10}) {
    for (const Case& c : cases) {
      for (std::size_t back = 0; back <= 12; ++back) {
        const std::string filler(buffer_end - back, 'f');
        std::vector<Record> expected = c.records;
        expected.insert(expected.begin(), {1, {filler}});
        BOOST_TEST((scan(filler + "\n" + std::string(c.text)).records == expected),
                   "cut " << back << " before the end");
      }
    }
  }
}

// The differential test: a scanner that takes one character after the other.
namespace {

using Range = std::pair<unsigned char, unsigned char>;

// The well-formed byte sequences of the Unicode standard, table 3-7.
const std::vector<std::vector<Range>> well_formed = {
    {{0x00, 0x7F}},
    {{0xC2, 0xDF}, {0x80, 0xBF}},
    {{0xE0, 0xE0}, {0xA0, 0xBF}, {0x80, 0xBF}},
    {{0xE1, 0xEC}, {0x80, 0xBF}, {0x80, 0xBF}},
    {{0xED, 0xED}, {0x80, 0x9F}, {0x80, 0xBF}},
    {{0xEE, 0xEF}, {0x80, 0xBF}, {0x80, 0xBF}},
    {{0xF0, 0xF0}, {0x90, 0xBF}, {0x80, 0xBF}, {0x80, 0xBF}},
    {{0xF1, 0xF3}, {0x80, 0xBF}, {0x80, 0xBF}, {0x80, 0xBF}},
    {{0xF4, 0xF4}, {0x80, 0x8F}, {0x80, 0xBF}, {0x80, 0xBF}},
};

std::string reference_clean(std::string_view bytes, Scan& counts) {
  std::string out;
  while (!bytes.empty()) {
    std::size_t longest = 1;
    bool is_whole = false;
    for (const auto& sequence : well_formed) {
      std::size_t fitting = 0;
      while (fitting < sequence.size() && fitting < bytes.size() &&
             static_cast<unsigned char>(bytes[fitting]) >= sequence[fitting].first &&
             static_cast<unsigned char>(bytes[fitting]) <= sequence[fitting].second)
        ++fitting;
      longest = std::max(longest, fitting);
      is_whole |= fitting == sequence.size();
    }
    if (!is_whole) {
      out += "\xEF\xBF\xBD";
      ++counts.replaced_sequences;
    } else if (bytes[0] == '\0') {
      ++counts.removed_nuls;
    } else {
      out += bytes.substr(0, longest);
    }
    bytes.remove_prefix(longest);
  }
  return out;
}

void set_error(Scan& result, koku::ErrorKind kind, const std::string& error) {
  result.error_kind = kind;
  result.error = error;
  result.replaced_sequences = result.removed_nuls = 0;  // not looked at after an error
}

Scan reference_scan(std::string_view bytes, const koku::CsvLimits& limits) {
  Scan result;
  std::string text = reference_clean(bytes, result);
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);

  enum { field_start, unquoted, quoted, quote_in_quoted } state = field_start;
  Record record{1, {""}};
  std::uint64_t line = 1;
  std::uint64_t opening_line = 0;
  std::size_t record_bytes = 0;
  bool is_blank = true;
  const auto too_long = [&] {
    set_error(result, koku::ErrorKind::too_large,
              "CSV record is longer than " + std::to_string(limits.max_record_bytes) +
                  " bytes / The record begins on line " + std::to_string(record.line) + ".");
    return result;
  };
  const auto end_of_field_fails = [&] { return record.fields.size() > limits.max_fields; };
  const auto too_many = [&] {
    set_error(result, koku::ErrorKind::too_large,
              "CSV record has more than " + std::to_string(limits.max_fields) + " fields / The record begins on line " +
                  std::to_string(record.line) + ".");
    return result;
  };

  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const bool ends_line = c == '\r' || c == '\n';
    const bool is_second_of_crlf = c == '\n' && at > 0 && text[at - 1] == '\r';
    if (state == quoted) {
      if (c == '"')
        state = quote_in_quoted;
      else
        record.fields.back() += c;
      if (ends_line && !is_second_of_crlf) ++line;
      is_blank = false;
    } else if (state == quote_in_quoted && c == '"') {
      record.fields.back() += '"';
      state = quoted;
    } else if (c == '"' && state == field_start) {
      state = quoted;
      opening_line = line;
      is_blank = false;
    } else if (c == ',') {
      if (record_bytes > limits.max_record_bytes) return too_long();
      if (end_of_field_fails()) return too_many();
      record.fields.emplace_back();
      state = field_start;
      is_blank = false;
    } else if (ends_line) {
      if (is_second_of_crlf && record_bytes == 0) continue;
      if (record_bytes > limits.max_record_bytes) return too_long();
      if (end_of_field_fails()) return too_many();
      if (!is_blank) result.records.push_back(record);
      record = {++line, {""}};
      record_bytes = 0;
      is_blank = true;
      state = field_start;
      continue;
    } else {
      record.fields.back() += c;
      state = unquoted;
      is_blank = is_blank && (c == ' ' || c == '\t');
    }
    ++record_bytes;
  }
  if (record_bytes > limits.max_record_bytes) return too_long();
  if (state == quoted) {
    set_error(result, koku::ErrorKind::invalid_csv,
              "CSV file ends inside a quoted field / The quote opened on line " + std::to_string(opening_line) +
                  " is never closed.");
    return result;
  }
  if (end_of_field_fails()) return too_many();
  if (!is_blank) result.records.push_back(record);
  return result;
}

// Text of the pieces that matter, with a seed.
std::string random_text(std::mt19937& random, std::size_t pieces, std::size_t longest_run) {
  static constexpr std::string_view alphabet[] = {"a"sv,    ","sv,        "\""sv,   "\n"sv,       "\r"sv,
                                                  " "sv,    "\t"sv,       "\0"sv,   "\xC3\xA9"sv, "\xF0\x9F\x98\x80"sv,
                                                  "\xFF"sv, "\xE2\x82"sv, "\r\n"sv, "\"\""sv,     "\xEF\xBB\xBF"sv};
  // Texts differ in how often the last pieces come: quotes everywhere leave little else to see.
  const std::size_t kinds = std::uniform_int_distribution<std::size_t>(2, std::size(alphabet))(random);
  const std::size_t first = std::uniform_int_distribution<std::size_t>(0, std::size(alphabet) - kinds)(random);
  std::uniform_int_distribution<std::size_t> kind(first, first + kinds - 1);
  std::uniform_int_distribution<std::size_t> run(0, longest_run);
  std::string text;
  for (std::size_t piece = 0; piece < pieces; ++piece) {
    text += alphabet[kind(random)];
    text.append(run(random), 'b');
  }
  return text;
}

}  // namespace

BOOST_AUTO_TEST_CASE(random_texts_are_scanned_like_by_the_reference) {
  std::mt19937 random(20261101);
  std::size_t errors = 0;
  std::size_t records = 0;
  for (int round = 0; round < 6000; ++round) {
    const std::size_t pieces = std::uniform_int_distribution<std::size_t>(0, 120)(random);
    const std::string text = random_text(random, pieces, round % 3 == 0 ? 0 : 12);
    koku::CsvLimits limits;
    if (round % 4 == 0) limits = {.max_record_bytes = random() % 40, .max_fields = 1 + random() % 5};
    const Scan expected = reference_scan(text, limits);
    for (const std::size_t block_size : {std::size_t{1}, 1 + random() % 70, text.size() + 1}) {
      BlockInput input(text, block_size);
      BOOST_REQUIRE_EQUAL(scan(input, limits), expected);
    }
    errors += expected.error_kind.has_value();
    records += expected.records.size();
  }
  // The texts show both.
  BOOST_TEST(errors > 500u);
  BOOST_TEST(records > 10'000u);
}

BOOST_AUTO_TEST_CASE(long_random_texts_are_scanned_like_by_the_reference) {
  std::mt19937 random(20261102);
  for (int round = 0; round < 24; ++round) {
    const std::size_t longest_run = round % 4 == 0 ? 4000 : 20;
    const std::string text = random_text(random, 1'000'000 / (longest_run / 2 + 1), longest_run);
    const Scan expected = reference_scan(text, {});
    std::uniform_int_distribution<std::size_t> block_size(1, round % 2 == 0 ? 100'000 : 300);
    BlockInput input(text, [&] { return block_size(random); });
    BOOST_TEST((scan(input) == expected), "round " << round);
  }
}

BOOST_AUTO_TEST_SUITE_END()
