// One GET with libcurl that connects to nothing but what a policy allows.
#pragma once

#include <curl/curl.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "kafka/download_policy.hpp"

namespace koku::intake {

/// Follows no redirect and uses no proxy, no cookies and no stored passwords. Used once, by one thread.
class GuardedTransfer {
 public:
  /// Both must outlive it. Throws std::bad_alloc.
  GuardedTransfer(const DownloadPolicy& policy, const AllowedUrl& url);
  GuardedTransfer(const GuardedTransfer&) = delete;
  GuardedTransfer& operator=(const GuardedTransfer&) = delete;

  template <class Value>
  void set(CURLoption option, Value value) {
    curl_easy_setopt(handle_.get(), option, value);
  }

  /// Takes the bytes of the answer as they come; false ends the transfer. What it throws passes through run().
  void on_bytes(std::function<bool(std::string_view)> take) { take_ = std::move(take); }
  /// Asked again and again; true ends the transfer.
  void on_wait(std::function<bool()> is_over) { is_over_ = std::move(is_over); }

  /// Why it failed; empty when an answer came, whatever its status.
  std::string run();

  /// Of the last run.
  CURLcode code() const { return code_; }
  bool was_address_refused() const { return !opened_socket_ && !refused_address_.empty(); }
  long status() const;
  /// The length that the answer announced; -1 when it did not.
  curl_off_t announced_length() const;
  /// Where the server points instead; empty when it does not.
  std::string redirect() const;

 private:
  struct Deleter {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  };

  // Called by libcurl; they must not throw.
  static curl_socket_t open_socket(void* self, curlsocktype, curl_sockaddr* target);
  static std::size_t receive(char* data, std::size_t size, std::size_t count, void* self);
  static int look(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t);

  const DownloadPolicy& policy_;
  const AllowedUrl& url_;
  std::unique_ptr<CURL, Deleter> handle_;
  std::function<bool(std::string_view)> take_;
  std::function<bool()> is_over_;
  std::exception_ptr thrown_;
  CURLcode code_ = CURLE_OK;
  std::string refused_address_;
  bool opened_socket_ = false;
  char error_[CURL_ERROR_SIZE] = "";
};

}  // namespace koku::intake
