#include "forms/memory_budget.hpp"

#include <boost/test/unit_test.hpp>

using namespace koku::intake;
using Growth = PayloadBuffer::Growth;

BOOST_AUTO_TEST_SUITE(memory_budget)

BOOST_AUTO_TEST_CASE(takes_to_the_limit_and_no_further) {
  Metrics metrics;
  MemoryBudget memory(100, &metrics, 100);
  BOOST_TEST(memory.take("a", 60));
  BOOST_TEST(!memory.take("a", 41));
  BOOST_TEST(memory.take("a", 40));
  BOOST_TEST(metrics.buffered_bytes == 100);
  memory.give_back("a", 100);
  BOOST_TEST(memory.taken() == 0U);
  BOOST_TEST(metrics.buffered_bytes == 0);
}

BOOST_AUTO_TEST_CASE(each_sender_leaves_something_for_the_next) {
  MemoryBudget memory(120, nullptr, 20);
  BOOST_TEST(memory.take("a", 60));  // one of two parts
  BOOST_TEST(!memory.take("a", 1));
  BOOST_TEST(memory.take("b", 40));  // one of three parts
  BOOST_TEST(!memory.take("b", 1));
  BOOST_TEST(memory.take("c", 20));  // one of four parts would be 30, but there are 20
  BOOST_TEST(!memory.take("c", 1));
  memory.give_back("a", 60);
  BOOST_TEST(memory.take("c", 20));  // again one of three parts
  BOOST_TEST(!memory.take("c", 1));
  // One payload of the largest size is always within the share.
  MemoryBudget small(40, nullptr, 30);
  BOOST_TEST(small.take("a", 30));
  BOOST_TEST(!small.take("b", 11));
}

BOOST_AUTO_TEST_CASE(payload_grows_to_its_largest_size) {
  MemoryBudget memory(4 << 20);
  PayloadBuffer payload(memory, 10);
  BOOST_TEST((payload.append("12345") == Growth::done));
  BOOST_TEST((payload.append("67890") == Growth::done));
  BOOST_TEST((payload.append("1") == Growth::payload_too_large));
  BOOST_TEST(payload.bytes() == "1234567890");
}

BOOST_AUTO_TEST_CASE(memory_is_taken_as_bytes_arrive_and_twice) {
  MemoryBudget memory(10 << 20, nullptr, 10 << 20);
  PayloadBuffer payload(memory, 4 << 20, "a");
  BOOST_TEST(memory.taken() == 0U);
  BOOST_TEST((payload.append(std::string(1000, 'x')) == Growth::done));
  BOOST_TEST(memory.taken() == 2U * 256 * 1024);
  BOOST_TEST((payload.append(std::string(3 << 20, 'y')) == Growth::done));
  BOOST_TEST(memory.taken() == 2U * (13 * 256 * 1024));
  BOOST_TEST(payload.bytes().size() == (3U << 20) + 1000);
  BOOST_TEST(payload.bytes().substr(998, 4) == "xxyy");
  PayloadBuffer second(memory, 4 << 20, "b");
  BOOST_TEST((second.append(std::string(2 << 20, 'z')) == Growth::memory_short));
}

BOOST_AUTO_TEST_CASE(memory_comes_back_with_the_end_of_the_payload) {
  MemoryBudget memory(4 << 20);
  {
    PayloadBuffer payload(memory, 1 << 20);
    BOOST_TEST((payload.append("abc") == Growth::done));
    BOOST_TEST(memory.taken() > 0);
    payload.clear();
    BOOST_TEST(payload.bytes().empty());
  }
  BOOST_TEST(memory.taken() == 0);
}

BOOST_AUTO_TEST_SUITE_END()
