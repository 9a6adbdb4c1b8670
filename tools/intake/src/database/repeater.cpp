#include "database/repeater.hpp"

#include <utility>

namespace koku::intake {

Repeater::Repeater(const Configuration::Database& database, Duration pause, Work work)
    : connection_(database), pause_(pause), work_(std::move(work)) {
  thread_ = std::thread([this] { repeat(); });
}

Repeater::~Repeater() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  connection_.interrupt();
  thread_.join();
}

void Repeater::repeat() {
  do {
    work_(connection_);
  } while (wait());
}

bool Repeater::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, pause_, [this] { return stopping_; });
  return !stopping_;
}

}  // namespace koku::intake
