#include "server/backend/boundary.hpp"

#include <cstring>
#include <string>

namespace koku {
namespace {

/// A copy that survives the exception; nullptr when there is nothing to say or no memory for it.
char* plain_copy(const char* text, std::size_t length) noexcept {
  if (length == 0) return nullptr;
  auto* copy = static_cast<char*>(MemoryContextAllocExtended(CurrentMemoryContext, length + 1, MCXT_ALLOC_NO_OOM));
  if (copy == nullptr) return nullptr;
  std::memcpy(copy, text, length);
  copy[length] = '\0';
  return copy;
}

char* plain_copy(const std::string& text) noexcept { return plain_copy(text.data(), text.size()); }

}  // namespace

void throw_server_error(MemoryContext context) {
  MemoryContextSwitchTo(context);
  ErrorData* volatile data = nullptr;
  // Without memory for the copy the server raises again, and this frame is all that may be skipped.
  PG_TRY();
  { data = CopyErrorData(); }
  PG_CATCH();
  { MemoryContextSwitchTo(context); }
  PG_END_TRY();
  FlushErrorState();
  if (data == nullptr) throw std::bad_alloc();
  throw ServerError(data);
}

void check_interrupts() {
  if (INTERRUPTS_PENDING_CONDITION()) server_call([] { CHECK_FOR_INTERRUPTS(); });
}

void PendingError::keep(const ServerError& error) noexcept { server_error = error.data(); }

void PendingError::keep(const Error& error) noexcept {
  sqlstate = sqlstate_of(error.kind());
  message = plain_copy(error.message());
  detail = plain_copy(error.detail());
  hint = plain_copy(error.hint());
}

void PendingError::keep(int error_sqlstate, const char* text) noexcept {
  sqlstate = error_sqlstate;
  message = plain_copy(text, std::strlen(text));
}

void PendingError::raise() const {
  KOKU_ASSERT(server_error != nullptr || sqlstate != 0);
  if (server_error != nullptr) ReThrowError(server_error);
  ereport(ERROR, (errcode(sqlstate), errmsg_internal("%s", message != nullptr ? message : "out of memory"),
                  detail != nullptr ? errdetail_internal("%s", detail) : 0, hint != nullptr ? errhint("%s", hint) : 0));
  pg_unreachable();
}

int sqlstate_of(ErrorKind kind) noexcept {
  switch (kind) {
    case ErrorKind::invalid_archive:
    case ErrorKind::invalid_manifest:
      return ERRCODE_INVALID_TEXT_REPRESENTATION;
    case ErrorKind::invalid_csv:
    case ErrorKind::strict_violation:
      return ERRCODE_BAD_COPY_FILE_FORMAT;
    case ErrorKind::too_large:
      return ERRCODE_PROGRAM_LIMIT_EXCEEDED;
    case ErrorKind::invalid_parameter:
      return ERRCODE_INVALID_PARAMETER_VALUE;
    case ErrorKind::unknown_source:
      return ERRCODE_UNDEFINED_OBJECT;
    case ErrorKind::ambiguous_source:
      return ERRCODE_AMBIGUOUS_PARAMETER;
    case ErrorKind::source_paused:
      return ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE;
    case ErrorKind::source_busy:
      return ERRCODE_LOCK_NOT_AVAILABLE;
    case ErrorKind::expired:
    case ErrorKind::future_day:
      return ERRCODE_DATETIME_FIELD_OVERFLOW;
    case ErrorKind::distributed:
      return ERRCODE_FEATURE_NOT_SUPPORTED;
  }
  return ERRCODE_INTERNAL_ERROR;
}

}  // namespace koku
