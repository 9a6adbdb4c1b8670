#include "server/ingest/measured_hours.hpp"

#include <algorithm>

#include "core/payload/archive.hpp"
#include "server/backend/boundary.hpp"
#include "server/backend/settings.hpp"

namespace koku {

MeasuredDay MeasuredHours::of(ReportTypeId type, Day day) {
  if (!measured_) measure();
  measured_ = true;
  const auto found = days_.find({type, day});
  return found == days_.end() ? MeasuredDay{} : found->second;
}

void MeasuredHours::measure() {
  const std::unique_ptr<ByteSource> bytes = open_();
  ArchiveReader archive(*bytes, archive_limits(), check_interrupts);
  while (archive.next_member()) {
    if (!files_.contains(archive.ordinal())) continue;
    const MeasuredReport report = measure_report(archive, check_interrupts);
    if (report.type == nullptr) continue;
    for (const auto& [day, of_file] : report.days) {
      MeasuredDay& measured = days_[{report.type->id, day}];
      measured.intervals = std::max(measured.intervals, of_file.intervals);
      measured.hours |= of_file.hours;
    }
  }
}

}  // namespace koku
