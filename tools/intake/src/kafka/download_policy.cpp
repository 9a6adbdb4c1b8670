#include "kafka/download_policy.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "forms/header_value.hpp"
#include "observe/log.hpp"

namespace koku::intake {
namespace {

using boost::asio::ip::address;

struct CurlTextDeleter {
  void operator()(char* text) const { curl_free(text); }
};

/// A part of a URL; empty when the URL has none.
std::string url_part(CURLU* url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, flags) != CURLUE_OK) return {};
  const std::unique_ptr<char, CurlTextDeleter> owner(text);
  return text;
}

std::string normalized_host(std::string host) {
  host = to_lower(host);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  if (host.size() > 1 && host.back() == '.') host.pop_back();
  return host;
}

std::string default_port(std::string_view scheme) { return scheme == "https" ? "443" : "80"; }

/// The address itself for an IPv4 address mapped into IPv6 (::ffff:1.2.3.4).
address unmapped(const address& candidate) {
  if (candidate.is_v6() && candidate.to_v6().is_v4_mapped()) {
    return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, candidate.to_v6());
  }
  return candidate;
}

/// Addresses that no payload comes from unless somebody says so.
bool is_special(const address& candidate) {
  if (candidate.is_loopback() || candidate.is_multicast() || candidate.is_unspecified()) return true;
  if (candidate.is_v6()) return candidate.to_v6().is_link_local();
  const auto bytes = candidate.to_v4().to_bytes();
  return bytes[0] == 0 || bytes[0] == 127 || (bytes[0] == 169 && bytes[1] == 254) || bytes[0] >= 240;
}

template <class Bytes>
bool same_prefix(const Bytes& left, const Bytes& right, unsigned length) {
  for (std::size_t index = 0; index < left.size() && length > 0; ++index) {
    const unsigned bits = std::min(length, 8U);
    const auto mask = static_cast<std::uint8_t>(0xFF << (8 - bits));
    if ((left[index] & mask) != (right[index] & mask)) return false;
    length -= bits;
  }
  return true;
}

}  // namespace

std::string url_for_log(std::string_view url) {
  auto end = std::min(url.find_first_of("?#"), url.size());
  auto shown = std::string(url.substr(0, end));
  const auto scheme_end = shown.find("://");
  const auto authority = scheme_end == std::string::npos ? 0 : scheme_end + 3;
  const auto path = std::min(shown.find('/', authority), shown.size());
  const auto at = shown.rfind('@', path);
  if (at != std::string::npos && at >= authority) shown.erase(authority, at + 1 - authority);
  return excerpt(shown);
}

std::string origin_of(const std::string& url) {
  const auto scheme_end = url.find("://");
  if (scheme_end == std::string::npos) return url;
  return url.substr(0, url.find_first_of("/?#", scheme_end + 3));
}

AddressRange::AddressRange(std::string_view text) {
  const auto slash = text.find('/');
  boost::system::error_code error;
  base_ = boost::asio::ip::make_address(std::string(text.substr(0, slash)), error);
  if (error) throw std::invalid_argument("'" + std::string(text) + "' is no address or network");
  const unsigned longest = base_.is_v4() ? 32 : 128;
  prefix_length_ = longest;
  if (slash == std::string_view::npos) return;
  const auto digits = text.substr(slash + 1);
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix_length_);
  if (problem != std::errc() || end != digits.data() + digits.size() || prefix_length_ > longest) {
    throw std::invalid_argument("'" + std::string(text) + "' has no valid prefix length");
  }
}

bool AddressRange::contains(const address& candidate) const {
  const auto plain = unmapped(candidate);
  if (plain.is_v4() != base_.is_v4()) return false;
  if (plain.is_v4()) return same_prefix(plain.to_v4().to_bytes(), base_.to_v4().to_bytes(), prefix_length_);
  return same_prefix(plain.to_v6().to_bytes(), base_.to_v6().to_bytes(), prefix_length_);
}

DownloadPolicy::DownloadPolicy(const std::vector<std::string>& allowed_origins,
                               const std::vector<std::string>& networks) {
  for (const auto& text : allowed_origins) origins_.push_back(parse_origin(text));
  for (const auto& text : networks) networks_.emplace_back(text);
}

DownloadPolicy::Origin DownloadPolicy::parse_origin(const std::string& text) {
  const auto fail = [&text](const char* why) { return std::invalid_argument("'" + text + "' is no origin: " + why); };
  const auto scheme_end = text.find("://");
  if (scheme_end == std::string::npos) throw fail("expected https://host or http://host:port");
  Origin origin;
  origin.scheme = to_lower(text.substr(0, scheme_end));
  if (origin.scheme != "https" && origin.scheme != "http") throw fail("the scheme is neither https nor http");
  auto authority = text.substr(scheme_end + 3);
  if (authority.empty() || authority.find_first_of("/?#@ ") != std::string::npos) {
    throw fail("only a host and a port may follow the scheme");
  }
  const auto port = authority.find(':', authority.front() == '[' ? authority.find(']') : 0);
  origin.port = port == std::string::npos ? default_port(origin.scheme) : authority.substr(port + 1);
  if (origin.port.empty() || origin.port.find_first_not_of("0123456789") != std::string::npos) {
    throw fail("the port is not a number");
  }
  origin.host = normalized_host(authority.substr(0, port));
  origin.any_below = origin.host.starts_with("*.");
  if (origin.any_below) origin.host.erase(0, 1);
  if (origin.host.empty() || origin.host == "." || origin.host.find('*') != std::string::npos) {
    throw fail("'*' may only stand for the first names of a host, as in https://*.example.org");
  }
  return origin;
}

AllowedUrl DownloadPolicy::check_url(const std::string& url) const {
  AllowedUrl result;
  result.handle.reset(curl_url());
  if (!result.handle) throw std::bad_alloc();
  if (curl_url_set(result.handle.get(), CURLUPART_URL, url.c_str(), CURLU_DISALLOW_USER) != CURLUE_OK) {
    throw DownloadRefused("the URL " + url_for_log(url) + " is malformed or carries a user");
  }
  result.scheme = to_lower(url_part(result.handle.get(), CURLUPART_SCHEME));
  result.host = normalized_host(url_part(result.handle.get(), CURLUPART_HOST));
  result.port = url_part(result.handle.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
  const bool allowed = std::any_of(origins_.begin(), origins_.end(), [&result](const Origin& origin) {
    if (origin.scheme != result.scheme || origin.port != result.port) return false;
    if (!origin.any_below) return origin.host == result.host;
    return result.host.size() > origin.host.size() && result.host.ends_with(origin.host);
  });
  if (!allowed) throw DownloadRefused("the URL " + url_for_log(url) + " is not of an allowed origin");
  return result;
}

bool DownloadPolicy::allows_address(const std::string& host, const address& candidate) const {
  const auto plain = unmapped(candidate);
  if (!networks_.empty()) {
    return std::any_of(networks_.begin(), networks_.end(),
                       [&plain](const AddressRange& network) { return network.contains(plain); });
  }
  if (!is_special(plain)) return true;
  if (host == "localhost") return plain.is_loopback();
  boost::system::error_code error;
  const auto named = boost::asio::ip::make_address(host, error);
  return !error && unmapped(named) == plain;
}

}  // namespace koku::intake
