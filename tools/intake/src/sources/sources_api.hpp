// The calls with which the operator looks for the source of its cluster, and registers it, before it uploads.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "settings/configuration.hpp"

namespace koku::intake {

struct SourcesRequest {
  bool is_post = false;   ///< else GET
  std::string_view path;  ///< without the query
  std::string_view query;
  std::string_view body;
};

struct SourcesAnswer {
  unsigned status = 200;
  nlohmann::ordered_json body;
};

/// A call for SourcesQuestion: the sources of the tenant $1. The database refuses a tenant that does not exist.
inline constexpr const char* sources_of_tenant = "koku_tenant_sources($1::pg_catalog.name)";

/// What the database has to say before there is an answer. The call is a function of the extension, without its schema;
/// it gives one row of a text.
struct SourcesQuestion {
  std::string columns;  ///< SELECT columns FROM schema.call
  std::string call;
  std::vector<std::optional<std::string>> parameters;
  std::function<SourcesAnswer(const std::string& result)> answer;
};

class SourcesApi {
 public:
  explicit SourcesApi(Configuration::Sources settings) : settings_(std::move(settings)) {}

  /// Whether a path is below one of the prefixes.
  bool serves(std::string_view path) const { return resource_of(path).has_value(); }

  /// The answer, or what to ask the database for it. tenant: of the sender; none: the only one that there is. Throws
  /// Refusal: 400, 403, 404, 405.
  std::variant<SourcesAnswer, SourcesQuestion> answer(const SourcesRequest& request,
                                                      const std::optional<std::string>& tenant) const;

 private:
  std::optional<std::string> resource_of(std::string_view path) const;
  SourcesQuestion find_sources(std::string_view query, const std::optional<std::string>& tenant) const;
  SourcesQuestion create_source(std::string_view body, const std::optional<std::string>& tenant) const;

  Configuration::Sources settings_;
};

}  // namespace koku::intake
