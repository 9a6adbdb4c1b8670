// Has each report made on the server that has its tenant.
#pragma once

#include <deque>

#include "database/servers.hpp"
#include "report/report_maker.hpp"

namespace koku::intake {

class Reports {
 public:
  Reports(const Configuration& configuration, Servers& servers, Metrics& metrics);

  /// Returns at once; any thread may call it. Too many reports that wait already give 'unavailable'.
  void make(const ReportRequest& request, bool gzip, ReportMaker::Done done);

 private:
  Servers& servers_;
  std::deque<ReportMaker> makers_;
};

}  // namespace koku::intake
