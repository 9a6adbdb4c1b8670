// A fixed number of threads, and the results of what they did, collected by the thread that gave the work.
#pragma once

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <utility>

namespace koku::intake {

template <class Result>
class WorkPool {
 public:
  explicit WorkPool(unsigned threads) : threads_(threads) {}
  ~WorkPool() { threads_.join(); }
  WorkPool(const WorkPool&) = delete;
  WorkPool& operator=(const WorkPool&) = delete;

  /// work must not throw.
  void start(std::function<Result()> work) {
    ++running_;
    boost::asio::post(threads_, [this, work = std::move(work)] {
      auto result = work();
      const std::lock_guard lock(mutex_);
      results_.push_back(std::move(result));
    });
  }

  /// A result that is there, oldest first.
  std::optional<Result> take() {
    const std::lock_guard lock(mutex_);
    if (results_.empty()) return std::nullopt;
    auto result = std::move(results_.front());
    results_.pop_front();
    --running_;
    return result;
  }

  /// Work whose result was not taken yet. For the thread that starts and takes.
  std::size_t running() const { return running_; }

 private:
  std::mutex mutex_;
  std::deque<Result> results_;
  std::size_t running_ = 0;
  boost::asio::thread_pool threads_;  // last: its threads use what stands above
};

}  // namespace koku::intake
