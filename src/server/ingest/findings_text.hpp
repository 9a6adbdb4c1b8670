// What a file's findings say to a person.
#pragma once

#include <string>

#include "core/report/report_reader.hpp"

namespace koku {

/// What was repaired or left out and strict mode refuses: unknown columns, dropped rows, replaced bytes, cut texts.
/// Empty when nothing.
std::string text_of_repairs(const ReportFindings& findings);

/// What is worth knowing besides: replaced numbers, suspicious texts. Empty when nothing.
std::string text_of_remarks(const ReportFindings& findings);

/// Both, joined by "; ".
std::string joined(const std::string& one, const std::string& two);

}  // namespace koku
