// What must hold for every input, and the end of the run when it does not.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace koku::fuzz {

/// Ends the run with a message, which the fuzzer takes for a crash, unless `holds`.
void require(bool holds, std::string_view what);
/// Ends the run with both texts in the message, unless they are equal.
void require_equal(std::string_view got, std::string_view expected, std::string_view what);

/// Valid UTF-8 without NUL, which the server's text can hold.
void require_storable_text(std::string_view text, std::string_view what);

/// Characters of valid UTF-8.
std::size_t characters_of(std::string_view text);

/// A JSON object in ASCII whose values are strings and whose keys are distinct.
void require_label_json(std::string_view json);

/// JSON that the server's jsonb takes.
void require_storable_json(std::string_view json, std::string_view what);

/// What a message for the operator has to be: valid UTF-8, no control character, of bearable length.
void require_message_text(std::string_view text, std::string_view what);

/// Ends the run when more than a second of processor time, and one more for each MB of the input, passes while it
/// lives. Processor time, so that other work on the machine does not matter.
class TimeLimit {
 public:
  explicit TimeLimit(std::size_t input_bytes);
  ~TimeLimit();
  TimeLimit(const TimeLimit&) = delete;
  TimeLimit& operator=(const TimeLimit&) = delete;

 private:
  double begin_;
  double seconds_allowed_;
};

}  // namespace koku::fuzz
