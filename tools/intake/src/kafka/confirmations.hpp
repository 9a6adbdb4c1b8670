// Validation messages: produced, and produced again until the broker has them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "database/database.hpp"  // Clock
#include "kafka/kafka_clients.hpp"
#include "observe/metrics.hpp"
#include "settings/configuration.hpp"

namespace koku::intake {

/// Used by the consumer's thread only.
class Confirmations {
 public:
  using Delivered = std::function<void()>;

  Confirmations(const Configuration::Kafka& settings, Metrics& metrics);

  /// Whether there is a topic for them.
  bool is_wanted() const { return !topic_.empty(); }
  /// Produces the message; delivered is called by poll() once the broker has it.
  void send(std::string message, Delivered delivered);
  /// Takes what the broker answered, and sends again what it did not take. Returns at once.
  void poll();
  std::size_t waiting() const { return waiting_.size(); }

 private:
  struct Waiting {
    std::string message;
    Delivered delivered;
    bool in_flight = false;
    Clock::time_point send_at{};
  };

  static void receive_report(rd_kafka_t*, const rd_kafka_message_t* message, void* self);
  void report(std::uint64_t id, rd_kafka_resp_err_t error);
  void produce(std::uint64_t id, Waiting& waiting);

  std::string topic_;
  Metrics& metrics_;
  KafkaClient producer_;
  std::map<std::uint64_t, Waiting> waiting_;
  std::uint64_t next_id_ = 1;
};

}  // namespace koku::intake
