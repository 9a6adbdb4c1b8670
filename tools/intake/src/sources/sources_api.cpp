#include "sources/sources_api.hpp"

#include <algorithm>

#include "forms/refusal.hpp"
#include "observe/log.hpp"
#include "sources/query_string.hpp"

namespace koku::intake {
namespace {

using nlohmann::ordered_json;

// There is one kind of source and one application here; their ids are texts in all answers.
constexpr const char* openshift_id = "1";
constexpr const char* openshift_name = "openshift";
constexpr const char* application_id = "1";
constexpr const char* application_name = "/insights/platform/cost-management";

using Filters = std::map<std::string, std::string>;

/// The filters of a query by their names: 'filter[name]=x' is name: x. Others than the known ones are refused: an
/// answer that passes over one would be a wrong one.
Filters parse_filters(std::string_view query, const std::vector<std::string>& known) {
  const auto parameters = parse_query_string(query);
  if (!parameters) throw Refusal(400, "the query of the URL is malformed");
  Filters filters;
  for (const auto& [name, value] : *parameters) {
    const bool is_filter = name.starts_with("filter[") && name.ends_with("]");
    const auto filter = is_filter ? name.substr(7, name.size() - 8) : std::string();
    if (std::find(known.begin(), known.end(), filter) == known.end()) {
      throw Refusal(400, "the parameter '" + excerpt(name, 60) + "' of the URL is not known");
    }
    filters[filter] = value;
  }
  return filters;
}

ordered_json collection(ordered_json items) {
  const auto count = items.size();
  return {{"meta", {{"count", count}}}, {"data", std::move(items)}};
}

/// A collection whose only member has this name.
SourcesAnswer named_item(std::string_view query, const char* id, const char* name) {
  const auto filters = parse_filters(query, {"name"});
  const auto wanted = filters.find("name");
  auto items = ordered_json::array();
  if (wanted == filters.end() || wanted->second == name) items.push_back({{"id", id}, {"name", name}});
  return {200, collection(std::move(items))};
}

ordered_json parse_body(std::string_view body) {
  auto object = ordered_json::parse(body.begin(), body.end(), nullptr, false);
  if (!object.is_object()) throw Refusal(400, "the body is not a JSON object");
  return object;
}

std::string text_member(const ordered_json& object, const char* name) {
  const auto found = object.find(name);
  auto text = found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
  if (text.empty() || text.find('\0') != std::string::npos) {
    throw Refusal(400, "the body has no text '" + std::string(name) + "'");
  }
  return text;
}

ordered_json source_item(const std::string& id, const std::string& name, const std::string& cluster_id) {
  return {{"id", id}, {"name", name}, {"source_type_id", openshift_id}, {"source_ref", cluster_id}};
}

std::optional<std::string> value_of(const Filters& filters, const char* name) {
  const auto found = filters.find(name);
  return found == filters.end() ? std::nullopt : std::optional(found->second);
}

/// The rows of sources as a JSON array of what the answers need.
constexpr const char* source_rows =
    "coalesce(pg_catalog.json_agg(pg_catalog.json_build_object('id', source, 'name', name, 'source_ref', "
    "cluster_id)), '[]')";
constexpr const char* filtered_source_rows =
    "coalesce(pg_catalog.json_agg(pg_catalog.json_build_object('id', source, 'name', name, 'source_ref', "
    "cluster_id)) FILTER (WHERE ($2::text IS NULL OR cluster_id = $2) AND ($3::text IS NULL OR name = $3)), '[]')";

ordered_json source_items(const std::string& rows) {
  auto items = ordered_json::array();
  for (const auto& row : ordered_json::parse(rows)) {
    items.push_back(source_item(row.at("id"), row.at("name"), row.at("source_ref")));
  }
  return items;
}

SourcesQuestion link_application(std::string_view body, const std::optional<std::string>& tenant) {
  const auto object = parse_body(body);
  const auto source = text_member(object, "source_id");
  if (text_member(object, "application_type_id") != application_id) {
    throw Refusal(400, "there is no application type with this id");
  }
  return {
      source_rows, sources_of_tenant, {tenant}, [source](const std::string& rows) {
        for (const auto& item : source_items(rows)) {
          if (item["id"] != source) continue;
          return SourcesAnswer{201, {{"id", source}, {"source_id", source}, {"application_type_id", application_id}}};
        }
        throw Refusal(404, "there is no source with this id");
      }};
}

}  // namespace

std::optional<std::string> SourcesApi::resource_of(std::string_view path) const {
  for (const auto& prefix : settings_.path) {
    if (!path.starts_with(prefix)) continue;
    auto resource = path.substr(prefix.size());
    if (resource.ends_with('/')) resource.remove_suffix(1);
    return std::string(resource);
  }
  return std::nullopt;
}

std::variant<SourcesAnswer, SourcesQuestion> SourcesApi::answer(const SourcesRequest& request,
                                                                const std::optional<std::string>& tenant) const {
  const auto resource = resource_of(request.path).value_or("");
  const auto only_get = [&request] {
    if (request.is_post) throw Refusal(405, "only GET is understood here");
  };
  if (resource == "source_types") {
    only_get();
    return named_item(request.query, openshift_id, openshift_name);
  }
  if (resource == "application_types") {
    only_get();
    return named_item(request.query, application_id, application_name);
  }
  if (resource == "sources") {
    return request.is_post ? create_source(request.body, tenant) : find_sources(request.query, tenant);
  }
  if (resource == "applications") {
    if (!request.is_post) throw Refusal(405, "only POST is understood here");
    return link_application(request.body, tenant);
  }
  throw Refusal(404, "there is nothing here");
}

SourcesQuestion SourcesApi::find_sources(std::string_view query, const std::optional<std::string>& tenant) const {
  const auto filters = parse_filters(query, {"name", "source_ref", "source_type_id"});
  const auto type = value_of(filters, "source_type_id");
  const bool of_other_type = type && *type != openshift_id;
  return {filtered_source_rows,
          sources_of_tenant,
          {tenant, value_of(filters, "source_ref"), value_of(filters, "name")},
          [of_other_type](const std::string& rows) {
            return SourcesAnswer{200, collection(of_other_type ? ordered_json::array() : source_items(rows))};
          }};
}

SourcesQuestion SourcesApi::create_source(std::string_view body, const std::optional<std::string>& tenant) const {
  const auto object = parse_body(body);
  const auto name = text_member(object, "name");
  const auto cluster_id = text_member(object, "source_ref");
  if (text_member(object, "source_type_id") != openshift_id) throw Refusal(400, "there is no source type with this id");
  if (!settings_.create) {
    throw Refusal(403,
                  "clusters are not registered by senders here: an administrator of the database must call "
                  "koku_create_source() for cluster id '" +
                      excerpt(cluster_id, 60) + "' with name '" + excerpt(name, 60) + "'" +
                      (tenant ? " in tenant '" + excerpt(*tenant, 64) + "'" : std::string()));
  }
  return {"registered",
          "koku_register_source($1::pg_catalog.text, $2::pg_catalog.text, $3::pg_catalog.name) AS registered",
          {cluster_id, name, tenant},
          [name, cluster_id](const std::string& source) {
            return SourcesAnswer{201, source_item(source, name, cluster_id)};
          }};
}

}  // namespace koku::intake
