#include "http/peer.hpp"

#include <algorithm>

#include "forms/header_value.hpp"

namespace koku::intake {

ProxyTrust::ProxyTrust(const std::vector<std::string>& networks) {
  for (const auto& network : networks) networks_.emplace_back(network);
}

bool ProxyTrust::trusts(const boost::asio::ip::address& address) const {
  return std::any_of(networks_.begin(), networks_.end(),
                     [&address](const AddressRange& network) { return network.contains(address); });
}

std::string ProxyTrust::peer(const boost::asio::ip::address& connected, std::string_view forwarded_for) const {
  auto peer = connected;
  while (trusts(peer) && !forwarded_for.empty()) {
    const auto comma = forwarded_for.rfind(',');
    const auto last = trim(comma == std::string_view::npos ? forwarded_for : forwarded_for.substr(comma + 1));
    forwarded_for = comma == std::string_view::npos ? std::string_view() : forwarded_for.substr(0, comma);
    boost::system::error_code error;
    const auto named = boost::asio::ip::make_address(std::string(last), error);
    if (error) break;
    peer = named;
  }
  return peer.to_string();
}

}  // namespace koku::intake
