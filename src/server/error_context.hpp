// The line "CONTEXT:" of messages: where in the payload the server was.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/excerpt.hpp"

namespace koku {

/// While it lives, messages of the server say which manifest, file and line was being read. Stack objects only.
class PayloadContext {
 public:
  /// `manifest` must outlive the object.
  explicit PayloadContext(const char* manifest) noexcept;
  ~PayloadContext();
  PayloadContext(const PayloadContext&) = delete;
  PayloadContext& operator=(const PayloadContext&) = delete;

  void enter_file(std::string_view file) { file_ = excerpt(file, longest_name); }
  void leave_file() noexcept { file_.clear(); }

 private:
  static constexpr std::size_t longest_name = 128;

  static void describe(void* context);

  void* previous_;
  void* callback_;
  const char* manifest_;
  std::string file_;  // fit for a message; empty outside of files
  alignas(8) char callback_memory_[32];
};

}  // namespace koku
