// Where the keys of an issuer come from: a file, or a URL that is asked again from time to time.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>

#include "kafka/download_policy.hpp"
#include "settings/configuration.hpp"
#include "tokens/key_set.hpp"

namespace koku::intake {

/// No keys can be had now. The text says why and is fit for the log.
class KeysUnavailable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Keys are fetched when they are needed, and again when they are older than jwt.refresh or a token names a key that is
/// not among them, but never more often than once in jwt.retry_pause, however many tokens ask. One thread at a time
/// fetches: others go on with the keys that are there, and wait a moment only where these are not enough. When the URL
/// cannot be reached, the keys that are there serve until jwt.keep has passed. Any thread may call any member.
class KeySource {
 public:
  using Keys = std::shared_ptr<const KeySet>;

  /// Reads jwt.jwks_file, if that is set. Throws ConfigurationError.
  explicit KeySource(const Configuration::Jwt& settings);

  /// Blocks while this call fetches them, at most jwt.timeout. Throws KeysUnavailable.
  Keys current();
  /// Keys that were fetched after those; the same when it is too early to ask again.
  Keys newer_than(const Keys& known);

 private:
  using Time = std::chrono::steady_clock::time_point;

  /// Fetches, unless it is too early; where another thread does, waits for it only when told so. Lets go of the lock
  /// meanwhile.
  void refresh(std::unique_lock<std::mutex>& lock, bool wait_for_others);
  Keys usable() const;

  Configuration::Jwt settings_;
  std::optional<DownloadPolicy> policy_;
  std::mutex mutex_;
  std::condition_variable fetched_by_another_;
  bool fetching_ = false;
  Keys keys_;
  Time fetched_{};
  std::optional<Time> attempted_;
  std::string last_reason_;
};

}  // namespace koku::intake
