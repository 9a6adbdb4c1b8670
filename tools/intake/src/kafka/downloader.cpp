#include "kafka/downloader.hpp"

#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>
#include <memory>
#include <optional>

#include "database/database.hpp"  // Clock

namespace koku::intake {
namespace {

using boost::asio::ip::address;
using Kind = DownloadOutcome::Kind;

struct EasyDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};

constexpr long slowest_bytes_per_second = 1024;
constexpr long slow_seconds = 30;

address address_of(const curl_sockaddr& target) {
  if (target.family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &target.addr, sizeof v4);
    return boost::asio::ip::address_v4(ntohl(v4.sin_addr.s_addr));
  }
  sockaddr_in6 v6{};
  std::memcpy(&v6, &target.addr, sizeof v6);
  boost::asio::ip::address_v6::bytes_type bytes;
  std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
  return boost::asio::ip::address_v6(bytes);
}

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

/// One request of a download: a redirect begins another one. Its callbacks are called by libcurl and must not throw.
class Downloader::Transfer {
 public:
  Transfer(const Downloader& downloader, const AllowedUrl& url, PayloadBuffer& payload)
      : downloader_(downloader), url_(url), payload_(payload), handle_(curl_easy_init()) {
    if (!handle_) throw std::bad_alloc();
  }

  /// redirect: set to where the server points instead of a payload.
  DownloadOutcome run(Duration timeout, std::string& redirect) {
    set_options(timeout);
    const auto code = curl_easy_perform(handle_.get());
    if (outcome_) return *outcome_;
    if (code == CURLE_FILESIZE_EXCEEDED) return too_large();
    if (code != CURLE_OK && !opened_socket_ && !refused_address_.empty()) return {Kind::refused, refused_address_};
    if (code != CURLE_OK) return {Kind::failed, error_[0] != '\0' ? error_ : curl_easy_strerror(code)};
    long status = 0;
    curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
    const char* target = nullptr;
    curl_easy_getinfo(handle_.get(), CURLINFO_REDIRECT_URL, &target);
    if (status >= 300 && status < 400 && target != nullptr) {
      redirect = target;
      return {Kind::done, {}};
    }
    const auto kind = kind_of_status(status);
    return {kind, kind == Kind::done ? std::string() : "the server answered with status " + std::to_string(status)};
  }

 private:
  template <class Value>
  void set(CURLoption option, Value value) {
    curl_easy_setopt(handle_.get(), option, value);
  }

  void set_options(Duration timeout) {
    const auto& settings = downloader_.settings_;
    set(CURLOPT_CURLU, url_.handle.get());
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_PROXY, "");
    set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_USERAGENT, "koku-intake");
    set(CURLOPT_ERRORBUFFER, error_);
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(settings.connect_timeout.count()));
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
    set(CURLOPT_LOW_SPEED_LIMIT, slowest_bytes_per_second);
    set(CURLOPT_LOW_SPEED_TIME, slow_seconds);
    set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(payload_.max_size()));
    if (!settings.ca_file.empty()) set(CURLOPT_CAINFO, settings.ca_file.c_str());
    set(CURLOPT_OPENSOCKETFUNCTION, &Transfer::open_socket);
    set(CURLOPT_OPENSOCKETDATA, this);
    set(CURLOPT_WRITEFUNCTION, &Transfer::receive);
    set(CURLOPT_WRITEDATA, this);
    set(CURLOPT_XFERINFOFUNCTION, &Transfer::go_on);
    set(CURLOPT_XFERINFODATA, this);
    set(CURLOPT_NOPROGRESS, 0L);
  }

  DownloadOutcome too_large() const {
    return {Kind::refused, "the payload is larger than " + std::to_string(payload_.max_size()) + " bytes"};
  }

  static curl_socket_t open_socket(void* self, curlsocktype, curl_sockaddr* target) {
    auto& transfer = *static_cast<Transfer*>(self);
    try {
      const auto candidate = address_of(*target);
      if (!transfer.downloader_.policy_.allows_address(transfer.url_.host, candidate)) {
        transfer.refused_address_ = "host " + transfer.url_.host + " has address " + candidate.to_string() +
                                    ", from which nothing is downloaded";
        return CURL_SOCKET_BAD;
      }
    } catch (...) {
      return CURL_SOCKET_BAD;
    }
    transfer.opened_socket_ = true;
    return ::socket(target->family, target->socktype | SOCK_CLOEXEC, target->protocol);
  }

  static std::size_t receive(char* data, std::size_t size, std::size_t count, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    const auto length = size * count;
    try {
      return transfer.take({data, length}) ? length : 0;
    } catch (...) {
      transfer.outcome_ = DownloadOutcome{Kind::memory_short, "out of memory"};
      return 0;
    }
  }

  bool take(std::string_view bytes) {
    long status = 0;
    curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
    if (status < 200 || status >= 300) return true;  // the text of an error page
    if (payload_.bytes().empty()) {
      curl_off_t length = -1;
      curl_easy_getinfo(handle_.get(), CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
      if (length > 0 && !grown(payload_.expect(static_cast<std::uint64_t>(length)))) return false;
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

  static int go_on(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    auto& transfer = *static_cast<Transfer*>(self);
    if (!transfer.downloader_.interrupted_) return 0;
    transfer.outcome_ = DownloadOutcome{Kind::interrupted, {}};
    return 1;
  }

  const Downloader& downloader_;
  const AllowedUrl& url_;
  PayloadBuffer& payload_;
  std::unique_ptr<CURL, EasyDeleter> handle_;
  std::optional<DownloadOutcome> outcome_;  ///< when a callback ended the transfer
  std::string refused_address_;
  bool opened_socket_ = false;
  char error_[CURL_ERROR_SIZE] = "";
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
      const auto outcome = Transfer(*this, allowed, payload).run(left, redirect);
      if (outcome.kind != Kind::done || redirect.empty()) return outcome;
    } catch (const DownloadRefused& refused) {
      return {Kind::refused, refused.what()};
    }
    next = redirect;
  }
  return {Kind::refused, "the server redirects more than " + std::to_string(settings_.max_redirects) + " times"};
}

}  // namespace koku::intake
