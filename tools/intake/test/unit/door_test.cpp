// Who gets through the door: addresses behind proxies, requests a minute, connections.
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/test/unit_test.hpp>
#include <list>

#include "http/http_connections.hpp"
#include "http/peer.hpp"
#include "http/rate_limit.hpp"

using namespace koku::intake;
using boost::asio::ip::make_address;

BOOST_AUTO_TEST_SUITE(door)

BOOST_AUTO_TEST_CASE(only_trusted_proxies_name_the_peer) {
  const ProxyTrust trust({"10.0.0.0/8"});
  BOOST_TEST(trust.peer(make_address("192.0.2.1"), "198.51.100.7") == "192.0.2.1");
  BOOST_TEST(trust.peer(make_address("10.1.1.1"), "198.51.100.7") == "198.51.100.7");
  // What stands before the last address that is no proxy's was written by that address.
  BOOST_TEST(trust.peer(make_address("10.1.1.1"), "203.0.113.9, 198.51.100.7 , 10.2.2.2") == "198.51.100.7");
  BOOST_TEST(trust.peer(make_address("10.1.1.1"), "") == "10.1.1.1");
  BOOST_TEST(trust.peer(make_address("10.1.1.1"), "unknown") == "10.1.1.1");
  BOOST_TEST(trust.peer(make_address("10.1.1.1"), "10.3.3.3") == "10.3.3.3");
  BOOST_TEST(ProxyTrust({}).peer(make_address("10.1.1.1"), "198.51.100.7") == "10.1.1.1");
}

BOOST_AUTO_TEST_CASE(requests_are_counted_for_a_minute) {
  RateLimit limit(2);
  const RateLimit::Time start{std::chrono::hours(1)};
  BOOST_TEST(limit.allows("a", start));
  BOOST_TEST(limit.allows("a", start));
  BOOST_TEST(!limit.allows("a", start + std::chrono::seconds(59)));
  BOOST_TEST(limit.allows("b", start + std::chrono::seconds(59)));
  BOOST_TEST(limit.allows("a", start + std::chrono::seconds(60)));
}

namespace {

struct Open {
  Open(boost::asio::io_context& io, HttpConnections& all, const char* address)
      : stream(boost::asio::ip::tcp::socket(io)), guard(all, stream, make_address(address)) {
    stream.socket().open(boost::asio::ip::tcp::v4());
  }
  bool is_closed() { return !stream.socket().is_open(); }
  boost::beast::tcp_stream stream;
  HttpConnections::Guard guard;
};

}  // namespace

BOOST_AUTO_TEST_CASE(who_has_not_said_anything_makes_room) {
  Metrics metrics;
  boost::asio::io_context io;
  HttpConnections all(metrics, {4, 2});
  std::list<Open> open;
  const auto add = [&](const char* address) {
    if (!all.admit(make_address(address), true)) return false;
    open.emplace_back(io, all, address);
    return true;
  };
  BOOST_TEST(add("192.0.2.1"));
  BOOST_TEST(add("192.0.2.1"));
  // The third of one address takes the place of its oldest.
  BOOST_TEST(add("192.0.2.1"));
  BOOST_TEST(open.front().is_closed());
  open.pop_front();
  for (auto& connection : open) connection.guard.set_busy(true);
  BOOST_TEST(!add("192.0.2.1"));
  BOOST_TEST(metrics.refused_connections.value("address") == 1U);
  // All four are taken: the next takes the place of one that is not busy.
  BOOST_TEST(add("192.0.2.2"));
  BOOST_TEST(add("192.0.2.3"));
  BOOST_TEST(all.has_room());
  BOOST_TEST(add("192.0.2.4"));
  BOOST_TEST(metrics.refused_connections.value("closed_for_another") == 2U);
  for (auto& connection : open) connection.guard.set_busy(true);
  BOOST_TEST(!all.has_room());
  BOOST_TEST(!add("192.0.2.5"));
  BOOST_TEST(metrics.refused_connections.value("all") == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
