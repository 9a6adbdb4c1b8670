// The border between C++ and the server's error handling.
//
// Two rules keep a backend alive (docs/architecture.md):
//  - no C++ exception leaves an entry point: run_entry_point() turns it into ereport(ERROR) after every C++ object is
//  gone;
//  - no server error jumps over a C++ object: what may raise runs inside server_call(), which turns the error into a
//    ServerError. Its argument holds plain data only: no object with a destructor may be created inside.
#pragma once

#include <cstdint>
#include <exception>
#include <new>
#include <type_traits>
#include <utility>

#include "core/base/assertion.hpp"
#include "core/base/error.hpp"

#include "server/backend/postgres.hpp"

namespace koku {

/// An error of the server, with its whole record, on its way through C++ frames.
class ServerError final : public std::exception {
 public:
  explicit ServerError(ErrorData* data) noexcept : data_(data) {}
  const char* what() const noexcept override { return data_->message != nullptr ? data_->message : "server error"; }
  ErrorData* data() const noexcept { return data_; }

 private:
  ErrorData* data_;
};

/// Copies the server's current error out of its stack, in `context`, and throws it as ServerError; std::bad_alloc when
/// there is no memory for the copy.
[[noreturn]] void throw_server_error(MemoryContext context);

/// Runs server code that may raise. An error becomes a ServerError. The function must not create C++ objects that have
/// a destructor, nor throw: the server leaves it by longjmp.
template <typename Function>
void server_call(Function&& function) {
  static_assert(std::is_trivially_destructible_v<std::remove_reference_t<Function>>,
                "what is captured must survive a longjmp: capture by reference or plain values");
  const MemoryContext context = CurrentMemoryContext;
  [[maybe_unused]] const auto* const exception_stack = PG_exception_stack;
  [[maybe_unused]] const auto* const context_stack = error_context_stack;
  volatile bool failed = false;
  PG_TRY();
  { function(); }
  PG_CATCH();
  { failed = true; }
  PG_END_TRY();
  if (failed) throw_server_error(context);
  KOKU_ASSERT(PG_exception_stack == exception_stack && error_context_stack == context_stack);
}

/// Serves cancel and termination requests; cheap when there is none.
void check_interrupts();

/// An error kept in plain memory until all C++ frames are left.
struct PendingError {
  ErrorData* server_error = nullptr;
  int sqlstate = 0;
  char* message = nullptr;
  char* detail = nullptr;
  char* hint = nullptr;

  void keep(const ServerError& error) noexcept;
  void keep(const Error& error) noexcept;
  void keep(int error_sqlstate, const char* text) noexcept;
  /// Raises what was kept; never returns.
  [[noreturn]] void raise() const;
};

/// The outer border: calls `body`, returns its Datum, and turns whatever it throws into a server error.
template <typename Body>
Datum run_entry_point(Body body) {
  const MemoryContext context = CurrentMemoryContext;
  PendingError pending;
  try {
    const Datum result = body();
    KOKU_ASSERT(CurrentMemoryContext == context);
    return result;
  } catch (const ServerError& error) {
    MemoryContextSwitchTo(context);
    pending.keep(error);
  } catch (const Error& error) {
    MemoryContextSwitchTo(context);
    pending.keep(error);
  } catch (const std::bad_alloc&) {
    MemoryContextSwitchTo(context);
    pending.keep(ERRCODE_OUT_OF_MEMORY, "out of memory");
  } catch (const std::exception& error) {
    MemoryContextSwitchTo(context);
    pending.keep(ERRCODE_INTERNAL_ERROR, error.what());
  } catch (...) {
    MemoryContextSwitchTo(context);
    pending.keep(ERRCODE_INTERNAL_ERROR, "unknown C++ exception");
  }
  pending.raise();
}

/// SQLSTATE of a kind of core error, as listed in core/base/error.hpp.
int sqlstate_of(ErrorKind kind) noexcept;

}  // namespace koku

/// Opens the definition of a SQL-callable function, visible to the server on every release.
#define KOKU_SQL_FUNCTION(name)             \
  PGDLLEXPORT Datum name(PG_FUNCTION_ARGS); \
  PG_FUNCTION_INFO_V1(name);                \
  Datum name(PG_FUNCTION_ARGS)
