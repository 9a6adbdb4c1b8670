#include "forms/memory_budget.hpp"

#include <boost/test/unit_test.hpp>

using namespace koku::intake;
using Growth = PayloadBuffer::Growth;

BOOST_AUTO_TEST_SUITE(memory_budget)

BOOST_AUTO_TEST_CASE(takes_to_the_limit_and_no_further) {
  Metrics metrics;
  MemoryBudget memory(100, &metrics);
  BOOST_TEST(memory.take(60));
  BOOST_TEST(!memory.take(41));
  BOOST_TEST(memory.take(40));
  BOOST_TEST(metrics.buffered_bytes == 100);
  memory.give_back(100);
  BOOST_TEST(memory.taken() == 0);
  BOOST_TEST(metrics.buffered_bytes == 0);
}

BOOST_AUTO_TEST_CASE(payload_grows_to_its_largest_size) {
  MemoryBudget memory(1 << 20);
  PayloadBuffer payload(memory, 10);
  BOOST_TEST((payload.append("12345") == Growth::done));
  BOOST_TEST((payload.append("67890") == Growth::done));
  BOOST_TEST((payload.append("1") == Growth::payload_too_large));
  BOOST_TEST(payload.bytes() == "1234567890");
}

BOOST_AUTO_TEST_CASE(expected_size_counts_at_once) {
  MemoryBudget memory(100);
  PayloadBuffer payload(memory, 80);
  BOOST_TEST((payload.expect(1000) == Growth::done));  // no more than the largest payload
  BOOST_TEST(memory.taken() == 80);
  PayloadBuffer second(memory, 80);
  BOOST_TEST((second.expect(30) == Growth::memory_short));
  BOOST_TEST((second.expect(20) == Growth::done));
  BOOST_TEST((second.append(std::string(21, 'x')) == Growth::memory_short));
}

BOOST_AUTO_TEST_CASE(memory_comes_back_with_the_end_of_the_payload) {
  MemoryBudget memory(1 << 20);
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
