// Fetches the payload that an announcement names.
#pragma once

#include <atomic>
#include <string>

#include "forms/memory_budget.hpp"
#include "kafka/download_policy.hpp"
#include "observe/metrics.hpp"
#include "settings/configuration.hpp"

namespace koku::intake {

struct DownloadOutcome {
  enum class Kind {
    done,          ///< the payload is complete
    refused,       ///< another attempt would end the same: not allowed, too large, gone (4xx)
    failed,        ///< may go better later: network, timeout, 5xx
    memory_short,  ///< other payloads fill the memory; says nothing about this one
    interrupted    ///< the service drains
  };
  Kind kind = Kind::failed;
  std::string message;  ///< fit for the log
};

/// One object serves any number of threads.
class Downloader {
 public:
  Downloader(const Configuration::Download& settings, Metrics& metrics);

  /// Replaces the payload's bytes by those of the URL. Follows redirects to allowed origins only, keeps to the size of
  /// the payload and the time of the settings, and uses no proxy, no cookies and no stored passwords.
  DownloadOutcome download(const std::string& url, PayloadBuffer& payload) const;

  /// Ends the downloads that run, and refuses new ones.
  void interrupt() { interrupted_ = true; }

 private:
  class Transfer;
  DownloadOutcome download_following(const std::string& url, PayloadBuffer& payload) const;

  Configuration::Download settings_;
  DownloadPolicy policy_;
  Metrics& metrics_;
  std::atomic<bool> interrupted_{false};
};

}  // namespace koku::intake
