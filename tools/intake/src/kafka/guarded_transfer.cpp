#include "kafka/guarded_transfer.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>

namespace koku::intake {
namespace {

using boost::asio::ip::address;

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

}  // namespace

GuardedTransfer::GuardedTransfer(const DownloadPolicy& policy, const AllowedUrl& url)
    : policy_(policy), url_(url), handle_(curl_easy_init()) {
  if (!handle_) throw std::bad_alloc();
  set(CURLOPT_CURLU, url_.handle.get());
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_PROXY, "");
  set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_USERAGENT, "koku-intake");
  set(CURLOPT_ERRORBUFFER, error_);
  set(CURLOPT_OPENSOCKETFUNCTION, &GuardedTransfer::open_socket);
  set(CURLOPT_OPENSOCKETDATA, this);
  set(CURLOPT_WRITEFUNCTION, &GuardedTransfer::receive);
  set(CURLOPT_WRITEDATA, this);
  set(CURLOPT_XFERINFOFUNCTION, &GuardedTransfer::look);
  set(CURLOPT_XFERINFODATA, this);
  set(CURLOPT_NOPROGRESS, 0L);
}

std::string GuardedTransfer::run() {
  code_ = curl_easy_perform(handle_.get());
  if (thrown_) std::rethrow_exception(thrown_);
  if (code_ == CURLE_OK) return {};
  if (was_address_refused()) return refused_address_;
  return error_[0] != '\0' ? error_ : curl_easy_strerror(code_);
}

long GuardedTransfer::status() const {
  long status = 0;
  curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
  return status;
}

curl_off_t GuardedTransfer::announced_length() const {
  curl_off_t length = -1;
  curl_easy_getinfo(handle_.get(), CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
  return length;
}

std::string GuardedTransfer::redirect() const {
  const char* target = nullptr;
  curl_easy_getinfo(handle_.get(), CURLINFO_REDIRECT_URL, &target);
  const auto answer = status();
  return answer >= 300 && answer < 400 && target != nullptr ? target : std::string();
}

curl_socket_t GuardedTransfer::open_socket(void* self, curlsocktype, curl_sockaddr* target) {
  auto& transfer = *static_cast<GuardedTransfer*>(self);
  try {
    const auto candidate = address_of(*target);
    if (!transfer.policy_.allows_address(transfer.url_.host, candidate)) {
      transfer.refused_address_ =
          "host " + transfer.url_.host + " has address " + candidate.to_string() + ", from which nothing is downloaded";
      return CURL_SOCKET_BAD;
    }
  } catch (...) {
    return CURL_SOCKET_BAD;
  }
  transfer.opened_socket_ = true;
  return ::socket(target->family, target->socktype | SOCK_CLOEXEC, target->protocol);
}

std::size_t GuardedTransfer::receive(char* data, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<GuardedTransfer*>(self);
  const auto length = size * count;
  try {
    return !transfer.take_ || transfer.take_({data, length}) ? length : 0;
  } catch (...) {
    transfer.thrown_ = std::current_exception();
    return 0;
  }
}

int GuardedTransfer::look(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  auto& transfer = *static_cast<GuardedTransfer*>(self);
  try {
    return transfer.is_over_ && transfer.is_over_() ? 1 : 0;
  } catch (...) {
    return 1;
  }
}

}  // namespace koku::intake
