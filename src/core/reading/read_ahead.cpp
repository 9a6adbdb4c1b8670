#include "core/reading/read_ahead.hpp"

#include <pthread.h>
#include <signal.h>

#include <chrono>
#include <memory>
#include <system_error>

#include "core/base/assertion.hpp"
#include "core/base/plain_locale.hpp"

namespace koku {
namespace {

constexpr std::chrono::milliseconds between_interrupt_checks{5};
constexpr std::size_t bytes_for_thread_local_data = std::size_t{64} << 10;

/// While it lives, the calling thread gets no signals, nor does a thread that it starts.
class SignalsBlocked {
 public:
  SignalsBlocked() noexcept {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &previous_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &previous_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t previous_;
};

}  // namespace

/// The source as the reading thread sees it: its blocks come from the owner.
class ReadAhead::Relay final : public ByteSource {
 public:
  explicit Relay(ReadAhead& owner) : owner_(owner) {}
  std::string_view read() override { return owner_.next_block(); }
  void rewind() override { owner_.rewind_source(); }
  std::uint64_t size() const override { return owner_.source_.size(); }

 private:
  ReadAhead& owner_;
};

/// The sink as the reading thread sees it.
class ReadAhead::ThreadSink final : public PayloadSink {
 public:
  explicit ThreadSink(ReadAhead& owner) : owner_(owner) {}

  void begin_file(const std::string& file) override {
    owner_.put([&](Event& event) {
      event.kind = Event::Kind::begin_file;
      event.file = file;
    });
  }
  Target begin_report(const ReportType& type) override {
    type_ = &type;
    Call call{.kind = Call::Kind::begin_report, .type = &type};
    owner_.ask(call);
    return call.target;
  }
  DayDecision begin_day(Day day, Instant first) override {
    // Each question costs the wait for all that was read before.
    const auto [entry, is_new] = decisions_.try_emplace({type_, day});
    if (is_new) {
      Call call{.kind = Call::Kind::begin_day, .day = day, .first = first};
      owner_.ask(call);
      entry->second = call.decision;
    }
    return entry->second;
  }
  void store(RowBatch& rows) override {
    owner_.put([&](Event& event) {
      event.kind = Event::Kind::rows;
      std::swap(event.rows, rows);
    });
  }
  void flush() override {
    Call call{.kind = Call::Kind::flush};
    owner_.ask(call);
  }
  void let_go() noexcept override { owner_.wait_until_handled(); }
  void end_file(FileReport report) override {
    owner_.put([&](Event& event) {
      event.kind = Event::Kind::end_file;
      event.report = std::move(report);
    });
  }

 private:
  ReadAhead& owner_;
  const ReportType* type_ = nullptr;
  std::map<std::pair<const ReportType*, Day>, DayDecision> decisions_;
};

ReadAhead::ReadAhead(ByteSource& source, Work work) : source_(source), work_(std::move(work)) {}

ReadAhead::~ReadAhead() { stop(); }

bool ReadAhead::start() {
  // The C library ends the process when a thread finds no memory for its thread-local data. So there has to be some,
  // and nobody else takes it until the thread has begun.
  {
    const auto memory = std::make_unique_for_overwrite<char[]>(bytes_for_thread_local_data);
    // A compiler may leave out what nobody looks at.
    *static_cast<volatile char*>(memory.get()) = 0;
  }
  const SignalsBlocked blocked;
  try {
    thread_ = std::thread([this] { work(); });
  } catch (const std::system_error&) {
    return false;
  }
  std::unique_lock lock(mutex_);
  owner_wakes_.wait(lock, [this] { return has_begun_; });
  return true;
}

void ReadAhead::stop() noexcept {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stop_asked_ = true;
  }
  reader_wakes_.notify_all();
  thread_.join();
}

void ReadAhead::work() noexcept {
  // Makes the thread-local data of the C++ library.
  try {
    throw Stopped();
  } catch (const Stopped&) {
  }
  {
    const std::lock_guard lock(mutex_);
    has_begun_ = true;
  }
  owner_wakes_.notify_all();
  // The owner may call setlocale() meanwhile.
  const PlainLocale plain;
  std::exception_ptr error;
  try {
    ThreadSink sink(*this);
    const InterruptCheck check = [this] { check_stop(); };
    if (source_.is_for_any_thread()) {
      work_(source_, sink, check);
    } else {
      Relay relay(*this);
      work_(relay, sink, check);
    }
  } catch (const Stopped&) {
  } catch (...) {
    error = std::current_exception();
  }
  {
    const std::lock_guard lock(mutex_);
    error_ = std::move(error);
    has_ended_ = true;
  }
  owner_wakes_.notify_all();
}

void ReadAhead::check_stop() const {
  if (stop_asked_.load(std::memory_order_relaxed)) throw Stopped();
}

/// Fills the next event, when there is room for it.
template <typename Fill>
void ReadAhead::put(Fill&& fill) {
  std::unique_lock lock(mutex_);
  reader_wakes_.wait(lock, [this] { return stop_asked_ || put_ - taken_ < most_events; });
  check_stop();
  fill(events_[put_ % most_events]);
  ++put_;
  owner_wakes_.notify_one();
}

void ReadAhead::ask(Call& call) {
  put([&](Event& event) {
    event.kind = Event::Kind::call;
    event.call = &call;
  });
  std::unique_lock lock(mutex_);
  reader_wakes_.wait(lock, [&] { return stop_asked_ || call.is_answered; });
  // The owner handles no event after it has asked to stop: the call may go.
  check_stop();
}

/// Waits until the owner has handled all events, or handles no more.
void ReadAhead::wait_until_handled() noexcept {
  std::unique_lock lock(mutex_);
  reader_wakes_.wait(lock, [this] { return stop_asked_ || put_ == taken_; });
}

std::string_view ReadAhead::next_block() {
  std::unique_lock lock(mutex_);
  ++wanted_;
  owner_wakes_.notify_one();
  reader_wakes_.wait(lock, [this] { return stop_asked_ || filled_ >= wanted_ || source_has_ended_; });
  check_stop();
  if (filled_ < wanted_) {
    --wanted_;  // may be asked again
    return {};
  }
  return blocks_[(wanted_ - 1) % block_count];
}

void ReadAhead::rewind_source() {
  std::unique_lock lock(mutex_);
  rewind_asked_ = true;
  owner_wakes_.notify_one();
  reader_wakes_.wait(lock, [this] { return stop_asked_ || !rewind_asked_; });
  check_stop();
}

void ReadAhead::run(PayloadSink& sink, const InterruptCheck& check_interrupts) {
  while (Event* event = wait_for_event(check_interrupts)) {
    handle(*event, sink);
    release_event();
  }
  thread_.join();
  if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
}

/// The next event; nullptr when the thread has ended and all its events are handled.
ReadAhead::Event* ReadAhead::wait_for_event(const InterruptCheck& check_interrupts) {
  const bool is_relayed = !source_.is_for_any_thread();
  check_interrupts();
  std::unique_lock lock(mutex_);
  for (;;) {
    // Before anything else: the reading thread waits for it, or soon will.
    while (is_relayed && serve_source(lock)) {
    }
    if (put_ != taken_) return &events_[taken_ % most_events];
    if (has_ended_) return nullptr;
    if (owner_wakes_.wait_for(lock, between_interrupt_checks) == std::cv_status::no_timeout) continue;
    lock.unlock();
    check_interrupts();
    lock.lock();
  }
}

/// Reads a block of the source, or starts it again, if that is wanted. Returns whether it was.
bool ReadAhead::serve_source(std::unique_lock<std::mutex>& lock) {
  if (rewind_asked_) {
    lock.unlock();
    source_.rewind();
    lock.lock();
    wanted_ = filled_ = 0;
    source_has_ended_ = false;
    rewind_asked_ = false;
  } else {
    // The block that the thread looks at must stay, and one more is read ahead.
    if (wanted_ == 0 || has_ended_ || source_has_ended_ || filled_ - (wanted_ - 1) >= block_count) return false;
    std::string& block = blocks_[filled_ % block_count];
    lock.unlock();
    const std::string_view bytes = source_.read();
    block.assign(bytes);
    lock.lock();
    // A rewind that was asked for meanwhile forgets the block again.
    if (bytes.empty())
      source_has_ended_ = true;
    else
      ++filled_;
  }
  reader_wakes_.notify_all();
  return true;
}

void ReadAhead::handle(Event& event, PayloadSink& sink) {
  switch (event.kind) {
    case Event::Kind::begin_file:
      sink.begin_file(event.file);
      break;
    case Event::Kind::rows:
      sink.store(event.rows);
      break;
    case Event::Kind::end_file:
      sink.end_file(std::move(event.report));
      break;
    case Event::Kind::call:
      switch (event.call->kind) {
        case Call::Kind::begin_report:
          event.call->target = sink.begin_report(*event.call->type);
          break;
        case Call::Kind::begin_day:
          event.call->decision = sink.begin_day(event.call->day, event.call->first);
          break;
        case Call::Kind::flush:
          sink.flush();
          break;
      }
      break;
  }
}

void ReadAhead::release_event() {
  const std::lock_guard lock(mutex_);
  const Event& event = events_[taken_ % most_events];
  const bool is_call = event.kind == Event::Kind::call;
  if (is_call) event.call->is_answered = true;
  ++taken_;
  // Who waits for room is woken once there is some, not for each event: that would cost as much as some rows.
  if (is_call || put_ == taken_ || put_ - taken_ == most_events / 2) reader_wakes_.notify_all();
}

}  // namespace koku
