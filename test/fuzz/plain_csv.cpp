#include "plain_csv.hpp"

#include "core/base/utf8.hpp"

namespace koku::fuzz {

PlainCsv split_plainly(std::string_view text, const CsvLimits& limits) {
  enum class Place { field_start, plain, quoted, after_quotes };
  PlainCsv csv;
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  std::uint64_t line = 1;
  for (std::size_t at = 0; at < text.size();) {
    PlainRecord record{.line = line, .fields = {""}};
    Place place = Place::field_start;
    const std::size_t begin = at;
    bool is_blank = true;
    bool ended = false;
    for (; at < text.size() && !ended; ++at) {
      const char c = text[at];
      const bool is_line_end = c == '\n' || c == '\r';
      if (is_line_end && (c == '\r' || at == 0 || text[at - 1] != '\r' || at == begin)) ++line;
      if (place == Place::quoted) {
        is_blank = false;
        if (c != '"') {
          record.fields.back() += c;
        } else if (at + 1 < text.size() && text[at + 1] == '"') {
          record.fields.back() += c;
          ++at;
        } else {
          place = Place::after_quotes;
        }
      } else if (is_line_end) {
        ended = true;
      } else if (c == ',') {
        is_blank = false;
        place = Place::field_start;
        record.fields.emplace_back();
      } else if (c == '"' && place == Place::field_start) {
        is_blank = false;
        place = Place::quoted;
      } else {
        if (c != ' ' && c != '\t') is_blank = false;
        if (place == Place::field_start) place = Place::plain;
        record.fields.back() += c;
      }
    }
    const std::size_t length = at - begin - (ended ? 1 : 0);
    if (length > limits.max_record_bytes || record.fields.size() > limits.max_fields) {
      csv.error = ErrorKind::too_large;
      return csv;
    }
    if (place == Place::quoted) {
      csv.error = ErrorKind::invalid_csv;
      return csv;
    }
    if (ended && text[at - 1] == '\r' && at < text.size() && text[at] == '\n') ++at;
    if (!is_blank) csv.records.push_back(std::move(record));
  }
  return csv;
}

}  // namespace koku::fuzz
