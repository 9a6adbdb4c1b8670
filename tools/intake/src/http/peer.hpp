// Who is at the other end, with or without proxies in between.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "kafka/download_policy.hpp"

namespace koku::intake {

class ProxyTrust {
 public:
  /// Networks of proxies, e.g. '10.128.0.0/14'. Throws std::invalid_argument.
  explicit ProxyTrust(const std::vector<std::string>& networks);

  bool trusts(const boost::asio::ip::address& address) const;

  /// The address that a request comes from: that of the connection, or, when a trusted proxy made it, the last address
  /// of X-Forwarded-For that is no trusted proxy's. What a stranger writes into the header has no effect.
  std::string peer(const boost::asio::ip::address& connected, std::string_view forwarded_for) const;

 private:
  std::vector<AddressRange> networks_;
};

}  // namespace koku::intake
