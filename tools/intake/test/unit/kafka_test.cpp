#include <boost/test/unit_test.hpp>

#include "kafka/kafka_clients.hpp"
#include "kafka/partition_state.hpp"

using namespace koku::intake;

namespace {

Configuration::Kafka kafka_settings() {
  Configuration::Kafka settings;
  settings.brokers = "k:9092";
  settings.group = "g";
  settings.properties = {{"security.protocol", "PLAINTEXT"},
                         {"session.timeout.ms", "10000"},
                         {"acks", "1"},
                         {"auto.offset.reset", "latest"}};
  return settings;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(kafka)

BOOST_AUTO_TEST_CASE(consumer_commits_only_what_is_done) {
  const auto properties = consumer_properties(kafka_settings());
  BOOST_TEST(properties.at("enable.auto.commit") == "false");
  BOOST_TEST(properties.at("group.id") == "g");
  BOOST_TEST(properties.at("bootstrap.servers") == "k:9092");
  BOOST_TEST(properties.at("security.protocol") == "PLAINTEXT");
  BOOST_TEST(properties.at("auto.offset.reset") == "latest");  // the administrator's over ours
  BOOST_TEST(!properties.contains("acks"));
  BOOST_CHECK_NO_THROW(make_kafka_conf(properties));
}

BOOST_AUTO_TEST_CASE(producer_has_no_properties_of_consumers) {
  const auto properties = producer_properties(kafka_settings());
  BOOST_TEST(properties.at("acks") == "1");
  BOOST_TEST(!properties.contains("session.timeout.ms"));
  BOOST_TEST(!properties.contains("group.id"));
  BOOST_CHECK_NO_THROW(make_kafka_conf(properties));
}

BOOST_AUTO_TEST_CASE(wrong_properties_are_named_without_their_value) {
  for (const auto* name : {"sasl.mechanism.x", "session.timeout.ms"}) {
    BOOST_CHECK_EXCEPTION(make_kafka_conf({{name, "hush"}}), ConfigurationError,
                          [name](const ConfigurationError& error) {
                            const std::string text = error.what();
                            return text.find(name) != std::string::npos && text.find("hush") == std::string::npos;
                          });
  }
}

BOOST_AUTO_TEST_CASE(messages_of_others_are_dealt_with_when_none_of_ours_waits) {
  PartitionState state;
  state.skip_passed_over();
  BOOST_TEST(!state.commit_is_due);  // nothing was seen
  BOOST_TEST(state.last_offset() == -1);
  state.messages.push_back({7, nullptr, "a", {}});
  state.passed_over = 9;
  state.skip_passed_over();
  BOOST_TEST(state.position == -1);  // 7 is not done
  BOOST_TEST(state.last_offset() == 9);
  state.position = 8;
  state.next_message();
  state.skip_passed_over();
  BOOST_TEST(state.position == 10);
  BOOST_TEST(state.commit_is_due);
}

BOOST_AUTO_TEST_CASE(pauses_double_up_to_the_longest) {
  const auto pause = [](unsigned pauses) { return backoff(pauses, Duration(100), Duration(1000)).count(); };
  BOOST_TEST(pause(0) == 100);
  BOOST_TEST(pause(1) == 200);
  BOOST_TEST(pause(3) == 800);
  BOOST_TEST(pause(4) == 1000);
  BOOST_TEST(pause(4'000'000'000U) == 1000);
  BOOST_TEST(backoff(0, Duration(100), Duration(50)).count() == 50);
}

BOOST_AUTO_TEST_SUITE_END()
