// The line "CONTEXT:" of messages: what the server was working on.
#pragma once

#include <string>
#include <string_view>

#include "core/base/excerpt.hpp"

#include "server/backend/postgres.hpp"

namespace koku {

/// While it lives, the server calls `describe` with `argument` when it makes a message. Stack objects only, or members
/// of such.
class ErrorContext {
 public:
  using Describe = void (*)(void* argument);
  ErrorContext(Describe describe, void* argument) noexcept;
  ~ErrorContext();
  ErrorContext(const ErrorContext&) = delete;
  ErrorContext& operator=(const ErrorContext&) = delete;

 private:
  ErrorContextCallback callback_;
};

/// While it lives, messages of the server say which payload and which of its files was being read.
class PayloadContext {
 public:
  /// `manifest` must outlive the object.
  explicit PayloadContext(const char* manifest) noexcept : manifest_(manifest), context_(&describe, this) {}

  void enter_file(std::string_view file) { file_ = excerpt(file, longest_name); }
  void leave_file() noexcept { file_.clear(); }

 private:
  static constexpr std::size_t longest_name = 128;

  static void describe(void* context);

  const char* manifest_;
  std::string file_;  // fit for a message; empty outside of files
  ErrorContext context_;
};

/// While it lives, messages of the server say which statement file of a summary was run.
class SummaryContext {
 public:
  /// `name`, of the file, must outlive the object.
  explicit SummaryContext(const char* name) noexcept : name_{name}, context_{&describe, this} {}

 private:
  static void describe(void* context);

  const char* name_;
  ErrorContext context_;
};

}  // namespace koku
