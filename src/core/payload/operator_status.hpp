// What a manifest's cr_status, the operator's own report on itself, tells (spec ingest.md 1.3).
#pragma once

#include <simdjson.h>

#include <optional>
#include <string>

namespace koku {

/// Nothing at all for an empty cr_status. Of one that is not, parts that are missing, null or of another type count as
/// absent.
struct OperatorStatus {
  std::optional<std::string> cluster_channel;  ///< clusterVersion
  std::optional<bool> airgapped;               ///< true unless upload.upload is truthy
  std::optional<std::string> errors;  ///< JSON object `<case>_error`: error of each case that has one; absent without
};

OperatorStatus read_operator_status(simdjson::dom::object cr_status);

}  // namespace koku
