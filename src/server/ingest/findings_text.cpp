#include "server/ingest/findings_text.hpp"

#include <cstdint>

namespace koku {
namespace {

void append_count(std::string& text, std::uint64_t count, const char* singular, const char* plural) {
  if (count == 0) return;
  if (!text.empty()) text += "; ";
  text += std::to_string(count) + " " + (count == 1 ? singular : plural);
}

/// ` in column a` or ` in columns a, b`.
void append_columns(std::string& text, const std::vector<std::string_view>& columns) {
  const char* separator = columns.size() == 1 ? " in column " : " in columns ";
  for (const std::string_view column : columns) {
    text.append(separator).append(column);
    separator = ", ";
  }
}

}  // namespace

std::string text_of_repairs(const ReportFindings& findings) {
  std::string text;
  if (findings.unknown_column_count > 0) {
    text = findings.unknown_column_count == 1 ? "unknown column ignored:" : "unknown columns ignored:";
    const char* separator = " ";
    for (const std::string& column : findings.unknown_columns) {
      text += separator + column;
      separator = ", ";
    }
    if (findings.unknown_column_count > findings.unknown_columns.size())
      text += " and " + std::to_string(findings.unknown_column_count - findings.unknown_columns.size()) + " more";
  }
  append_count(text, findings.rows_too_long, "row with too many fields dropped", "rows with too many fields dropped");
  append_count(text, findings.rows_without_interval, "row without a usable interval_start dropped",
               "rows without a usable interval_start dropped");
  append_count(text, findings.rows_over_bound, "row with a number over 1e18 dropped",
               "rows with a number over 1e18 dropped");
  append_count(text, findings.rows_expired, "row past the retention dropped", "rows past the retention dropped");
  append_count(text, findings.replaced_sequences, "invalid UTF-8 sequence replaced",
               "invalid UTF-8 sequences replaced");
  append_count(text, findings.removed_nuls, "NUL byte removed", "NUL bytes removed");
  append_count(text, findings.texts_cut, "over-long text cut", "over-long texts cut");
  append_columns(text, findings.cut_columns);
  append_count(text, findings.tag_keys_too_long, "label key over 512 characters not registered",
               "label keys over 512 characters not registered");
  append_count(text, findings.tag_keys_too_many, "label key not registered, because the payload has too many",
               "label keys not registered, because the payload has too many");
  return text;
}

std::string text_of_remarks(const ReportFindings& findings) {
  std::string text;
  append_count(text, findings.numbers_replaced, "unusable number replaced", "unusable numbers replaced");
  append_count(text, findings.suspicious_texts, "suspicious text", "suspicious texts");
  append_count(text, findings.rows_repeated, "row repeats a key and hour, and adds up",
               "rows repeat a key and hour, and add up");
  append_count(text, findings.rows_out_of_window, "row outside of the manifest's window",
               "rows outside of the manifest's window");
  return text;
}

std::string joined(const std::string& one, const std::string& two) {
  if (one.empty()) return two;
  return two.empty() ? one : one + "; " + two;
}

}  // namespace koku
