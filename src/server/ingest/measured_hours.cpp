#include "server/ingest/measured_hours.hpp"

#include <algorithm>

#include "core/payload/archive.hpp"
#include "core/report/report_reader.hpp"
#include "server/backend/boundary.hpp"
#include "server/backend/settings.hpp"

namespace koku {

int MeasuredHours::of(ReportTypeId type, Day day) {
  if (!measured_) measure();
  measured_ = true;
  const auto found = hours_.find({type, day});
  return found == hours_.end() ? 0 : found->second;
}

void MeasuredHours::measure() {
  const std::unique_ptr<ByteSource> bytes = open_();
  ArchiveReader archive(*bytes, archive_limits(), check_interrupts);
  while (archive.next_member()) {
    if (!files_.contains(archive.ordinal())) continue;
    const MeasuredReport report = measure_report(archive, check_interrupts);
    if (report.type == nullptr) continue;
    for (const auto& [day, intervals] : report.intervals_per_day) {
      int& hours = hours_[{report.type->id, day}];
      hours = std::max(hours, intervals);
    }
  }
}

}  // namespace koku
