// The messages of the upload topics: an announcement says where a payload lies, a validation message what came of it.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace koku::intake {

/// An announcement for our service that cannot be followed. It may still have named its request.
class MalformedAnnouncement : public std::runtime_error {
 public:
  MalformedAnnouncement(const std::string& message, std::string request_id)
      : std::runtime_error(message), request_id_(std::move(request_id)) {}

  /// Empty when there was none.
  const std::string& request_id() const { return request_id_; }

 private:
  std::string request_id_;
};

struct Announcement {
  std::string request_id;
  std::string url;
  std::string org_id;   ///< of the message, else of the identity; may be empty
  std::string account;  ///< likewise
};

/// Reads a message. header_service: its header 'service', when it has one; else the field 'service' counts. Nothing
/// when it is for another service (an empty service takes all messages). Throws MalformedAnnouncement for what is not a
/// JSON object with request_id and url.
std::optional<Announcement> parse_announcement(std::string_view message,
                                               const std::optional<std::string>& header_service,
                                               const std::string& service);

/// '{"request_id":"...","validation":"success"}' or "failure".
std::string validation_message(const std::string& request_id, bool success);

}  // namespace koku::intake
