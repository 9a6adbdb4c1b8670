// What must be ended before the process goes, on ways that run no destructor: a FATAL error, the end of the server.
#pragma once

namespace koku {

/// While it lives, `stop` is called with `argument` when the process ends: first of all, when its memory, transaction
/// and files are still there. Stack objects only.
class ExitGuard {
 public:
  using Stop = void (*)(void* argument) noexcept;

  ExitGuard(Stop stop, void* argument);
  ~ExitGuard();
  ExitGuard(const ExitGuard&) = delete;
  ExitGuard& operator=(const ExitGuard&) = delete;

  /// Calls all that live, the latest first.
  static void stop_all() noexcept;

 private:
  Stop stop_;
  void* argument_;
  ExitGuard* previous_;
};

}  // namespace koku
