#include "kafka/download_policy.hpp"

#include <boost/test/unit_test.hpp>

using namespace koku::intake;

namespace {

const DownloadPolicy& policy() {
  static const DownloadPolicy instance({"https://store.example.org", "http://minio:9000",
                                        "https://*.buckets.example.org", "http://10.1.2.3:8000", "https://[fd00::5]"},
                                       {});
  return instance;
}

bool allows(const DownloadPolicy& policy, const char* host, const char* address) {
  return policy.allows_address(host, boost::asio::ip::make_address(address));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(download_policy)

BOOST_AUTO_TEST_CASE(urls_of_allowed_origins) {
  for (const auto* url :
       {"https://store.example.org/a?signature=x", "https://store.example.org:443/a", "HTTPS://Store.Example.Org/a",
        "https://store.example.org./a", "http://minio:9000/bucket/a.tar.gz", "https://a.buckets.example.org/x",
        "https://a.b.buckets.example.org/x", "http://10.1.2.3:8000/x", "https://[fd00::5]/x",
        "https://[FD00:0::5]:443/x"}) {
    BOOST_TEST_CONTEXT(url) BOOST_CHECK_NO_THROW(policy().check_url(url));
  }
}

BOOST_AUTO_TEST_CASE(urls_of_others) {
  for (const auto* url : {"",
                          "store.example.org/a",
                          "//store.example.org/a",
                          "http://store.example.org/a",
                          "https://store.example.org:8443/a",
                          "https://store.example.org.evil.org/a",
                          "https://evilstore.example.org/a",
                          "https://evil.org/store.example.org",
                          "https://evil.org?https://store.example.org",
                          "https://evil.org#@store.example.org/",
                          "https://evil.org\\@store.example.org/a",
                          "https://store.example.org@evil.org/a",
                          "https://user:secret@store.example.org/a",
                          "https://user@store.example.org/a",
                          "https://buckets.example.org/x",
                          "https://.buckets.example.org/x",
                          "https://abuckets.example.org/x",
                          "http://minio/x",
                          "ftp://store.example.org/a",
                          "file:///etc/passwd",
                          "file://store.example.org/etc/passwd",
                          "gopher://minio:9000/x",
                          "http://10.1.2.4:8000/x",
                          "http://2130706433/x",
                          "http://0x7f.1:9000/x",
                          "https://store.example.org /a",
                          "javascript:alert(1)"}) {
    BOOST_TEST_CONTEXT(url) BOOST_CHECK_THROW(policy().check_url(url), DownloadRefused);
  }
}

BOOST_AUTO_TEST_CASE(another_spelling_of_an_allowed_address) {
  BOOST_CHECK_NO_THROW(policy().check_url("http://0x0a010203:8000/x"));
}

BOOST_AUTO_TEST_CASE(refusals_hold_no_secrets) {
  BOOST_CHECK_EXCEPTION(
      policy().check_url("https://evil.org/a?signature=hush"), DownloadRefused,
      [](const DownloadRefused& r) { return std::string(r.what()).find("hush") == std::string::npos; });
}

BOOST_AUTO_TEST_CASE(urls_in_the_log) {
  const struct {
    const char* url;
    const char* shown;
  } cases[] = {
      {"https://h/a/b?token=x#y", "https://h/a/b"},
      {"https://user:password@h/a", "https://h/a"},
      {"https://user:p@ss@h/a@b", "https://h/a@b"},
      {"user:password@h/a", "h/a"},
      {"https://h#x", "https://h"},
      {"", ""},
  };
  for (const auto& c : cases) {
    BOOST_TEST_CONTEXT(c.url) BOOST_TEST(url_for_log(c.url) == c.shown);
  }
  BOOST_TEST(url_for_log("https://h/" + std::string(1000, 'x')).size() < 300);
}

BOOST_AUTO_TEST_CASE(addresses_without_networks) {
  for (const auto* address : {"93.184.216.34", "10.0.0.1", "192.168.7.7", "2001:db8::1", "fd00::9"}) {
    BOOST_TEST_CONTEXT(address) BOOST_TEST(allows(policy(), "store.example.org", address));
  }
  for (const auto* address :
       {"127.0.0.1", "127.9.9.9", "0.0.0.0", "0.1.2.3", "169.254.169.254", "224.0.0.1", "255.255.255.255", "::1",
        "::", "fe80::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254"}) {
    BOOST_TEST_CONTEXT(address) BOOST_TEST(!allows(policy(), "store.example.org", address));
  }
}

BOOST_AUTO_TEST_CASE(addresses_that_were_named) {
  BOOST_TEST(allows(policy(), "127.0.0.1", "127.0.0.1"));
  BOOST_TEST(allows(policy(), "::1", "::1"));
  BOOST_TEST(!allows(policy(), "127.0.0.1", "127.0.0.2"));
  BOOST_TEST(allows(policy(), "localhost", "127.0.0.1"));
  BOOST_TEST(allows(policy(), "localhost", "::1"));
  BOOST_TEST(!allows(policy(), "localhost", "169.254.169.254"));
}

BOOST_AUTO_TEST_CASE(addresses_of_networks_only) {
  const DownloadPolicy narrow({"https://store.example.org"}, {"10.1.0.0/16", "127.0.0.0/30", "fd00::/7", "192.0.2.9"});
  for (const auto* address : {"10.1.0.0", "10.1.255.255", "127.0.0.3", "fdff::1", "::ffff:10.1.2.3", "192.0.2.9"}) {
    BOOST_TEST_CONTEXT(address) BOOST_TEST(allows(narrow, "store.example.org", address));
  }
  for (const auto* address : {"10.2.0.0", "127.0.0.4", "93.184.216.34", "2001:db8::1", "192.0.2.8"}) {
    BOOST_TEST_CONTEXT(address) BOOST_TEST(!allows(narrow, "store.example.org", address));
  }
  const DownloadPolicy everything({"https://store.example.org"}, {"0.0.0.0/0"});
  BOOST_TEST(allows(everything, "store.example.org", "169.254.169.254"));
  BOOST_TEST(!allows(everything, "store.example.org", "2001:db8::1"));
}

BOOST_AUTO_TEST_CASE(origins_that_are_none) {
  for (const auto* origin :
       {"", "store.example.org", "ftp://h", "https://", "https://h/path", "https://h?x", "https://user@h",
        "https://h:x", "https://h:", "https://*", "https://*.", "https://a.*.org", "https://a*.org"}) {
    BOOST_TEST_CONTEXT(origin) BOOST_CHECK_THROW(DownloadPolicy({origin}, {}), std::invalid_argument);
  }
  for (const auto* network : {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x", "10.0.0/8", "fd00::/129", "host"}) {
    BOOST_TEST_CONTEXT(network) BOOST_CHECK_THROW(DownloadPolicy({}, {network}), std::invalid_argument);
  }
}

BOOST_AUTO_TEST_SUITE_END()
