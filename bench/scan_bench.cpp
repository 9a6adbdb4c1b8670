// Measures the core's CSV scanner: a report file is scanned a number of times, then scanned with its numbers and
// timestamps converted, then with its texts searched for injected SQL and script. Prints the best pass of each, in
// processor time, so that other work on the machine matters little.
//
//   scan_bench FILE.csv [PASSES]
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <fstream>
#include <functional>
#include <iomanip>
#include <iostream>
#include <iterator>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "core/report/convert.hpp"
#include "core/report/csv.hpp"
#include "core/report/delimiter_index.hpp"
#include "core/report/report_type.hpp"

namespace {

// Hands a text out in blocks like those of a decompressor.
class TextInput final : public koku::ByteInput {
 public:
  explicit TextInput(std::string_view text) : rest_(text) {}
  std::string_view read() override {
    const std::string_view block = rest_.substr(0, block_bytes);
    rest_.remove_prefix(block.size());
    return block;
  }

 private:
  static constexpr std::size_t block_bytes = 64u << 10;
  std::string_view rest_;
};

struct Totals {
  std::uint64_t rows = 0;
  std::uint64_t fields = 0;
  double numbers = 0.0;
  koku::Instant instants = 0;
  std::uint64_t suspicious = 0;
};

// The places of the numbers, timestamps and texts that are searched in the file's header.
struct Places {
  std::vector<std::size_t> numbers;
  std::vector<std::size_t> instants;
  std::vector<std::size_t> texts;
};

Places places_of(std::span<const std::string_view> header) {
  const koku::ReportType* type = koku::detect_report_type(header);
  if (type == nullptr) throw std::runtime_error("this is no report of a known type");
  Places places;
  for (std::size_t at = 0; at < header.size(); ++at) {
    const auto column = type->column_index(header[at]);
    if (column && !type->columns[*column].is_text()) places.numbers.push_back(at);
    if (column && type->columns[*column].html_escaped) places.texts.push_back(at);
    if (std::ranges::count(koku::date_columns, header[at]) > 0) places.instants.push_back(at);
  }
  return places;
}

Totals scan(std::string_view text) {
  Totals totals;
  TextInput input(text);
  koku::CsvScanner scanner(input);
  while (scanner.next()) {
    ++totals.rows;
    totals.fields += scanner.fields().size();
  }
  return totals;
}

template <bool with_instants>
Totals scan_and_convert(std::string_view text) {
  Totals totals;
  TextInput input(text);
  koku::CsvScanner scanner(input);
  if (!scanner.next()) return totals;
  const Places places = places_of(scanner.fields());
  while (scanner.next()) {
    ++totals.rows;
    const auto fields = scanner.fields();
    for (const std::size_t place : places.numbers)
      if (place < fields.size()) totals.numbers += koku::parse_number(fields[place]).value;
    if constexpr (with_instants) {
      for (const std::size_t place : places.instants)
        if (place < fields.size()) totals.instants += koku::parse_timestamp(fields[place]).value_or(0);
    }
  }
  return totals;
}

// Every text of every row; an ingest searches a text once, however many rows have it.
Totals scan_and_search(std::string_view text) {
  Totals totals;
  TextInput input(text);
  koku::CsvScanner scanner(input);
  if (!scanner.next()) return totals;
  const std::vector<std::string> header(scanner.fields().begin(), scanner.fields().end());
  const Places places = places_of(scanner.fields());
  while (scanner.next()) {
    ++totals.rows;
    const auto fields = scanner.fields();
    for (const std::size_t place : places.texts)
      if (place < fields.size() && koku::looks_suspicious(header[place], fields[place])) ++totals.suspicious;
  }
  return totals;
}

void measure(std::string_view what, std::string_view text, int passes,
             const std::function<Totals(std::string_view)>& run) {
  double best = 1e300;
  Totals totals;
  for (int pass = 0; pass < passes; ++pass) {
    const std::clock_t start = std::clock();
    totals = run(text);
    best = std::min(best, static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
  }
  std::cout << std::left << std::setw(36) << what << std::right << std::fixed << std::setprecision(2) << std::setw(8)
            << static_cast<double>(text.size()) / best / 1e9 << " GB/s" << std::setprecision(1) << std::setw(10)
            << best / static_cast<double>(totals.rows) * 1e9 << " ns/row   (" << totals.rows << " rows, sums "
            << static_cast<double>(totals.fields) + totals.numbers + static_cast<double>(totals.instants) +
                   static_cast<double>(totals.suspicious)
            << ")\n";
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) {
    std::cerr << "usage: scan_bench FILE.csv [PASSES]\n";
    return 2;
  }
  try {
    std::ifstream file(arguments[1], std::ios::binary);
    if (!file) throw std::runtime_error("cannot open the file");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const int passes = count > 2 ? std::max(1, std::atoi(arguments[2])) : 10;
    std::cout << text.size() << " bytes, best of " << passes << " passes, delimiters by "
              << koku::delimiter_indexers().front().name << '\n';
    measure("scan", text, passes, scan);
    measure("scan, convert numbers", text, passes, scan_and_convert<false>);
    measure("scan, convert numbers, timestamps", text, passes, scan_and_convert<true>);
    measure("scan, search texts for injections", text, passes, scan_and_search);
  } catch (const std::exception& error) {
    std::cerr << "scan_bench: " << error.what() << '\n';
    return 1;
  }
}
