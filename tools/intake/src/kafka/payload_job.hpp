// The work that one announcement asks for: download, then submit.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "database/servers.hpp"
#include "forms/memory_budget.hpp"
#include "kafka/announcement.hpp"
#include "kafka/downloader.hpp"
#include "settings/tenant_map.hpp"

namespace koku::intake {

struct JobResult {
  enum class Kind {
    stored,      ///< committed in the inbox
    refused,     ///< this payload will never be taken
    failed,      ///< this attempt failed, another may not
    outage,      ///< the database or memory is short of help: says nothing about this payload
    interrupted  ///< the service drains
  };
  Kind kind = Kind::failed;
  std::string message;   ///< fit for the log
  std::string inbox_id;  ///< when stored
};

/// Attempts one after the other, on any thread. A payload that was downloaded is kept for the next attempt: its URL may
/// have a short life.
class PayloadJob {
 public:
  PayloadJob(Announcement announcement, std::optional<std::string> tenant, const Downloader& downloader,
             Servers& servers, MemoryBudget& memory, std::uint64_t max_size)
      : announcement_(std::move(announcement)),
        tenant_(std::move(tenant)),
        downloader_(downloader),
        servers_(servers),
        memory_(memory),
        max_size_(max_size) {
    forget_payload();
  }

  const Announcement& announcement() const { return announcement_; }
  const std::optional<std::string>& tenant() const { return tenant_; }

  /// Blocks until the attempt is over. Never throws.
  JobResult attempt() noexcept;

  /// Gives the memory of a payload back that waits for long; another attempt downloads it again. Not during an attempt.
  void forget_payload();

 private:
  JobResult download();
  JobResult submit();

  Announcement announcement_;
  std::optional<std::string> tenant_;
  const Downloader& downloader_;
  Servers& servers_;
  MemoryBudget& memory_;
  std::uint64_t max_size_;
  std::shared_ptr<PayloadBuffer> payload_;
  bool downloaded_ = false;
};

}  // namespace koku::intake
