#include "tokens/key_source.hpp"

#include <curl/curl.h>

#include <fstream>
#include <sstream>

#include "kafka/guarded_transfer.hpp"
#include "observe/log.hpp"

namespace koku::intake {
namespace {

constexpr std::size_t largest_document = 256 * 1024;
constexpr std::chrono::milliseconds longest_wait{300};  // a fetch that goes well takes less

using Clock = std::chrono::steady_clock;

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream content;
  content << file.rdbuf();
  if (!file) throw ConfigurationError("jwt.jwks_file: " + path + " cannot be read");
  if (content.str().size() > largest_document) throw ConfigurationError("jwt.jwks_file: " + path + " is too large");
  return content.str();
}

/// The answer to one GET; no redirect is followed.
std::string get(const AllowedUrl& url, const DownloadPolicy& policy, const Configuration::Jwt& settings) {
  GuardedTransfer transfer(policy, url);
  transfer.set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(settings.timeout.count()));
  transfer.set(CURLOPT_TIMEOUT_MS, static_cast<long>(settings.timeout.count()));
  if (!settings.ca_file.empty()) transfer.set(CURLOPT_CAINFO, settings.ca_file.c_str());
  std::string document;
  transfer.on_bytes([&document](std::string_view bytes) {
    if (document.size() + bytes.size() > largest_document) throw KeysUnavailable("the answer is too large");
    document.append(bytes);
    return true;
  });
  if (const auto problem = transfer.run(); !problem.empty()) throw KeysUnavailable(problem);
  if (transfer.status() != 200) {
    throw KeysUnavailable("the server answered with status " + std::to_string(transfer.status()));
  }
  return document;
}

}  // namespace

KeySource::KeySource(const Configuration::Jwt& settings) : settings_(settings) {
  if (settings_.jwks_url.empty()) {
    try {
      keys_ = std::make_shared<const KeySet>(KeySet::parse(read_file(settings_.jwks_file)));
    } catch (const MalformedKeySet& problem) {
      throw ConfigurationError("jwt.jwks_file: " + settings_.jwks_file + ": " + problem.what());
    }
    return;
  }
  try {
    policy_.emplace(settings_.allow, settings_.networks);
    policy_->check_url(settings_.jwks_url);
  } catch (const std::exception& problem) {
    throw ConfigurationError(std::string("jwt.jwks_url: ") + problem.what());
  }
}

KeySource::Keys KeySource::current() {
  std::unique_lock lock(mutex_);
  if (policy_ && (!keys_ || Clock::now() >= fetched_ + settings_.refresh)) refresh(lock, keys_ == nullptr);
  return usable();
}

KeySource::Keys KeySource::newer_than(const Keys& known) {
  std::unique_lock lock(mutex_);
  if (policy_ && keys_ == known) refresh(lock, true);
  return usable();
}

KeySource::Keys KeySource::usable() const {
  const bool too_old = policy_ && Clock::now() >= fetched_ + settings_.keep;
  if (!keys_ || too_old) throw KeysUnavailable("the keys of the issuer cannot be had: " + last_reason_);
  return keys_;
}

void KeySource::refresh(std::unique_lock<std::mutex>& lock, bool wait_for_others) {
  if (fetching_) {
    if (wait_for_others) fetched_by_another_.wait_for(lock, longest_wait, [this] { return !fetching_; });
    return;
  }
  const auto now = Clock::now();
  if (attempted_ && now < *attempted_ + settings_.retry_pause) return;
  attempted_ = now;
  fetching_ = true;
  lock.unlock();
  Keys keys;
  std::string reason;
  try {
    keys =
        std::make_shared<const KeySet>(KeySet::parse(get(policy_->check_url(settings_.jwks_url), *policy_, settings_)));
    log(LogLevel::info, "fetched the keys of the issuer", {{"url", url_for_log(settings_.jwks_url)}});
  } catch (const std::exception& problem) {
    reason = problem.what();
    log(LogLevel::warning, "the keys of the issuer cannot be fetched",
        {{"url", url_for_log(settings_.jwks_url)}, {"reason", reason}});
  }
  lock.lock();
  fetching_ = false;
  last_reason_ = reason;
  if (keys) {
    keys_ = std::move(keys);
    fetched_ = Clock::now();
  }
  fetched_by_another_.notify_all();
}

}  // namespace koku::intake
