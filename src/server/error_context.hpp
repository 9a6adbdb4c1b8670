// The line "CONTEXT:" of messages: where in the payload the server was.
#pragma once

#include <cstdint>
#include <string>

namespace koku {

/// While it lives, messages of the server say which manifest, file and line was being read. Stack objects only.
class PayloadContext {
 public:
  explicit PayloadContext(const char* manifest) noexcept;
  ~PayloadContext();
  PayloadContext(const PayloadContext&) = delete;
  PayloadContext& operator=(const PayloadContext&) = delete;

  /// The strings must live until the next call or the end.
  void enter_file(const char* file) noexcept { file_ = file; }
  void leave_file() noexcept { file_ = nullptr; }

 private:
  static void describe(void* context);

  void* previous_;
  void* callback_;
  const char* manifest_;
  const char* file_ = nullptr;
  alignas(8) char callback_memory_[32];
};

}  // namespace koku
