#include "server/backend/error_context.hpp"

#include <new>

#include "server/backend/postgres.hpp"

namespace koku {

ErrorContext::ErrorContext(Describe describe, void* argument) noexcept : previous_(error_context_stack) {
  static_assert(sizeof(ErrorContextCallback) <= sizeof(callback_memory_));
  auto* callback = new (callback_memory_) ErrorContextCallback;
  callback->previous = error_context_stack;
  callback->callback = describe;
  callback->arg = argument;
  error_context_stack = callback;
}

ErrorContext::~ErrorContext() { error_context_stack = static_cast<ErrorContextCallback*>(previous_); }

void PayloadContext::describe(void* context) {
  const auto* payload = static_cast<const PayloadContext*>(context);
  if (!payload->file_.empty())
    errcontext("payload %s, file \"%s\"", payload->manifest_, payload->file_.c_str());
  else
    errcontext("payload %s", payload->manifest_);
}

void SummaryContext::describe(void* context) {
  const auto* statement = static_cast<const SummaryContext*>(context);
  errcontext("summary statement %d, which fills \"%s\"", statement->position_, statement->target_);
}

}  // namespace koku
