#include "report/reports.hpp"

namespace koku::intake {
namespace {

ReportOutcome outcome_without_server(const SubmitOutcome& problem) {
  ReportOutcome outcome;
  const bool is_refused = problem.kind == SubmitOutcome::Kind::refused;
  outcome.kind = is_refused ? ReportOutcome::Kind::refused : ReportOutcome::Kind::unavailable;
  outcome.sqlstate = problem.sqlstate;
  outcome.message = problem.message;
  outcome.hint = problem.hint;
  return outcome;
}

}  // namespace

Reports::Reports(const Configuration& configuration, Servers& servers, Metrics& metrics) : servers_(servers) {
  for (const auto& server : configuration.servers) makers_.emplace_back(configuration.report, server.report, metrics);
}

void Reports::make(const ReportRequest& request, bool gzip, ReportMaker::Done done) {
  servers_.places().work<ReportOutcome>(request.tenant, {[this, request, gzip](std::size_t server, auto attempted) {
                                                           if (makers_[server].make(request, gzip, attempted)) return;
                                                           ReportOutcome none;
                                                           none.message = "too many reports are asked for";
                                                           attempted(none);
                                                         },
                                                         outcome_without_server, std::move(done)});
}

}  // namespace koku::intake
