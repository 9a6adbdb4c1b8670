#include "http/rate_limit.hpp"

namespace koku::intake {
namespace {

constexpr std::chrono::minutes window_length{1};
/// Of the table; somebody with more addresses than this is not stopped by counting them.
constexpr std::size_t most_windows = 100'000;

}  // namespace

bool RateLimit::allows(const std::string& who, Time now) {
  if (now - looked_ >= window_length) forget_old(now);
  const auto found = windows_.find(who);
  if (found == windows_.end() && windows_.size() >= most_windows) return true;
  auto& window = windows_[who];
  if (now - window.begin >= window_length) window = {now, 0};
  return ++window.count <= most_;
}

void RateLimit::forget_old(Time now) {
  looked_ = now;
  std::erase_if(windows_, [now](const auto& entry) { return now - entry.second.begin >= window_length; });
}

}  // namespace koku::intake
