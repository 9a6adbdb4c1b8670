#include "core/payload/operator_status.hpp"

#include <algorithm>
#include <string_view>

#include "core/payload/manifest_json.hpp"

namespace koku {
namespace {

namespace dom = simdjson::dom;

std::optional<dom::element> field_of_part(dom::object status, std::string_view part, std::string_view key) {
  const std::optional<dom::element> value = last_field(status, part);
  dom::object object;
  if (!value || value->get_object().get(object) != simdjson::SUCCESS) return std::nullopt;
  return last_field(object, key);
}

std::optional<std::string> channel_of(dom::object status) {
  const std::optional<dom::element> value = last_field(status, "clusterVersion");
  const std::optional<std::string_view> text = value ? string_in(*value) : std::nullopt;
  if (!text) return std::nullopt;
  std::string channel(*text);
  std::erase(channel, '\0');  // which the server's text cannot hold
  return channel;
}

bool is_airgapped(dom::object status) {
  const std::optional<dom::element> upload = field_of_part(status, "upload", "upload");
  return !upload || !is_truthy(*upload);
}

std::optional<std::string> errors_of(dom::object status) {
  std::string errors;
  for (const std::string_view part : {"authentication", "packaging", "upload", "prometheus", "source"}) {
    const std::optional<dom::element> error = field_of_part(status, part, "error");
    if (!error || !is_truthy(*error)) continue;
    errors.append(errors.empty() ? "{\"" : ", \"").append(part).append("_error\": ").append(storable_json(*error));
  }
  if (errors.empty()) return std::nullopt;
  return errors + "}";
}

}  // namespace

OperatorStatus read_operator_status(dom::object cr_status) {
  if (cr_status.size() == 0) return {};
  return {channel_of(cr_status), is_airgapped(cr_status), errors_of(cr_status)};
}

}  // namespace koku
