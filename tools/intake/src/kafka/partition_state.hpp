// One partition that this process consumes: its messages in their order, and how far it has come.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "database/database.hpp"  // Clock
#include "kafka/payload_job.hpp"

namespace koku::intake {

/// A message that was taken from the topic and asks for something.
struct TakenMessage {
  std::int64_t offset = 0;
  std::shared_ptr<PayloadJob> job;  ///< null when it cannot be followed
  std::string request_id;           ///< may be empty then
  std::string problem;              ///< why it cannot
  bool was_tried = false;           ///< before it came to the front
  bool is_stored = false;           ///< by that
};

struct PartitionState {
  /// What happens with the message at the front.
  enum class Phase {
    ready,       ///< nothing yet, or the next attempt waits for its time
    working,     ///< an attempt runs
    committing,  ///< dealt with; the broker is asked to note the offset
    confirming   ///< the offset is noted; the broker is given the validation message
  };

  std::uint64_t generation = 0;  ///< tells this assignment of the partition from an earlier one
  bool is_checked = false;       ///< whether its committed offset was looked at for a confirmation that is left
  std::deque<TakenMessage> messages;
  Phase phase = Phase::ready;
  unsigned failed_attempts = 0;
  unsigned pauses = 0;             ///< in a row, of whatever reason
  bool waits_for_server = false;   ///< the front does, while the servers of others may be there
  Clock::time_point not_before{};  ///< of the next attempt or commit
  std::optional<bool> success;     ///< of the message that is committed and confirmed
  bool commit_in_flight = false;

  std::int64_t position = -1;     ///< everything before it is dealt with; -1: nothing was taken yet
  std::int64_t passed_over = -1;  ///< the last message that is for others; -1: none
  bool commit_is_due = false;     ///< the broker does not know the position yet, or holds a confirmation for it
  bool is_paused = false;         ///< as librdkafka was told

  /// The last message that was seen; -1 or less: none.
  std::int64_t last_offset() const {
    return std::max({position - 1, passed_over, messages.empty() ? -1 : messages.back().offset});
  }
  /// Once no message of ours waits, those of others are dealt with, too.
  void skip_passed_over() {
    if (!messages.empty() || passed_over < std::max<std::int64_t>(position, 0)) return;
    position = passed_over + 1;
    commit_is_due = true;
  }
  /// Ready for the next message.
  void next_message() {
    messages.pop_front();
    phase = Phase::ready;
    failed_attempts = 0;
    pauses = 0;
    waits_for_server = false;
    not_before = {};
    success.reset();
  }
};

/// The pause before the next attempt: doubles from the first to the longest.
Duration backoff(unsigned pauses, Duration first, Duration longest);

}  // namespace koku::intake
