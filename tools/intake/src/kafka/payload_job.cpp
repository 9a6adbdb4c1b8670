#include "kafka/payload_job.hpp"

#include <future>

namespace koku::intake {

JobResult PayloadJob::attempt() noexcept {
  try {
    if (!downloaded_) {
      auto result = download();
      if (!downloaded_) return result;
    }
    return submit();
  } catch (const std::exception& error) {
    return {JobResult::Kind::failed, error.what(), {}};
  }
}

void PayloadJob::forget_payload() {
  payload_ = std::make_shared<PayloadBuffer>(memory_, max_size_, "kafka");
  downloaded_ = false;
}

JobResult PayloadJob::download() {
  using Kind = DownloadOutcome::Kind;
  auto outcome = downloader_.download(announcement_.url, *payload_);
  switch (outcome.kind) {
    case Kind::done:
      downloaded_ = true;
      return {};
    case Kind::refused:
      return {JobResult::Kind::refused, std::move(outcome.message), {}};
    case Kind::failed:
      return {JobResult::Kind::failed, std::move(outcome.message), {}};
    case Kind::memory_short:
      return {JobResult::Kind::outage, std::move(outcome.message), {}};
    case Kind::interrupted:
      break;
  }
  return {JobResult::Kind::interrupted, {}, {}};
}

JobResult PayloadJob::submit() {
  using Kind = SubmitOutcome::Kind;
  std::promise<SubmitOutcome> promise;
  servers_.submit({payload_, announcement_.request_id, tenant_,
                   [&promise](SubmitOutcome outcome) { promise.set_value(std::move(outcome)); }});
  const auto outcome = promise.get_future().get();
  auto message = outcome.message;
  if (!outcome.sqlstate.empty()) message += " (" + outcome.sqlstate + ")";
  switch (outcome.kind) {
    case Kind::stored:
      return {JobResult::Kind::stored, {}, outcome.answer};
    case Kind::refused:
      // An administrator may still make the tenant.
      if (is_about_missing_tenant(outcome.sqlstate)) return {JobResult::Kind::failed, message, {}};
      return {JobResult::Kind::refused, message, {}};
    case Kind::postponed:
    case Kind::unavailable:
      break;
  }
  return {JobResult::Kind::outage, message, {}};
}

}  // namespace koku::intake
