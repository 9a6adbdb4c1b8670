#include "core/report/csv.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/utf8.hpp"
#include "core/report/delimiter_index.hpp"

namespace koku {
namespace {

// Many records fit, so that moving the unfinished one to the front costs next to nothing; a second-level cache does
// too.
constexpr std::size_t least_buffer_bytes = 256u << 10;
// Bytes cleaned at a time: they stay in the fastest cache from the check to the copy.
constexpr std::size_t cleaned_bytes = 16u << 10;
// Bytes whose delimiters are looked up at a time.
constexpr std::size_t window_bytes = 16u << 10;

constexpr std::size_t first_fields = 64;

// Removes the quotes of a quoted field that is more than text between two quotes: `""` becomes `"`, the closing quote
// goes, what follows it stays. `raw` begins after the opening quote; the text is closed up in place.
std::string_view close_up_quotes(std::string_view raw, char* place) {
  char* const begin = place;
  for (;;) {
    const std::size_t quote = raw.find('"');
    const bool doubled = quote + 1 < raw.size() && raw[quote + 1] == '"';
    const std::size_t kept = quote + (doubled ? 1 : 0);
    std::memmove(place, raw.data(), kept);
    place += kept;
    raw.remove_prefix(quote + (doubled ? 2 : 1));
    if (!doubled) break;
  }
  std::memmove(place, raw.data(), raw.size());
  return {begin, static_cast<std::size_t>(place - begin) + raw.size()};
}

bool is_blank(std::string_view line) { return line.find_first_not_of(" \t") == std::string_view::npos; }

}  // namespace

struct CsvScanner::Implementation {
  Implementation(ByteInput& bytes, const CsvLimits& limit)
      : input(bytes),
        limits(limit),
        positions(std::make_unique_for_overwrite<std::uint32_t[]>(window_bytes + delimiter_slack)),
        field_list(std::min(first_fields, limits.max_fields)) {}

  enum class Outcome { record, no_record, incomplete };

  bool next();
  Outcome scan_record();
  const char* add_plain_fields(const char*& field_begin);
  const char* scan_quoted_field(const char* opening_quote);
  void add_field(const char* begin, const char* end);
  void grow_field_list();

  const char* next_delimiter() {
    if (position == positions_end && !index_next_window()) return nullptr;
    return window + *position++;
  }
  bool index_next_window();

  bool refill();
  void move_to_front(std::size_t unfinished);
  void fill();
  std::string_view next_piece();

  [[noreturn]] void fail_record_size() const;
  void check_record_size(const char* record_end) const {
    if (static_cast<std::size_t>(record_end - record_begin) > limits.max_record_bytes) fail_record_size();
  }

  ByteInput& input;
  const CsvLimits limits;
  Utf8Cleaner cleaner;
  std::string_view unread;  // what is left of the input's last block
  bool input_ended = false;

  // The buffer: from record_begin to data_end cleaned bytes that no record was made of yet. When the input has ended,
  // a line feed that is none of its bytes stands at the end, so that the last line ends like all others.
  std::unique_ptr<char[]> buffer;
  std::size_t buffer_bytes = 0;
  char* record_begin = nullptr;
  char* data_end = nullptr;
  bool is_first_fill = true;

  // Delimiters of the window that is being scanned: position .. positions_end, offsets from `window`.
  const IndexDelimiters index_delimiters = delimiter_indexers().front().index;
  const char* window = nullptr;
  const char* window_end = nullptr;
  std::unique_ptr<std::uint32_t[]> positions;
  const std::uint32_t* position = nullptr;
  const std::uint32_t* positions_end = nullptr;

  std::vector<std::string_view> field_list;  // the first field_count are the record's
  std::size_t field_count = 0;
  std::vector<std::size_t> fields_to_close_up;

  std::uint64_t record_line = 0;
  std::uint64_t next_line = 1;         // the line record_begin stands on
  std::uint64_t line_ends_inside = 0;  // in quoted fields of the record, so far
  std::uint64_t opening_quote_line = 0;
  bool after_carriage_return = false;  // a line feed at record_begin belongs to the last line end
};

bool CsvScanner::Implementation::next() {
  for (;;) {
    switch (scan_record()) {
      case Outcome::record:
        return true;
      case Outcome::no_record:
        break;
      case Outcome::incomplete:
        if (!refill()) return false;
    }
  }
}

// Takes the next record off the buffer. An incomplete one is scanned again from its beginning when there is more.
CsvScanner::Implementation::Outcome CsvScanner::Implementation::scan_record() {
  field_count = 0;
  fields_to_close_up.clear();
  line_ends_inside = 0;
  const char* field_begin = record_begin;
  for (;;) {
    const char* at = add_plain_fields(field_begin);
    if (at == nullptr) return Outcome::incomplete;
    if (*at == '"') {
      if (at != field_begin) continue;
      at = scan_quoted_field(at);
      if (at == nullptr) return Outcome::incomplete;
    } else {
      add_field(field_begin, at);
    }
    field_begin = at + 1;
    if (*at == ',') continue;

    // The end of a line.
    char* const begin = record_begin;
    if (at == begin && *at == '\n' && after_carriage_return) {
      after_carriage_return = false;
      ++record_begin;
      return Outcome::no_record;
    }
    check_record_size(at);
    record_line = next_line;
    next_line += line_ends_inside + 1;
    after_carriage_return = *at == '\r';
    record_begin += field_begin - begin;
    if (field_count == 1 && is_blank({begin, static_cast<std::size_t>(at - begin)})) return Outcome::no_record;
    for (const std::size_t index : fields_to_close_up) {
      std::string_view& field = field_list[index];
      field = close_up_quotes(field, begin + (field.data() - begin));
    }
    return Outcome::record;
  }
}

// Adds the fields that end at commas, beginning at `field_begin`, which it moves on. Returns the next delimiter that is
// no comma, nullptr when the buffer ends before. Nearly all fields are added here, so everything is in local variables.
const char* CsvScanner::Implementation::add_plain_fields(const char*& field_begin) {
  const char* begin = field_begin;
  for (;;) {
    const char* const base = window;
    const std::uint32_t* next = position;
    const std::size_t room = std::min(static_cast<std::size_t>(positions_end - next), field_list.size() - field_count);
    const std::uint32_t* const end = next + room;
    std::string_view* field = field_list.data() + field_count;
    const char* other = nullptr;
    while (next != end) {
      const char* const at = base + *next++;
      if (*at != ',') {
        other = at;
        break;
      }
      *field++ = {begin, static_cast<std::size_t>(at - begin)};
      begin = at + 1;
    }
    position = next;
    field_count = static_cast<std::size_t>(field - field_list.data());
    field_begin = begin;
    if (other != nullptr) return other;
    if (position == positions_end) {
      if (!index_next_window()) return nullptr;
    } else if (field_count == field_list.size()) {
      // Full: the delimiter may end a field that is one too many, or be a quote.
      return next_delimiter();
    }
  }
}

// Adds the field and returns the delimiter after it, nullptr when the buffer ends before.
const char* CsvScanner::Implementation::scan_quoted_field(const char* opening_quote) {
  opening_quote_line = next_line + line_ends_inside;
  bool has_quote_inside = false;
  const char* closing_quote = nullptr;
  while (closing_quote == nullptr) {
    const char* const at = next_delimiter();
    if (at == nullptr) return nullptr;
    if (*at == '"') {
      if (at + 1 == data_end) return nullptr;  // whether it is doubled is not known yet
      if (at[1] != '"') {
        closing_quote = at;
      } else {
        has_quote_inside = true;
        next_delimiter();  // the second of the two
      }
    } else if (*at == '\r' || (*at == '\n' && at[-1] != '\r')) {
      ++line_ends_inside;
    }
  }
  for (;;) {
    const char* const at = next_delimiter();
    if (at == nullptr) return nullptr;
    if (*at == '"') continue;
    const bool is_plain = !has_quote_inside && at == closing_quote + 1;
    add_field(opening_quote + 1, is_plain ? closing_quote : at);
    if (!is_plain) fields_to_close_up.push_back(field_count - 1);
    return at;
  }
}

void CsvScanner::Implementation::add_field(const char* begin, const char* end) {
  if (field_count == field_list.size()) [[unlikely]]
    grow_field_list();
  field_list[field_count++] = {begin, static_cast<std::size_t>(end - begin)};
}

void CsvScanner::Implementation::grow_field_list() {
  check_record_size(window + position[-1]);  // which of two limits is named does not depend on how the input is cut
  if (field_count == limits.max_fields) {
    throw Error(ErrorKind::too_large, "CSV record has more than " + std::to_string(limits.max_fields) + " fields",
                "The record begins on line " + std::to_string(next_line) + ".");
  }
  field_list.resize(std::min(field_list.size() * 2, limits.max_fields));
}

// Makes the delimiters of the next window that has any the current ones. False when the buffer has no more.
bool CsvScanner::Implementation::index_next_window() {
  do {
    if (window_end == data_end) return false;
    window = window_end;
    window_end += std::min(window_bytes, static_cast<std::size_t>(data_end - window));
    const std::string_view text(window, static_cast<std::size_t>(window_end - window));
    position = positions.get();
    positions_end = position + index_delimiters(text, positions.get());
  } while (position == positions_end);
  return true;
}

// Gets more bytes behind the unfinished record. False when there is none and no more input.
bool CsvScanner::Implementation::refill() {
  const auto unfinished = static_cast<std::size_t>(data_end - record_begin);
  if (input_ended) {
    if (unfinished == 0) return false;
    check_record_size(data_end - 1);
    throw Error(ErrorKind::invalid_csv, "CSV file ends inside a quoted field",
                "The quote opened on line " + std::to_string(opening_quote_line) + " is never closed.",
                "Close the quoted field, or double the quote if it is part of the text.");
  }
  if (unfinished > 0) check_record_size(data_end);
  move_to_front(unfinished);
  fill();
  if (is_first_fill) {
    is_first_fill = false;
    const std::string_view text(record_begin, static_cast<std::size_t>(data_end - record_begin));
    if (text.starts_with(byte_order_mark)) record_begin += byte_order_mark.size();
  }
  window_end = record_begin;
  position = positions_end;
  return true;
}

// Moves the unfinished record to the front of a buffer that has room for as much again: so scanning a long record from
// its beginning each time costs no more than twice its length.
void CsvScanner::Implementation::move_to_front(std::size_t unfinished) {
  if (const std::size_t wanted = std::max(least_buffer_bytes, 2 * unfinished); wanted > buffer_bytes) {
    // Behind the bytes that are wanted, what the last piece may bring too many.
    auto larger =
        std::make_unique_for_overwrite<char[]>(wanted + Utf8Cleaner::most_output(cleaned_bytes) + delimiter_padding);
    if (unfinished > 0) std::memcpy(larger.get(), record_begin, unfinished);
    buffer = std::move(larger);
    buffer_bytes = wanted;
  } else if (unfinished > 0) {
    std::memmove(buffer.get(), record_begin, unfinished);
  }
  record_begin = buffer.get();
  data_end = record_begin + unfinished;
}

// Appends cleaned bytes until the buffer is full or the input has ended.
void CsvScanner::Implementation::fill() {
  const char* const full = buffer.get() + buffer_bytes;
  while (data_end < full) {
    const std::string_view piece = next_piece();
    if (piece.empty()) {
      input_ended = true;
      data_end = cleaner.finish(data_end);
      *data_end++ = '\n';
      return;
    }
    data_end = cleaner.append(piece, data_end);
  }
}

std::string_view CsvScanner::Implementation::next_piece() {
  if (unread.empty()) unread = input.read();
  const std::string_view piece = unread.substr(0, cleaned_bytes);
  unread.remove_prefix(piece.size());
  return piece;
}

void CsvScanner::Implementation::fail_record_size() const {
  throw Error(ErrorKind::too_large, "CSV record is longer than " + std::to_string(limits.max_record_bytes) + " bytes",
              "The record begins on line " + std::to_string(next_line) + ".",
              "A quote that is opened and never closed makes a record this long: look for it on that line.");
}

CsvScanner::CsvScanner(ByteInput& input, const CsvLimits& limits)
    : implementation_(std::make_unique<Implementation>(input, limits)) {}

CsvScanner::~CsvScanner() = default;

bool CsvScanner::next() { return implementation_->next(); }

std::span<const std::string_view> CsvScanner::fields() const noexcept {
  return {implementation_->field_list.data(), implementation_->field_count};
}

std::uint64_t CsvScanner::line() const noexcept { return implementation_->record_line; }

std::uint64_t CsvScanner::replaced_sequences() const noexcept { return implementation_->cleaner.replaced_sequences(); }

std::uint64_t CsvScanner::removed_nuls() const noexcept { return implementation_->cleaner.removed_nuls(); }

}  // namespace koku
