#include "http/http_connections.hpp"

#include <algorithm>
#include <map>

namespace koku::intake {

using boost::asio::ip::address;

std::size_t HttpConnections::open() const {
  return static_cast<std::size_t>(
      std::count_if(entries_.begin(), entries_.end(), [](const Entry& entry) { return !entry.closing; }));
}

std::size_t HttpConnections::open_from(const address& address) const {
  return static_cast<std::size_t>(std::count_if(entries_.begin(), entries_.end(), [&address](const Entry& entry) {
    return !entry.closing && entry.address == address;
  }));
}

bool HttpConnections::has_room() const {
  if (open() < limits_.most) return true;
  return std::any_of(entries_.begin(), entries_.end(),
                     [](const Entry& entry) { return !entry.closing && !entry.busy; });
}

bool HttpConnections::admit(const address& address, bool limited) {
  if (limited && limits_.most_per_address > 0 && open_from(address) >= limits_.most_per_address &&
      !close_one_of(address)) {
    metrics_.refused_connections.add("address");
    return false;
  }
  if (open() >= limits_.most && !close_one()) {
    metrics_.refused_connections.add("all");
    return false;
  }
  return true;
}

bool HttpConnections::close_one_of(const address& address) {
  const auto oldest = std::find_if(entries_.begin(), entries_.end(), [&address](const Entry& entry) {
    return !entry.closing && !entry.busy && entry.address == address;
  });
  if (oldest == entries_.end()) return false;
  oldest->closing = true;
  oldest->stream->close();
  metrics_.refused_connections.add("closed_for_another");
  return true;
}

bool HttpConnections::close_one() {
  std::map<address, std::size_t> counts;
  for (const auto& entry : entries_) {
    if (!entry.closing && !entry.busy) ++counts[entry.address];
  }
  const auto most = std::max_element(counts.begin(), counts.end(),
                                     [](const auto& left, const auto& right) { return left.second < right.second; });
  return most != counts.end() && close_one_of(most->first);
}

}  // namespace koku::intake
