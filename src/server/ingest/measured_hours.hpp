// The hours that the rows of a payload are of, where its window does not say (spec ingest.md 1.4) or is not to be
// relied upon (5).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "core/base/time.hpp"
#include "core/reading/payload_reader.hpp"
#include "core/report/report_reader.hpp"
#include "core/report/report_type.hpp"
#include "server/ingest/payload_source.hpp"

namespace koku {

/// What the files of a payload have of a day. The first question costs one more pass over it, for all files and days
/// at once.
class MeasuredHours {
 public:
  /// Both must outlive the object; `files` may be filled until the first question.
  MeasuredHours(const SourceOpener& open, const WantedFiles& files) : open_(open), files_(files) {}

  /// intervals: the most that one file has; hours: those of all files.
  MeasuredDay of(ReportTypeId type, Day day);

 private:
  void measure();

  const SourceOpener& open_;
  const WantedFiles& files_;
  bool measured_ = false;
  std::map<std::pair<ReportTypeId, Day>, MeasuredDay> days_;
};

}  // namespace koku
