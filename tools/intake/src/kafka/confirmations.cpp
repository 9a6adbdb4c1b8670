#include "kafka/confirmations.hpp"

#include "observe/log.hpp"

namespace koku::intake {
namespace {

constexpr Duration pause_after_error{1000};

}  // namespace

Confirmations::Confirmations(const Configuration::Kafka& settings, Metrics& metrics)
    : topic_(settings.validation_topic), metrics_(metrics) {
  if (!is_wanted()) return;
  auto conf = make_kafka_conf(producer_properties(settings));
  rd_kafka_conf_set_opaque(conf.get(), this);
  rd_kafka_conf_set_dr_msg_cb(conf.get(), receive_report);
  producer_ = make_kafka_client(RD_KAFKA_PRODUCER, std::move(conf));
}

void Confirmations::send(std::string message, Delivered delivered) {
  const auto id = next_id_++;
  auto& waiting = waiting_[id] = Waiting{std::move(message), std::move(delivered), false, Clock::now()};
  produce(id, waiting);
}

void Confirmations::produce(std::uint64_t id, Waiting& waiting) {
  waiting.in_flight = true;
  // The id travels as the message's opaque pointer; reports come back with it.
  const auto error =
      rd_kafka_producev(producer_.get(), RD_KAFKA_V_TOPIC(topic_.c_str()), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                        RD_KAFKA_V_VALUE(const_cast<char*>(waiting.message.data()), waiting.message.size()),
                        RD_KAFKA_V_OPAQUE(reinterpret_cast<void*>(static_cast<std::uintptr_t>(id))), RD_KAFKA_V_END);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) report(id, error);
}

void Confirmations::receive_report(rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
  const auto id = static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(message->_private));
  static_cast<Confirmations*>(self)->report(id, message->err);
}

void Confirmations::report(std::uint64_t id, rd_kafka_resp_err_t error) {
  const auto found = waiting_.find(id);
  if (found == waiting_.end()) return;
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
    metrics_.confirmations.add("delivered");
    const auto delivered = std::move(found->second.delivered);
    waiting_.erase(found);
    if (delivered) delivered();
    return;
  }
  metrics_.confirmations.add("failed");
  log(LogLevel::error, "a validation message was not delivered; it is sent again",
      {{"topic", topic_}, {"reason", rd_kafka_err2str(error)}, {"validation", found->second.message}});
  found->second.in_flight = false;
  found->second.send_at = Clock::now() + pause_after_error;
}

void Confirmations::poll() {
  if (!producer_) return;
  rd_kafka_poll(producer_.get(), 0);
  for (auto& [id, waiting] : waiting_) {
    if (!waiting.in_flight && Clock::now() >= waiting.send_at) produce(id, waiting);
  }
}

}  // namespace koku::intake
