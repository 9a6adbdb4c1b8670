#include "kafka/kafka_intake.hpp"

#include <algorithm>

#include "observe/log.hpp"

namespace koku::intake {
namespace {

constexpr Duration busy_poll{10};
constexpr Duration quiet_poll{200};
constexpr Duration position_commit_interval{1000};
constexpr Duration broker_check_interval{5000};
constexpr Duration commit_retry_pause{1000};
constexpr int broker_timeout_milliseconds = 5000;
/// What is left of the draining time for commits and confirmations once downloads are cut off.
constexpr Duration closing_time{3000};
/// Messages that wait in a partition. Pausing costs a second until messages come again, so that it is done rarely.
constexpr std::size_t pause_at = 100;
constexpr std::size_t resume_below = 20;
/// Longer than anything the consumer's thread waits for.
constexpr Duration longest_turn{90'000};

std::optional<std::string> service_header(const rd_kafka_message_t& message) {
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
  const void* value = nullptr;
  std::size_t size = 0;
  if (rd_kafka_header_get_last(headers, "service", &value, &size) != RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
  return std::string(static_cast<const char*>(value), size);
}

KafkaPartitions make_partitions(std::size_t size) {
  return KafkaPartitions(rd_kafka_topic_partition_list_new(static_cast<int>(size)));
}

/// Adds an offset to commit; librdkafka frees the metadata with the list.
void add_offset(rd_kafka_topic_partition_list_t& list, const std::string& topic, std::int32_t partition,
                std::int64_t offset, const std::string& metadata) {
  auto* entry = rd_kafka_topic_partition_list_add(&list, topic.c_str(), partition);
  entry->offset = offset;
  if (metadata.empty()) return;
  entry->metadata = ::strndup(metadata.data(), metadata.size());
  entry->metadata_size = entry->metadata == nullptr ? 0 : metadata.size();
}

void log_stored(const Announcement& announcement, const JobResult& result) {
  log(LogLevel::info, "announced payload stored",
      {{"request_id", announcement.request_id},
       {"inbox_id", result.inbox_id},
       {"org_id", announcement.org_id},
       {"url", url_for_log(announcement.url)}});
}

}  // namespace

KafkaIntake::KafkaIntake(const Configuration& configuration, Servers& servers, MemoryBudget& memory, Metrics& metrics)
    : settings_(configuration.kafka),
      max_payload_size_(configuration.payload.max_size),
      has_several_servers_(configuration.servers.size() > 1),
      servers_(servers),
      memory_(memory),
      metrics_(metrics),
      downloader_(configuration.download, metrics),
      confirmations_(configuration.kafka, metrics),
      pool_(configuration.kafka.parallel),
      tenants_(configuration.tenants) {
  auto conf = make_kafka_conf(consumer_properties(settings_));
  rd_kafka_conf_set_opaque(conf.get(), this);
  rd_kafka_conf_set_rebalance_cb(conf.get(), receive_rebalance);
  rd_kafka_conf_set_offset_commit_cb(conf.get(), receive_commit);
  rd_kafka_conf_set_error_cb(conf.get(), receive_error);
  consumer_ = make_kafka_client(RD_KAFKA_CONSUMER, std::move(conf));
  rd_kafka_poll_set_consumer(consumer_.get());
  const auto topics = make_partitions(1);
  rd_kafka_topic_partition_list_add(topics.get(), settings_.topic.c_str(), RD_KAFKA_PARTITION_UA);
  if (const auto error = rd_kafka_subscribe(consumer_.get(), topics.get()); error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    throw ConfigurationError(std::string("kafka.topic: ") + rd_kafka_err2str(error));
  }
  log(LogLevel::info, "consuming", {{"topic", settings_.topic}, {"group", settings_.group}});
  thread_ = std::thread([this] { run(); });
}

KafkaIntake::~KafkaIntake() {
  drain(Clock::now());
  thread_.join();
}

void KafkaIntake::drain(Clock::time_point deadline) {
  if (draining_) return;
  drain_deadline_ = deadline;
  draining_ = true;
}

bool KafkaIntake::is_alive() const { return ended_ || Clock::now() - last_turn_.load() < longest_turn; }

void KafkaIntake::set_tenants(const TenantMap& tenants) {
  const std::lock_guard lock(tenants_mutex_);
  tenants_ = tenants;
}

void KafkaIntake::run() {
  while (!is_drained()) turn();
  downloader_.interrupt();
  commit_positions(true);
  rd_kafka_consumer_close(consumer_.get());
  partitions_.clear();
  log(LogLevel::info, "consumption has ended", {{"unconfirmed", confirmations_.waiting()}});
  ended_ = true;
}

void KafkaIntake::turn() {
  last_turn_ = Clock::now();
  poll_consumer();
  confirm_what_was_left();
  confirmations_.poll();
  collect_results();
  advance_all();
  update_pauses();
  if (Clock::now() >= next_position_commit_) {
    commit_positions(false);
    next_position_commit_ = Clock::now() + position_commit_interval;
  }
  check_brokers();
  if (draining_ && Clock::now() + closing_time >= drain_deadline_.load()) downloader_.interrupt();
}

bool KafkaIntake::is_drained() const {
  if (!draining_) return false;
  if (Clock::now() >= drain_deadline_.load()) return true;
  const auto unfinished = [](const auto& entry) { return entry.second.phase != Phase::ready; };
  return pool_.running() == 0 && confirmations_.waiting() == 0 &&
         std::none_of(partitions_.begin(), partitions_.end(), unfinished);
}

void KafkaIntake::poll_consumer() {
  const auto unfinished = [](const auto& entry) { return !entry.second.messages.empty(); };
  const bool busy = draining_ || pool_.running() > 0 || confirmations_.waiting() > 0 ||
                    std::any_of(partitions_.begin(), partitions_.end(), unfinished);
  const KafkaMessage message(
      rd_kafka_consumer_poll(consumer_.get(), static_cast<int>((busy ? busy_poll : quiet_poll).count())));
  if (!message) return;
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    connected_ = true;
    receive(*message);
  } else {
    log(LogLevel::warning, "the consumer reports an error", {{"reason", rd_kafka_message_errstr(message.get())}});
  }
}

void KafkaIntake::check_brokers() {
  if (connected_ || Clock::now() < next_broker_check_) return;
  next_broker_check_ = Clock::now() + broker_check_interval;
  const rd_kafka_metadata_t* metadata = nullptr;
  constexpr int this_long_milliseconds = 500;
  if (rd_kafka_metadata(consumer_.get(), 0, nullptr, &metadata, this_long_milliseconds) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    rd_kafka_metadata_destroy(metadata);
    connected_ = true;
  }
}

void KafkaIntake::receive_error(rd_kafka_t*, int error, const char* reason, void* self) {
  if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) static_cast<KafkaIntake*>(self)->connected_ = false;
  log(LogLevel::warning, "Kafka", {{"reason", excerpt(reason, 500)}});
}

// Messages -----------------------------------------------------------------------------------------------------------

void KafkaIntake::receive(const rd_kafka_message_t& message) {
  const auto found = partitions_.find(message.partition);
  if (found == partitions_.end()) return;
  auto& state = found->second;
  // After a pause the same message may come a second time.
  if (message.offset <= state.last_offset()) return;

  const std::string_view text(static_cast<const char*>(message.payload), message.payload == nullptr ? 0 : message.len);
  TakenMessage taken{message.offset, nullptr, {}, {}};
  try {
    const auto announcement = parse_announcement(text, service_header(message), settings_.service);
    if (!announcement) {
      metrics_.messages.add("other_service");
      state.passed_over = message.offset;
      state.skip_passed_over();
      return;
    }
    taken = take(message, *announcement);
  } catch (const MalformedAnnouncement& malformed) {
    taken.request_id = malformed.request_id();
    taken.problem = malformed.what();
  }
  state.messages.push_back(std::move(taken));
}

TakenMessage KafkaIntake::take(const rd_kafka_message_t& message, const Announcement& announcement) {
  TakenMessage taken{message.offset, nullptr, announcement.request_id, {}};
  std::optional<TenantChoice> choice;
  {
    const std::lock_guard lock(tenants_mutex_);
    choice = tenants_.find(announcement.org_id, announcement.account);
  }
  if (!choice) {
    taken.problem = "no tenant has org_id '" + excerpt(announcement.org_id, 50) + "' or account '" +
                    excerpt(announcement.account, 50) + "'";
    return taken;
  }
  taken.job =
      std::make_shared<PayloadJob>(announcement, choice->tenant, downloader_, servers_, memory_, max_payload_size_);
  return taken;
}

void KafkaIntake::advance_all() {
  for (auto& [partition, state] : partitions_) {
    if (!state.messages.empty()) advance(partition, state);
  }
  metrics_.messages_in_work = static_cast<std::int64_t>(std::count_if(
      partitions_.begin(), partitions_.end(), [](const auto& entry) { return !entry.second.messages.empty(); }));
}

void KafkaIntake::advance(std::int32_t partition, PartitionState& state) {
  if (!state.is_checked) return;
  if (state.phase == Phase::ready && !draining_) advance_ready(partition, state);
  const bool is_due = Clock::now() >= state.not_before;
  if (is_due && state.phase == Phase::committing && !state.commit_in_flight) commit_front(partition, state);
}

void KafkaIntake::advance_ready(std::int32_t partition, PartitionState& state) {
  const auto& front = state.messages.front();
  if (Clock::now() < state.not_before) {
    if (state.waits_for_server) start_ahead(partition, state);
  } else if (front.is_stored) {
    conclude(state, true);
  } else if (front.job) {
    start_attempt(partition, state, front.job);
  } else {
    give_up(state, front.problem);
  }
}

bool KafkaIntake::start_attempt(std::int32_t partition, PartitionState& state, const std::shared_ptr<PayloadJob>& job) {
  if (!servers_.is_any_available() || pool_.running() >= settings_.parallel) return false;
  state.phase = Phase::working;
  pool_.start([partition, generation = state.generation, job] {
    return Finished{partition, generation, job, job->attempt()};
  });
  return true;
}

void KafkaIntake::start_ahead(std::int32_t partition, PartitionState& state) {
  if (!has_several_servers_) return;
  const auto& tenant = state.messages.front().job->tenant();
  const auto next = std::find_if(state.messages.begin() + 1, state.messages.end(), [&tenant](const auto& message) {
    return message.job && !message.was_tried && message.job->tenant() != tenant;
  });
  if (next != state.messages.end() && start_attempt(partition, state, next->job)) next->was_tried = true;
}

void KafkaIntake::collect_results() {
  while (const auto finished = pool_.take()) {
    const auto found = partitions_.find(finished->partition);
    if (found != partitions_.end() && found->second.generation == finished->generation) {
      auto& state = found->second;
      state.phase = Phase::ready;
      if (finished->job == state.messages.front().job) {
        handle_result(state, finished->result);
      } else {
        handle_ahead(state, *finished);
      }
      continue;
    }
    log(LogLevel::info, "the partition moved while its message was being handled; its new consumer handles it again",
        {{"partition", finished->partition}, {"request_id", finished->job->announcement().request_id}});
  }
}

void KafkaIntake::handle_result(PartitionState& state, const JobResult& result) {
  state.waits_for_server = result.kind == JobResult::Kind::outage;
  switch (result.kind) {
    case JobResult::Kind::stored:
      log_stored(state.messages.front().job->announcement(), result);
      conclude(state, true);
      break;
    case JobResult::Kind::refused:
      give_up(state, result.message);
      break;
    case JobResult::Kind::failed:
      if (++state.failed_attempts >= settings_.attempts) {
        give_up(state, result.message);
      } else {
        pause_attempts(state, "an attempt failed; there will be another", result.message);
      }
      break;
    case JobResult::Kind::outage:
      pause_attempts(state, "a payload waits until it can be stored", result.message);
      break;
    case JobResult::Kind::interrupted:
      break;
  }
}

/// Whatever else became of it, it is attempted again at the front.
void KafkaIntake::handle_ahead(PartitionState& state, const Finished& finished) {
  finished.job->forget_payload();
  if (finished.result.kind != JobResult::Kind::stored) return;
  log_stored(finished.job->announcement(), finished.result);
  for (auto& message : state.messages) {
    if (message.job == finished.job) message.is_stored = true;
  }
}

void KafkaIntake::pause_attempts(PartitionState& state, const std::string& why, const std::string& reason) {
  const auto pause = backoff(state.pauses++, settings_.retry_pause, settings_.retry_pause_max);
  state.not_before = Clock::now() + pause;
  const auto& message = state.messages.front();
  log(LogLevel::warning, why,
      {{"request_id", message.request_id},
       {"url", url_for_log(message.job->announcement().url)},
       {"reason", reason},
       {"failed_attempts", state.failed_attempts},
       {"pause_milliseconds", pause.count()}});
}

void KafkaIntake::give_up(PartitionState& state, const std::string& reason) {
  const auto& message = state.messages.front();
  nlohmann::ordered_json fields{{"request_id", message.request_id},
                                {"offset", message.offset},
                                {"reason", reason},
                                {"failed_attempts", state.failed_attempts}};
  if (message.job) fields["url"] = url_for_log(message.job->announcement().url);
  log(LogLevel::error, "an announced payload is given up", fields);
  conclude(state, false);
}

void KafkaIntake::conclude(PartitionState& state, bool success) {
  metrics_.messages.add(success ? "stored" : "given_up");
  state.success = success;
  state.phase = Phase::committing;
  state.not_before = {};
}

// Offsets and confirmations
// --------------------------------------------------------------------------------------------

void KafkaIntake::commit_front(std::int32_t partition, PartitionState& state) {
  const auto& message = state.messages.front();
  const bool has_confirmation = confirmations_.is_wanted() && !message.request_id.empty();
  const auto offsets = make_partitions(1);
  add_offset(*offsets, settings_.topic, partition, message.offset + 1,
             has_confirmation ? validation_message(message.request_id, *state.success) : std::string());
  const auto error = rd_kafka_commit(consumer_.get(), offsets.get(), 1);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
    state.commit_in_flight = true;
  } else {
    committed(partition, message.offset + 1, error);
  }
}

void KafkaIntake::receive_commit(rd_kafka_t*, rd_kafka_resp_err_t error, rd_kafka_topic_partition_list_t* offsets,
                                 void* self) {
  if (offsets == nullptr) return;
  for (int index = 0; index < offsets->cnt; ++index) {
    const auto& entry = offsets->elems[index];
    const auto entry_error = error != RD_KAFKA_RESP_ERR_NO_ERROR ? error : entry.err;
    static_cast<KafkaIntake*>(self)->committed(entry.partition, entry.offset, entry_error);
  }
}

void KafkaIntake::committed(std::int32_t partition, std::int64_t offset, rd_kafka_resp_err_t error) {
  const auto found = partitions_.find(partition);
  if (found == partitions_.end()) return;
  auto& state = found->second;
  const bool is_front =
      state.phase == Phase::committing && !state.messages.empty() && state.messages.front().offset + 1 == offset;
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    // While a group is rebalanced commits are refused; the partition is taken away or the commit goes through later.
    log(LogLevel::warning, "an offset was not committed; it is tried again",
        {{"partition", partition}, {"offset", offset}, {"reason", rd_kafka_err2str(error)}});
    if (is_front) {
      state.commit_in_flight = false;
      state.not_before = Clock::now() + commit_retry_pause;
    } else {
      state.commit_is_due = true;
    }
    return;
  }
  connected_ = true;
  if (!is_front) return;
  state.commit_in_flight = false;
  state.position = offset;
  confirm(partition, state);
}

void KafkaIntake::confirm(std::int32_t partition, PartitionState& state) {
  const auto& message = state.messages.front();
  if (!confirmations_.is_wanted() || message.request_id.empty()) {
    finish_message(state);
    return;
  }
  state.phase = Phase::confirming;
  confirmations_.send(validation_message(message.request_id, *state.success),
                      [this, partition, generation = state.generation] {
                        const auto found = partitions_.find(partition);
                        if (found == partitions_.end() || found->second.generation != generation) return;
                        found->second.commit_is_due = true;  // takes the confirmation out of the offset's metadata
                        finish_message(found->second);
                      });
}

void KafkaIntake::finish_message(PartitionState& state) {
  state.next_message();
  state.skip_passed_over();
}

void KafkaIntake::commit_positions(bool wait, const std::vector<std::int32_t>* only) {
  const auto offsets = make_partitions(partitions_.size());
  for (auto& [partition, state] : partitions_) {
    if (only != nullptr && std::find(only->begin(), only->end(), partition) == only->end()) continue;
    // Not between a message's commit and its confirmation, whose text the committed offset carries.
    if (!state.commit_is_due || state.phase == Phase::committing || state.phase == Phase::confirming) continue;
    add_offset(*offsets, settings_.topic, partition, state.position, {});
    state.commit_is_due = false;
  }
  if (offsets->cnt == 0) return;
  const auto error = rd_kafka_commit(consumer_.get(), offsets.get(), wait ? 0 : 1);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return;
  for (int index = 0; index < offsets->cnt; ++index) {
    committed(offsets->elems[index].partition, offsets->elems[index].offset, error);
  }
}

void KafkaIntake::update_pauses() {
  const bool database_away = !servers_.is_any_available();
  if (database_away != database_was_away_) {
    database_was_away_ = database_away;
    log(LogLevel::info, database_away ? "consumption pauses until the database is reachable" : "consumption continues");
  }
  metrics_.consumption_paused = database_away ? 1 : 0;
  const auto to_pause = make_partitions(partitions_.size());
  const auto to_resume = make_partitions(partitions_.size());
  for (auto& [partition, state] : partitions_) {
    const bool full = state.messages.size() >= (state.is_paused ? resume_below : pause_at);
    const bool pause = database_away || draining_ || full;
    if (pause == state.is_paused) continue;
    state.is_paused = pause;
    rd_kafka_topic_partition_list_add(pause ? to_pause.get() : to_resume.get(), settings_.topic.c_str(), partition);
  }
  if (to_pause->cnt > 0) rd_kafka_pause_partitions(consumer_.get(), to_pause.get());
  if (to_resume->cnt > 0) rd_kafka_resume_partitions(consumer_.get(), to_resume.get());
}

// The group
// ------------------------------------------------------------------------------------------------------------

void KafkaIntake::receive_rebalance(rd_kafka_t* consumer, rd_kafka_resp_err_t event,
                                    rd_kafka_topic_partition_list_t* partitions, void* self) {
  auto& intake = *static_cast<KafkaIntake*>(self);
  const bool cooperative = std::string_view(rd_kafka_rebalance_protocol(consumer)) == "COOPERATIVE";
  rd_kafka_error_t* error = nullptr;
  rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
  if (event == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    if (cooperative) {
      error = rd_kafka_incremental_assign(consumer, partitions);
    } else {
      code = rd_kafka_assign(consumer, partitions);
    }
    intake.assigned(*partitions);
  } else {
    intake.revoked(*partitions, rd_kafka_assignment_lost(consumer) != 0);
    if (cooperative) {
      error = rd_kafka_incremental_unassign(consumer, partitions);
    } else {
      code = rd_kafka_assign(consumer, nullptr);
    }
  }
  if (error != nullptr || code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    log(LogLevel::error, "partitions could not be assigned or revoked",
        {{"reason", error != nullptr ? rd_kafka_error_string(error) : rd_kafka_err2str(code)}});
    if (error != nullptr) rd_kafka_error_destroy(error);
  }
}

void KafkaIntake::assigned(const rd_kafka_topic_partition_list_t& partitions) {
  connected_ = true;
  for (int index = 0; index < partitions.cnt; ++index) {
    auto& state = partitions_[partitions.elems[index].partition] = PartitionState{};
    state.generation = next_generation_++;
    state.is_checked = !confirmations_.is_wanted();
  }
  metrics_.partitions_assigned = static_cast<std::int64_t>(partitions_.size());
  log(LogLevel::info, "partitions assigned", {{"new", partitions.cnt}, {"all", partitions_.size()}});
}

void KafkaIntake::revoked(const rd_kafka_topic_partition_list_t& partitions, bool lost) {
  std::vector<std::int32_t> numbers;
  for (int index = 0; index < partitions.cnt; ++index) numbers.push_back(partitions.elems[index].partition);
  // Lost ones belong to somebody else already, whose offsets must not be touched.
  if (!lost) commit_positions(true, &numbers);
  for (const auto number : numbers) partitions_.erase(number);
  metrics_.partitions_assigned = static_cast<std::int64_t>(partitions_.size());
  log(LogLevel::info, lost ? "partitions lost" : "partitions revoked",
      {{"gone", numbers.size()}, {"all", partitions_.size()}});
}

void KafkaIntake::confirm_what_was_left() {
  const auto offsets = make_partitions(1);
  for (const auto& [partition, state] : partitions_) {
    if (!state.is_checked) rd_kafka_topic_partition_list_add(offsets.get(), settings_.topic.c_str(), partition);
  }
  if (offsets->cnt == 0) return;
  const auto error = rd_kafka_committed(consumer_.get(), offsets.get(), broker_timeout_milliseconds);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    log(LogLevel::warning, "the committed offsets cannot be read yet", {{"reason", rd_kafka_err2str(error)}});
    return;
  }
  for (int index = 0; index < offsets->cnt; ++index) {
    const auto& entry = offsets->elems[index];
    if (entry.err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    auto& state = partitions_.at(entry.partition);
    state.is_checked = true;
    if (entry.metadata_size > 0) {
      confirm_again(entry.partition, state, entry.offset,
                    std::string(static_cast<const char*>(entry.metadata), entry.metadata_size));
    }
  }
}

void KafkaIntake::confirm_again(std::int32_t partition, PartitionState& state, std::int64_t offset,
                                const std::string& message) {
  log(LogLevel::info, "a validation message that may not have been delivered is sent again",
      {{"partition", partition}, {"validation", excerpt(message)}});
  if (state.position < 0) state.position = offset;
  confirmations_.send(message, [this, partition, generation = state.generation] {
    const auto found = partitions_.find(partition);
    if (found != partitions_.end() && found->second.generation == generation) found->second.commit_is_due = true;
  });
}

}  // namespace koku::intake
