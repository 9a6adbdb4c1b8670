#include "server/error_context.hpp"

#include <new>

#include "server/postgres.hpp"

namespace koku {

PayloadContext::PayloadContext(const char* manifest) noexcept : previous_(error_context_stack), manifest_(manifest) {
  static_assert(sizeof(ErrorContextCallback) <= sizeof(callback_memory_));
  auto* callback = new (callback_memory_) ErrorContextCallback;
  callback->previous = error_context_stack;
  callback->callback = &PayloadContext::describe;
  callback->arg = this;
  callback_ = callback;
  error_context_stack = callback;
}

PayloadContext::~PayloadContext() { error_context_stack = static_cast<ErrorContextCallback*>(previous_); }

void PayloadContext::describe(void* context) {
  const auto* payload = static_cast<const PayloadContext*>(context);
  if (!payload->file_.empty())
    errcontext("payload %s, file \"%s\"", payload->manifest_, payload->file_.c_str());
  else
    errcontext("payload %s", payload->manifest_);
}

}  // namespace koku
