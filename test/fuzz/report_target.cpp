// Fuzz target: a report file, from bytes to records, typed rows and daily groups (core/report/csv.hpp,
// core/report/report_reader.hpp, core/report/daily.hpp).
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "checked_sink.hpp"
#include "core/base/error.hpp"
#include "core/base/utf8.hpp"
#include "core/report/report_reader.hpp"
#include "fuzz_input.hpp"
#include "invariants.hpp"
#include "plain_csv.hpp"

namespace koku::fuzz {
namespace {

// Small ones, so that inputs of some kB pass them. The widest header has 900 bytes.
constexpr ReaderLimits limits{
    .csv = {.max_record_bytes = 4096, .max_fields = 64}, .max_days = 20, .max_aggregate_bytes = 4 << 20};

/// An input that begins with the letter of a report type and a line feed gets the header of that type, so that the
/// fuzzer need not find it.
std::string with_header(std::string_view input) {
  constexpr std::string_view letters = "spnmvg";  // in the order of report_types()
  const std::size_t type = input.size() < 2 || input[1] != '\n' ? letters.npos : letters.find(input[0]);
  if (type == letters.npos) return std::string(input);
  std::string text;
  for (const std::string_view name : date_columns) text.append(text.empty() ? "" : ",").append(name);
  for (const Column& column : report_types()[type].columns)
    if (column.origin != ColumnOrigin::derived) text.append(",").append(column.name);
  return text.append(input.substr(1));
}

std::string cleaned(std::string_view bytes) {
  Utf8Cleaner cleaner;
  std::string text(Utf8Cleaner::most_output(bytes.size()) + Utf8Cleaner::most_output(0), '\0');
  char* const end = cleaner.finish(cleaner.append(bytes, text.data()));
  text.resize(static_cast<std::size_t>(end - text.data()));
  return text;
}

void check_error(const Error& error) {
  require_message_text(error.message(), "message of an error");
  require_message_text(error.detail(), "detail of an error");
  require_message_text(error.hint(), "hint of an error");
}

/// The scanner finds what the plain way finds, however the bytes come. `lines_before`: blank lines in front of them.
void check_scanner(ByteInput& input, const PlainCsv& expected, std::uint64_t lines_before) {
  CsvScanner scanner(input, limits.csv);
  std::size_t place = 0;
  std::optional<ErrorKind> error;
  try {
    while (scanner.next()) {
      require(place < expected.records.size(), "a record too many");
      const PlainRecord& record = expected.records[place++];
      require(scanner.fields().size() == record.fields.size(), "number of fields");
      for (std::size_t at = 0; at < record.fields.size(); ++at)
        require_equal(scanner.fields()[at], record.fields[at], "field");
      require(scanner.line() == record.line + lines_before, "line of a record");
    }
  } catch (const Error& thrown) {
    check_error(thrown);
    error = thrown.kind();
  }
  require(place == expected.records.size(), "a record too few");
  require(error == expected.error, "another error");
}

/// Blank lines that fill the scanner's buffer up to some bytes, so that the input lies across its end.
void check_scanner_at_end_of_buffer(std::string_view text, const PlainCsv& expected) {
  constexpr std::size_t buffer_bytes = 256 << 10;
  constexpr std::size_t line_bytes = 1024;
  std::string filled;
  const std::size_t wanted = buffer_bytes - text.size() % 4096;
  while (filled.size() + line_bytes < wanted) filled.append(line_bytes - 1, ' ').append("\n");
  filled.append(wanted - filled.size() - 1, ' ').append("\n");
  const auto lines = static_cast<std::uint64_t>(std::count(filled.begin(), filled.end(), '\n'));
  filled += text;
  BlockInput input(filled, filled.size());
  check_scanner(input, expected, lines);
}

/// What a reading of the whole file gave, as one number.
std::uint64_t read_report(ByteInput& input) {
  ReportReader reader(input, nullptr, limits);
  if (!reader.read_header() || reader.type() == nullptr) return 0;
  CheckedSink sink(*reader.type(), true);
  DailyAggregate aggregate(*reader.type());
  TagKeys tag_keys;
  std::uint64_t outcome = 1;
  try {
    reader.read_rows(aggregate, sink, tag_keys);
    sink.check_file(reader);
  } catch (const Error& error) {
    check_error(error);
    outcome = 2 + static_cast<std::uint64_t>(error.kind());
  }
  sink.check_daily(aggregate);
  for (const std::string& key : tag_keys) {
    require_storable_text(key, "tag key");
    require(characters_of(key) <= max_tag_key_characters, "a tag key is too long");
  }
  for (const std::string& column : reader.findings().unknown_columns) require_storable_text(column, "unknown column");
  return sink.digest() * 31 + tag_keys.size() * 31 * 31 + outcome;
}

std::uint64_t read_report_or_fail(ByteInput& input) {
  try {
    return read_report(input);
  } catch (const Error& error) {
    check_error(error);
    return 100 + static_cast<std::uint64_t>(error.kind());
  }
}

void run(std::string_view input) {
  const std::string text = with_header(input);
  const std::size_t block_bytes = 1 + text.size() % 97;
  const PlainCsv expected = split_plainly(cleaned(text), limits.csv);
  {
    BlockInput blocks(text, block_bytes);
    check_scanner(blocks, expected, 0);
  }
  if (text.size() % 8 == 0 && !text.starts_with(byte_order_mark)) check_scanner_at_end_of_buffer(text, expected);

  BlockInput whole(text, text.size());
  BlockInput blocks(text, block_bytes);
  require(read_report_or_fail(whole) == read_report_or_fail(blocks), "the rows depend on how the bytes come");
  BlockInput measured(text, block_bytes);
  try {
    for (const auto& [day, of_day] : measure_report(measured, nullptr, limits).days) {
      require(of_day.intervals > 0 && of_day.intervals <= 1440, "number of intervals");
      require(of_day.hours > 0 && of_day.hours < Hours{1} << 24, "hours of a day");
    }
  } catch (const Error& error) {
    check_error(error);
  }
}

}  // namespace
}  // namespace koku::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const koku::fuzz::TimeLimit limit(size);
  koku::fuzz::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
