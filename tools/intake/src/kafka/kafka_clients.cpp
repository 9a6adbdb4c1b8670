#include "kafka/kafka_clients.hpp"

#include <array>

#include "observe/log.hpp"

namespace koku::intake {
namespace {

using Properties = std::map<std::string, std::string>;

/// Levels of syslog: 3 error, 4 warning, 5 and 6 information, 7 debug.
LogLevel level_of(int syslog_level) {
  if (syslog_level <= 3) return LogLevel::error;
  if (syslog_level == 4) return LogLevel::warning;
  return syslog_level <= 6 ? LogLevel::info : LogLevel::debug;
}

void receive_log(const rd_kafka_t*, int level, const char* facility, const char* text) {
  log(level_of(level), "librdkafka", {{"facility", facility}, {"text", excerpt(text, 1000)}});
}

Properties with_connection(const Configuration::Kafka& settings, Properties properties) {
  for (const auto& [name, value] : settings.properties) properties[name] = value;
  properties["bootstrap.servers"] = settings.brokers;
  if (!settings.password_file.empty()) properties["sasl.password"] = read_secret(settings.password_file);
  return properties;
}

/// What only one of the two clients knows; librdkafka warns about these in the other.
bool is_for_producer(const std::string& name) {
  return name == "acks" || name == "request.required.acks" || name.starts_with("queue.buffering.") ||
         name == "linger.ms" || name.starts_with("message.send.") || name == "retries" ||
         name.starts_with("compression.") || name == "message.timeout.ms" || name == "delivery.timeout.ms";
}

bool is_for_consumer(const std::string& name) {
  return name == "auto.offset.reset" || name.starts_with("fetch.") || name.starts_with("queued.") ||
         name.starts_with("session.") || name.starts_with("group.") || name == "max.poll.interval.ms" ||
         name == "partition.assignment.strategy" || name == "isolation.level" || name == "heartbeat.interval.ms" ||
         name == "check.crcs";
}

}  // namespace

Properties consumer_properties(const Configuration::Kafka& settings) {
  auto properties = with_connection(settings, {
                                                  {"client.id", "koku-intake"},
                                                  // What was announced before the first start counts, too.
                                                  {"auto.offset.reset", "earliest"},
                                                  // Work on partitions that stay here goes on while others move.
                                                  {"partition.assignment.strategy", "cooperative-sticky"},
                                                  {"queued.max.messages.kbytes", "1024"},
                                              });
  std::erase_if(properties, [](const auto& property) { return is_for_producer(property.first); });
  properties["group.id"] = settings.group;
  properties["enable.auto.commit"] = "false";
  properties["enable.auto.offset.store"] = "false";
  return properties;
}

Properties producer_properties(const Configuration::Kafka& settings) {
  auto properties = with_connection(settings, {
                                                  {"client.id", "koku-intake"},
                                                  {"acks", "all"},
                                                  {"linger.ms", "0"},
                                                  {"message.timeout.ms", "60000"},
                                              });
  std::erase_if(properties, [](const auto& property) { return is_for_consumer(property.first); });
  return properties;
}

KafkaConf make_kafka_conf(const Properties& properties) {
  KafkaConf conf(rd_kafka_conf_new());
  std::array<char, 512> error{};
  for (const auto& [name, value] : properties) {
    if (rd_kafka_conf_set(conf.get(), name.c_str(), value.c_str(), error.data(), error.size()) == RD_KAFKA_CONF_OK) {
      continue;
    }
    // librdkafka's own text would repeat the value, which may be a secret.
    throw ConfigurationError("kafka.properties." + name + ": librdkafka " + rd_kafka_version_str() +
                             " does not know it, or does not take its value");
  }
  rd_kafka_conf_set_log_cb(conf.get(), receive_log);
  return conf;
}

KafkaClient make_kafka_client(rd_kafka_type_t type, KafkaConf conf) {
  std::array<char, 512> error{};
  KafkaClient client(rd_kafka_new(type, conf.get(), error.data(), error.size()));
  if (!client) throw ConfigurationError(std::string("kafka: ") + error.data());
  static_cast<void>(conf.release());  // belongs to the client now
  return client;
}

}  // namespace koku::intake
