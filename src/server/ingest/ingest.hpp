// A payload, from its bytes to rows (spec ingest.md 1.6, 1.9): one transaction, all of it or none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "server/ingest/payload_source.hpp"

namespace koku {

struct IngestOptions {
  std::string extension_schema;
  std::optional<std::string> tenant;  ///< absent: the one tenant that has the cluster
  bool force = false;                 ///< replace days even at equal or fewer hours, take files again that were done
  bool strict = false;                ///< a warning becomes an error
  std::optional<int> received;        ///< day of receipt, days since 1970-01-01; absent: today (UTC)
  bool wait_for_source = true;        ///< false: an error when another transaction writes its rows
};

/// One row of koku_ingest_result.
struct IngestResult {
  std::string manifest;  ///< manifest uuid
  std::string file;
  std::optional<std::string> report_type;
  std::optional<int> day;  ///< days since 1970-01-01
  std::string action;
  std::uint64_t rows_in = 0;
  std::uint64_t rows_loaded = 0;
  std::uint64_t rows_dropped = 0;
  std::optional<std::string> message;
};

/// Whose payload was read last in this session.
struct ReadManifest {
  std::string uuid;
  std::string cluster_id;
};

/// The manifest that the latest ingest_payload() read, whatever became of the payload; nothing since forget_manifest(),
/// or when it could not be read.
const std::optional<ReadManifest>& latest_manifest() noexcept;
void forget_manifest() noexcept;

/// Raises Error, ServerError or std::bad_alloc; then nothing of the payload stays once the transaction is rolled back.
std::vector<IngestResult> ingest_payload(const SourceOpener& open, const IngestOptions& options);

}  // namespace koku
