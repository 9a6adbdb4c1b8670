#include "program/service_manager.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <string>

using namespace koku::intake;

BOOST_AUTO_TEST_SUITE(service_manager)

BOOST_AUTO_TEST_CASE(states_reach_the_socket) {
  const auto path = (std::filesystem::temp_directory_path() / ("koku-notify." + std::to_string(::getpid()))).string();
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  BOOST_REQUIRE(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);

  ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
  notify_service_manager("READY=1");
  std::array<char, 64> buffer{};
  const auto length = ::recv(socket, buffer.data(), buffer.size(), MSG_DONTWAIT);
  BOOST_TEST(std::string(buffer.data(), length > 0 ? static_cast<std::size_t>(length) : 0) == "READY=1");
  ::close(socket);
  std::filesystem::remove(path);

  notify_service_manager("nobody listens");
  ::unsetenv("NOTIFY_SOCKET");
  notify_service_manager("no manager");
}

BOOST_AUTO_TEST_CASE(watchdog) {
  ::unsetenv("WATCHDOG_USEC");
  BOOST_TEST(!watchdog_interval());
  ::setenv("WATCHDOG_USEC", "30000000", 1);
  BOOST_TEST(watchdog_interval()->count() == 15'000);
  for (const auto* text : {"", "x", "0", "10s"}) {
    ::setenv("WATCHDOG_USEC", text, 1);
    BOOST_TEST_CONTEXT(text) BOOST_TEST(!watchdog_interval());
  }
  ::unsetenv("WATCHDOG_USEC");
}

BOOST_AUTO_TEST_SUITE_END()
