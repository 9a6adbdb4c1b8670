// Where payloads may be downloaded from. An announcement names a URL; nothing else than what the administrator allowed
// is ever connected to, whatever that URL, a redirect or the name service says.
#pragma once

#include <curl/curl.h>

#include <boost/asio/ip/address.hpp>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace koku::intake {

/// A URL or an address that is not allowed. The text says why and is fit for the log: it holds no query and no
/// password.
class DownloadRefused : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct UrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

/// A URL that the policy allows, taken apart by the library that downloads it.
struct AllowedUrl {
  std::unique_ptr<CURLU, UrlDeleter> handle;
  std::string scheme;
  std::string host;  ///< in lower case, without brackets and final dot
  std::string port;
};

/// The URL without user, query and fragment, cut short: these may hold secrets (signed URLs).
std::string url_for_log(std::string_view url);

/// 'https://host:port' of a URL, as DownloadPolicy takes it; the URL itself when it cannot be taken apart.
std::string origin_of(const std::string& url);

/// A range of addresses: '10.0.0.0/8', 'fd00::/8', or one address.
class AddressRange {
 public:
  /// Throws std::invalid_argument.
  explicit AddressRange(std::string_view text);
  bool contains(const boost::asio::ip::address& candidate) const;

 private:
  boost::asio::ip::address base_;
  unsigned prefix_length_ = 0;
};

class DownloadPolicy {
 public:
  /// allowed_origins: 'https://host', 'https://host:9000', 'http://10.1.2.3:9000', 'https://*.example.org' (any name
  /// below it). networks: when not empty, the only addresses that are connected to. Throws std::invalid_argument.
  DownloadPolicy(const std::vector<std::string>& allowed_origins, const std::vector<std::string>& networks);

  /// Throws DownloadRefused for a URL whose scheme, host and port are not those of an allowed origin, and for one that
  /// carries a user or a password.
  AllowedUrl check_url(const std::string& url) const;

  /// Whether the address that the host's name stands for may be connected to. Without networks, addresses of this
  /// machine, link-local ones (where clouds keep credentials) and multicast are left out, unless an allowed origin
  /// names that very address, or 'localhost'.
  bool allows_address(const std::string& host, const boost::asio::ip::address& candidate) const;

 private:
  struct Origin {
    std::string scheme;
    std::string host;  ///< without '*' when it is a pattern: '.example.org'
    std::string port;
    bool any_below = false;
  };
  static Origin parse_origin(const std::string& text);

  std::vector<Origin> origins_;
  std::vector<AddressRange> networks_;
};

}  // namespace koku::intake
