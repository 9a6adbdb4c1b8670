// Follows the announcements of a topic: download, submit, commit the offset, confirm - in this order for each message,
// several partitions side by side.
//
// Nothing is lost: an offset is committed only when its payload is in the inbox or is given up for good, and with it,
// in the metadata of the offset, the validation message; who gets the partition next sends that message again if it was
// not noted as delivered. What is done twice after a crash or a rebalance is stored once.
//
// With several servers, payloads behind one whose server is away are stored ahead of their turn, and committed and
// confirmed in it.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "kafka/confirmations.hpp"
#include "kafka/downloader.hpp"
#include "kafka/kafka_clients.hpp"
#include "kafka/partition_state.hpp"
#include "kafka/work_pool.hpp"

namespace koku::intake {

class KafkaIntake {
 public:
  /// Starts the consumer's thread. Throws ConfigurationError for properties that librdkafka does not take; a broker
  /// that is away is waited for.
  KafkaIntake(const Configuration& configuration, Servers& servers, MemoryBudget& memory, Metrics& metrics);
  /// Waits for the thread, which ends some time after drain().
  ~KafkaIntake();
  KafkaIntake(const KafkaIntake&) = delete;
  KafkaIntake& operator=(const KafkaIntake&) = delete;

  /// Takes no new message, finishes what is in work until the deadline, commits, and leaves the group.
  void drain(Clock::time_point deadline);
  bool has_ended() const { return ended_; }

  /// Whether a broker answered when last asked.
  bool is_connected() const { return connected_; }
  /// Whether the consumer's thread turns.
  bool is_alive() const;

  /// For messages that come from now on.
  void set_tenants(const TenantMap& tenants);

 private:
  struct Finished {
    std::int32_t partition;
    std::uint64_t generation;
    std::shared_ptr<PayloadJob> job;
    JobResult result;
  };
  using Phase = PartitionState::Phase;

  static void receive_rebalance(rd_kafka_t*, rd_kafka_resp_err_t, rd_kafka_topic_partition_list_t*, void* self);
  static void receive_commit(rd_kafka_t*, rd_kafka_resp_err_t, rd_kafka_topic_partition_list_t*, void* self);
  static void receive_error(rd_kafka_t*, int error, const char* reason, void* self);

  void run();
  void turn();
  bool is_drained() const;
  void poll_consumer();
  void check_brokers();

  void receive(const rd_kafka_message_t& message);
  TakenMessage take(const rd_kafka_message_t& message, const Announcement& announcement);
  void advance_all();
  void advance(std::int32_t partition, PartitionState& state);
  void advance_ready(std::int32_t partition, PartitionState& state);
  /// False when there is no room for it now.
  bool start_attempt(std::int32_t partition, PartitionState& state, const std::shared_ptr<PayloadJob>& job);
  void start_ahead(std::int32_t partition, PartitionState& state);
  void collect_results();
  void handle_result(PartitionState& state, const JobResult& result);
  void handle_ahead(PartitionState& state, const Finished& finished);
  void pause_attempts(PartitionState& state, const std::string& why, const std::string& reason);
  void give_up(PartitionState& state, const std::string& reason);
  void conclude(PartitionState& state, bool success);
  void commit_front(std::int32_t partition, PartitionState& state);
  void committed(std::int32_t partition, std::int64_t offset, rd_kafka_resp_err_t error);
  void confirm(std::int32_t partition, PartitionState& state);
  void finish_message(PartitionState& state);
  void commit_positions(bool wait, const std::vector<std::int32_t>* only = nullptr);
  void update_pauses();

  void assigned(const rd_kafka_topic_partition_list_t& partitions);
  void revoked(const rd_kafka_topic_partition_list_t& partitions, bool lost);
  void confirm_what_was_left();
  void confirm_again(std::int32_t partition, PartitionState& state, std::int64_t offset, const std::string& message);

  const Configuration::Kafka settings_;
  const std::uint64_t max_payload_size_;
  const bool has_several_servers_;
  Servers& servers_;
  MemoryBudget& memory_;
  Metrics& metrics_;
  Downloader downloader_;
  Confirmations confirmations_;
  KafkaClient consumer_;
  WorkPool<Finished> pool_;

  std::mutex tenants_mutex_;
  TenantMap tenants_;

  std::map<std::int32_t, PartitionState> partitions_;
  std::uint64_t next_generation_ = 1;
  Clock::time_point next_position_commit_{};
  Clock::time_point next_broker_check_{};
  bool database_was_away_ = false;

  std::atomic<bool> draining_{false};
  std::atomic<Clock::time_point> drain_deadline_{Clock::time_point::max()};
  std::atomic<bool> ended_{false};
  std::atomic<bool> connected_{false};
  std::atomic<Clock::time_point> last_turn_{Clock::now()};
  std::thread thread_;
};

}  // namespace koku::intake
