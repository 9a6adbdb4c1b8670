#include "kafka/announcement.hpp"

#include <nlohmann/json.hpp>

#include "observe/encoding.hpp"
#include "observe/log.hpp"

namespace koku::intake {
namespace {

using nlohmann::json;

constexpr std::size_t longest_request_id = 256;
constexpr std::size_t longest_url = 8 * 1024;

/// A field that is a text, or a number (accounts are written as both); empty when it is missing or something else.
std::string text_field(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end()) return {};
  if (found->is_string()) return found->get<std::string>();
  if (found->is_number_integer()) return found->dump();
  return {};
}

/// What the identity says about the customer, where the message does not. It is no proof of anything: whoever may write
/// to the topic may write this as well.
void complete_from_identity(const json& message, Announcement& announcement) {
  const auto decoded = decode_base64(text_field(message, "b64_identity"));
  if (!decoded) return;
  const auto header = json::parse(*decoded, nullptr, false);
  const auto identity = header.is_object() ? header.value("identity", json()) : json();
  if (!identity.is_object()) return;
  if (announcement.org_id.empty()) announcement.org_id = text_field(identity, "org_id");
  if (announcement.org_id.empty() && identity.contains("internal") && identity["internal"].is_object()) {
    announcement.org_id = text_field(identity["internal"], "org_id");
  }
  if (announcement.account.empty()) announcement.account = text_field(identity, "account_number");
}

}  // namespace

std::optional<Announcement> parse_announcement(std::string_view message,
                                               const std::optional<std::string>& header_service,
                                               const std::string& service) {
  if (!service.empty() && header_service && *header_service != service) return std::nullopt;
  const auto object = json::parse(message.begin(), message.end(), nullptr, false);
  if (!object.is_object()) {
    if (!service.empty() && !header_service) return std::nullopt;  // nothing says that it is for us
    throw MalformedAnnouncement("the message is not a JSON object", {});
  }
  if (!service.empty() && !header_service && text_field(object, "service") != service) return std::nullopt;

  Announcement announcement{text_field(object, "request_id"), text_field(object, "url"), text_field(object, "org_id"),
                            text_field(object, "account")};
  if (announcement.request_id.empty()) throw MalformedAnnouncement("the message has no request_id", {});
  if (announcement.request_id.size() > longest_request_id) {
    throw MalformedAnnouncement("the request_id is too long", {});
  }
  if (announcement.url.empty()) throw MalformedAnnouncement("the message has no url", announcement.request_id);
  if (announcement.url.size() > longest_url || announcement.url.find('\0') != std::string::npos) {
    throw MalformedAnnouncement("the url is too long or malformed", announcement.request_id);
  }
  complete_from_identity(object, announcement);
  return announcement;
}

std::string validation_message(const std::string& request_id, bool success) {
  const nlohmann::ordered_json message{{"request_id", request_id}, {"validation", success ? "success" : "failure"}};
  return message.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace koku::intake
