// Checks of what must hold unless there is a mistake in this code: never of input.
#pragma once

namespace koku {

[[noreturn]] void assertion_failed(const char* condition, const char* file, int line) noexcept;

}  // namespace koku

/// Ends the process when the condition does not hold, in builds with KOKU_ASSERTIONS: those of the unit tests and the
/// fuzz targets, the sanitized server, and for servers that were built with assertions themselves. Else it costs
/// nothing, and the condition is compiled but not looked at.
#ifdef KOKU_ASSERTIONS
#define KOKU_ASSERT(condition) \
  ((condition) ? static_cast<void>(0) : ::koku::assertion_failed(#condition, __FILE__, __LINE__))
#else
#define KOKU_ASSERT(condition) static_cast<void>(sizeof((condition) ? 1 : 0))
#endif
