#include "kafka/downloader.hpp"

#include <curl/curl.h>

#include <optional>

#include "database/database.hpp"  // Clock
#include "kafka/guarded_transfer.hpp"

namespace koku::intake {
namespace {

using Kind = DownloadOutcome::Kind;

constexpr long slowest_bytes_per_second = 1024;
constexpr long slow_seconds = 30;

Kind kind_of_status(long status) {
  if (status >= 200 && status < 300) return Kind::done;
  const bool passes = status == 408 || status == 425 || status == 429;
  return status >= 400 && status < 500 && !passes ? Kind::refused : Kind::failed;
}

std::string_view name(Kind kind) {
  switch (kind) {
    case Kind::done:
      return "done";
    case Kind::refused:
      return "refused";
    case Kind::failed:
      return "failed";
    case Kind::memory_short:
      return "memory_short";
    case Kind::interrupted:
      return "interrupted";
  }
  return "failed";
}

}  // namespace

/// One request of a download: a redirect begins another one.
class Downloader::Transfer {
 public:
  Transfer(const Downloader& downloader, const AllowedUrl& url, PayloadBuffer& payload)
      : downloader_(downloader), payload_(payload), transfer_(downloader.policy_, url) {
    transfer_.on_bytes([this](std::string_view bytes) { return take(bytes); });
    transfer_.on_wait([this] { return is_interrupted(); });
  }

  /// redirect: set to where the server points instead of a payload.
  DownloadOutcome run(Duration timeout, std::string& redirect) {
    const auto& settings = downloader_.settings_;
    transfer_.set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(settings.connect_timeout.count()));
    transfer_.set(CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
    transfer_.set(CURLOPT_LOW_SPEED_LIMIT, slowest_bytes_per_second);
    transfer_.set(CURLOPT_LOW_SPEED_TIME, slow_seconds);
    transfer_.set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(payload_.max_size()));
    if (!settings.ca_file.empty()) transfer_.set(CURLOPT_CAINFO, settings.ca_file.c_str());
    const auto problem = perform();
    if (outcome_) return *outcome_;
    if (transfer_.code() == CURLE_FILESIZE_EXCEEDED) return too_large();
    if (!problem.empty()) return {transfer_.was_address_refused() ? Kind::refused : Kind::failed, problem};
    redirect = transfer_.redirect();
    if (!redirect.empty()) return {Kind::done, {}};
    const auto status = transfer_.status();
    const auto kind = kind_of_status(status);
    return {kind, kind == Kind::done ? std::string() : "the server answered with status " + std::to_string(status)};
  }

 private:
  std::string perform() {
    try {
      return transfer_.run();
    } catch (const std::bad_alloc&) {
      outcome_ = DownloadOutcome{Kind::memory_short, "out of memory"};
      return {};
    }
  }

  DownloadOutcome too_large() const {
    return {Kind::refused, "the payload is larger than " + std::to_string(payload_.max_size()) + " bytes"};
  }

  bool take(std::string_view bytes) {
    const auto status = transfer_.status();
    if (status < 200 || status >= 300) return true;  // the text of an error page
    if (transfer_.announced_length() > static_cast<curl_off_t>(payload_.max_size())) {
      outcome_ = too_large();
      return false;
    }
    downloader_.metrics_.download_bytes += bytes.size();
    return grown(payload_.append(bytes));
  }

  bool grown(PayloadBuffer::Growth growth) {
    if (growth == PayloadBuffer::Growth::payload_too_large) outcome_ = too_large();
    if (growth == PayloadBuffer::Growth::memory_short) {
      outcome_ = DownloadOutcome{Kind::memory_short, "other payloads fill the memory"};
    }
    return growth == PayloadBuffer::Growth::done;
  }

  bool is_interrupted() {
    if (!downloader_.interrupted_) return false;
    outcome_ = DownloadOutcome{Kind::interrupted, {}};
    return true;
  }

  const Downloader& downloader_;
  PayloadBuffer& payload_;
  GuardedTransfer transfer_;
  std::optional<DownloadOutcome> outcome_;  ///< when a callback ended the transfer
};

Downloader::Downloader(const Configuration::Download& settings, Metrics& metrics)
    : settings_(settings), policy_(settings.allow, settings.networks), metrics_(metrics) {}

DownloadOutcome Downloader::download(const std::string& url, PayloadBuffer& payload) const {
  auto outcome = download_following(url, payload);
  if (outcome.kind == Kind::done && !payload.bytes().starts_with("\x1f\x8b")) {
    outcome = {Kind::refused, "what was downloaded is not compressed with gzip"};
  }
  metrics_.downloads.add(name(outcome.kind));
  return outcome;
}

DownloadOutcome Downloader::download_following(const std::string& url, PayloadBuffer& payload) const {
  const auto deadline = Clock::now() + settings_.timeout;
  std::string next = url;
  for (unsigned redirects = 0; redirects <= settings_.max_redirects; ++redirects) {
    if (interrupted_) return {Kind::interrupted, {}};
    const auto left = std::chrono::duration_cast<Duration>(deadline - Clock::now());
    if (left <= Duration::zero()) return {Kind::failed, "the download took too long"};
    payload.clear();
    std::string redirect;
    try {
      const auto allowed = policy_.check_url(next);
      auto outcome = Transfer(*this, allowed, payload).run(left, redirect);
      if (outcome.kind != Kind::done || redirect.empty()) return outcome;
    } catch (const DownloadRefused& refused) {
      return {Kind::refused, refused.what()};
    }
    next = redirect;
  }
  return {Kind::refused, "the server redirects more than " + std::to_string(settings_.max_redirects) + " times"};
}

}  // namespace koku::intake
