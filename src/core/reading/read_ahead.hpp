// Reading in a thread of its own, while the thread that owns the payload stores what was read before.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "core/base/byte_source.hpp"
#include "core/reading/payload_reader.hpp"

namespace koku {

/// A thread that reads, and a bounded queue to the one that stores. The thread calls nothing but the work it is given;
/// the sink, the source (unless it is for any thread) and the interrupt check of run() are called in the thread that
/// owns the object. Signals of the process are not for the reading thread: all are blocked there.
class ReadAhead {
 public:
  /// What the thread does: reads `source` to `sink`. What it throws, run() throws. `check_interrupts` ends it by an
  /// exception of its own when nobody wants more; the work must let that pass.
  using Work = std::function<void(ByteSource& source, PayloadSink& sink, const InterruptCheck& check_interrupts)>;

  /// `source` must outlive the object, and what the work refers to as well.
  ReadAhead(ByteSource& source, Work work);
  /// Ends the thread, whatever it is at.
  ~ReadAhead();
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  /// False when the system gives no thread; then nothing was read.
  bool start();
  /// Hands to `sink` all that is read, in order, and throws what ended the reading when all before it has been stored.
  /// `check_interrupts` is called before each call of the sink and, while there is nothing, every few milliseconds.
  /// When it or the sink throws, the thread still runs: it ends with the object.
  void run(PayloadSink& sink, const InterruptCheck& check_interrupts);
  /// Tells the thread to end and waits for that: milliseconds, as far as its work looks at interrupts. May be called
  /// again.
  void stop() noexcept;

 private:
  class Relay;
  class ThreadSink;
  struct Stopped {};

  /// A question of the reading thread, on its stack. It waits for the answer.
  struct Call {
    enum class Kind { begin_report, begin_day, flush } kind;
    const ReportType* type = nullptr;
    Day day = 0;
    Instant first = 0;
    PayloadSink::Target target{};
    DayDecision decision{};
    bool is_answered = false;
  };
  struct Event {
    enum class Kind { begin_file, rows, end_file, call } kind = Kind::begin_file;
    std::string file;
    RowBatch rows{RowBatch::usual_rows};
    FileReport report;
    Call* call = nullptr;
  };
  static constexpr std::size_t most_events = 16;
  static constexpr std::size_t block_count = 2;

  void work() noexcept;
  void check_stop() const;

  // The reading thread's side.
  template <typename Fill>
  void put(Fill&& fill);
  void ask(Call& call);
  void wait_until_handled() noexcept;
  std::string_view next_block();
  void rewind_source();

  // The owner's side.
  Event* wait_for_event(const InterruptCheck& check_interrupts);
  bool serve_source(std::unique_lock<std::mutex>& lock);
  void handle(Event& event, PayloadSink& sink);
  void release_event();

  ByteSource& source_;
  const Work work_;
  std::thread thread_;
  std::atomic<bool> stop_asked_{false};

  std::mutex mutex_;  // never held while the sink, the source or the work is called
  std::condition_variable reader_wakes_;
  std::condition_variable owner_wakes_;
  // A ring: those from taken_ to put_ wait, the first of them also while it is handled.
  std::array<Event, most_events> events_;
  std::uint64_t put_ = 0;
  std::uint64_t taken_ = 0;
  bool has_begun_ = false;
  bool has_ended_ = false;
  std::exception_ptr error_;
  // Another ring, of the source's blocks. The one before wanted_ is what the reading thread looks at.
  std::array<std::string, block_count> blocks_;
  std::uint64_t wanted_ = 0;  // blocks that the thread has asked for
  std::uint64_t filled_ = 0;
  bool source_has_ended_ = false;
  bool rewind_asked_ = false;
};

}  // namespace koku
