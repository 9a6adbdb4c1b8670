// A multipart/form-data body (RFC 7578, RFC 2046 5.1), read as it arrives, in pieces of any size.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "forms/header_value.hpp"

namespace koku::intake {

/// A body that breaks the format. The text is for the sender.
class MalformedMultipart : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The head of a part.
struct PartHead {
  std::string name;          ///< of the form field
  std::string filename;      ///< may be empty
  std::string content_type;  ///< as sent; may be empty
};

/// What becomes of the parts. What it throws passes through MultipartReader::feed().
class PartReceiver {
 public:
  virtual ~PartReceiver() = default;
  virtual void part_begins(const PartHead& head) = 0;
  virtual void part_bytes(std::string_view bytes) = 0;
  virtual void part_ends() = 0;
};

/// The boundary that a Content-Type names: 'multipart/form-data; boundary=...'. Nothing for another type or a boundary
/// that RFC 2046 does not allow.
std::optional<std::string> multipart_boundary(std::string_view content_type);

/// Cuts the body into parts. Keeps at most a part's head (8 kB) or a delimiter; content goes straight to the receiver.
class MultipartReader {
 public:
  MultipartReader(std::string_view boundary, PartReceiver& receiver);

  /// The next bytes of the body. Throws MalformedMultipart.
  void feed(std::string_view bytes);
  /// The body has ended. Throws MalformedMultipart when the closing delimiter has not come.
  void finish() const;

 private:
  enum class State { preamble, after_delimiter, head, content, epilogue };

  /// Each of these does what it can with the bytes in hand; false when more must come first.
  bool skip_preamble();
  bool read_after_delimiter();
  bool read_head();
  bool read_content();

  std::string delimiter_;  ///< line break, two dashes, boundary
  PartReceiver& receiver_;
  State state_ = State::preamble;
  std::string pending_;  ///< bytes that are not dealt with
  int parts_ = 0;
};

}  // namespace koku::intake
