#include "forms/multipart.hpp"

#include <algorithm>

namespace koku::intake {
namespace {

constexpr std::size_t largest_head = 8 * 1024;
constexpr int most_parts = 16;
constexpr std::string_view boundary_characters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'()+_,-./:=? ";

/// Reads one header line of a part into its head; headers that nobody needs are passed over.
void read_header_line(std::string_view line, PartHead& head, bool& has_disposition) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) throw MalformedMultipart("a header line of a part has no name");
  const auto name = to_lower(line.substr(0, colon));
  const auto value = trim(line.substr(colon + 1));
  if (name == "content-type") {
    head.content_type = value;
  } else if (name == "content-disposition") {
    const auto disposition = parse_header_value(value);
    if (!disposition || disposition->value != "form-data") {
      throw MalformedMultipart("the Content-Disposition of a part is not form-data");
    }
    head.name = disposition->parameter("name");
    head.filename = disposition->parameter("filename");
    has_disposition = true;
  }
}

PartHead parse_head(std::string_view text) {
  PartHead head;
  bool has_disposition = false;
  while (!text.empty()) {
    const auto end = text.find("\r\n");
    read_header_line(text.substr(0, end), head, has_disposition);
    text.remove_prefix(end + 2);
  }
  if (!has_disposition) throw MalformedMultipart("a part has no Content-Disposition");
  return head;
}

}  // namespace

std::optional<std::string> multipart_boundary(std::string_view content_type) {
  const auto value = parse_header_value(content_type);
  if (!value || value->value != "multipart/form-data") return std::nullopt;
  const auto boundary = value->parameter("boundary");
  if (boundary.empty() || boundary.size() > 70 || boundary.back() == ' ') return std::nullopt;
  if (boundary.find_first_not_of(boundary_characters) != std::string::npos) return std::nullopt;
  return boundary;
}

MultipartReader::MultipartReader(std::string_view boundary, PartReceiver& receiver)
    : delimiter_("\r\n--" + std::string(boundary)), receiver_(receiver), pending_("\r\n") {
  // The line break in front makes the first delimiter look like all others.
}

void MultipartReader::feed(std::string_view bytes) {
  if (state_ == State::epilogue) return;
  pending_.append(bytes);
  bool advanced = true;
  while (advanced) {
    switch (state_) {
      case State::preamble:
        advanced = skip_preamble();
        break;
      case State::after_delimiter:
        advanced = read_after_delimiter();
        break;
      case State::head:
        advanced = read_head();
        break;
      case State::content:
        advanced = read_content();
        break;
      case State::epilogue:
        pending_.clear();
        advanced = false;
        break;
    }
  }
}

void MultipartReader::finish() const {
  if (state_ != State::epilogue) throw MalformedMultipart("the body ends before its closing boundary");
}

bool MultipartReader::skip_preamble() {
  // Here and below the limits are so that they do not depend on the pieces in which the bytes arrive.
  const auto found = pending_.find(delimiter_);
  if (found == std::string::npos ? pending_.size() > largest_head + delimiter_.size() : found > largest_head) {
    throw MalformedMultipart("the boundary does not come");
  }
  if (found == std::string::npos) return false;
  pending_.erase(0, found + delimiter_.size());
  state_ = State::after_delimiter;
  return true;
}

bool MultipartReader::read_after_delimiter() {
  if (pending_.size() < 2) return false;
  if (pending_.starts_with("--")) {
    state_ = State::epilogue;
    return true;
  }
  // Blanks may stand between the boundary and the end of its line.
  const auto end = pending_.find_first_not_of(" \t");
  if (std::min(end, pending_.size()) > largest_head) throw MalformedMultipart("the line of a boundary does not end");
  if (end == std::string::npos || end + 2 > pending_.size()) return false;
  if (pending_.compare(end, 2, "\r\n") != 0) throw MalformedMultipart("other text follows a boundary on its line");
  // The line break stays: a head without any header is then an empty line like the end of every other head.
  pending_.erase(0, end);
  state_ = State::head;
  return true;
}

bool MultipartReader::read_head() {
  const auto end = pending_.find("\r\n\r\n");
  if (end == std::string::npos ? pending_.size() > largest_head + 4 : end > largest_head) {
    throw MalformedMultipart("the head of a part is too long");
  }
  if (end == std::string::npos) return false;
  if (++parts_ > most_parts) throw MalformedMultipart("the body has too many parts");
  const auto head = parse_head(std::string_view(pending_).substr(2, end));
  pending_.erase(0, end + 4);
  state_ = State::content;
  receiver_.part_begins(head);
  return true;
}

bool MultipartReader::read_content() {
  const auto found = pending_.find(delimiter_);
  if (found != std::string::npos) {
    if (found > 0) receiver_.part_bytes(std::string_view(pending_).substr(0, found));
    pending_.erase(0, found + delimiter_.size());
    state_ = State::after_delimiter;
    receiver_.part_ends();
    return true;
  }
  // The last bytes may be the beginning of a delimiter.
  if (pending_.size() >= delimiter_.size()) {
    const auto certain = pending_.size() - (delimiter_.size() - 1);
    receiver_.part_bytes(std::string_view(pending_).substr(0, certain));
    pending_.erase(0, certain);
  }
  return false;
}

}  // namespace koku::intake
