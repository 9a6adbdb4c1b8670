// Hours of days about which a manifest's window says nothing (spec ingest.md 1.4).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "core/base/time.hpp"
#include "core/reading/payload_reader.hpp"
#include "core/report/report_type.hpp"
#include "server/ingest/payload_source.hpp"

namespace koku {

/// The most distinct intervals that a day has in one file of the payload. The first question costs one more pass over
/// it, for all files and days at once.
class MeasuredHours {
 public:
  /// Both must outlive the object; `files` may be filled until the first question.
  MeasuredHours(const SourceOpener& open, const WantedFiles& files) : open_(open), files_(files) {}

  int of(ReportTypeId type, Day day);

 private:
  void measure();

  const SourceOpener& open_;
  const WantedFiles& files_;
  bool measured_ = false;
  std::map<std::pair<ReportTypeId, Day>, int> hours_;
};

}  // namespace koku
