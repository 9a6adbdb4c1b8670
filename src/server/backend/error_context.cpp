#include "server/backend/error_context.hpp"

#include "core/base/assertion.hpp"

namespace koku {

ErrorContext::ErrorContext(Describe describe, void* argument) noexcept : callback_{} {
  callback_.previous = error_context_stack;
  callback_.callback = describe;
  callback_.arg = argument;
  error_context_stack = &callback_;
}

ErrorContext::~ErrorContext() {
  KOKU_ASSERT(error_context_stack == &callback_);
  error_context_stack = callback_.previous;
}

void PayloadContext::describe(void* context) {
  const auto* payload = static_cast<const PayloadContext*>(context);
  if (!payload->file_.empty())
    errcontext("payload %s, file \"%s\"", payload->manifest_, payload->file_.c_str());
  else
    errcontext("payload %s", payload->manifest_);
}

void SummaryContext::describe(void* context) {
  const auto* statement = static_cast<const SummaryContext*>(context);
  errcontext("summary statement \"%s\"", statement->name_);
}

}  // namespace koku
