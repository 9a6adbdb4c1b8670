// The settings of the extension (prefix koku_onprem.).
#pragma once

#include "core/payload/archive_limits.hpp"

namespace koku {

/// Registers the settings; called once when the library is loaded.
void define_settings();

/// The limits of a payload as the settings have them now.
ArchiveLimits archive_limits();

/// koku_onprem.max_aggregate_memory in bytes.
std::size_t aggregate_memory_limit();

/// Whether a payload of that many compressed bytes is read by a thread: koku_onprem.ingest_threads and
/// ingest_thread_min_size.
bool is_worth_a_thread(std::uint64_t payload_bytes);

/// koku_onprem.retention_months: 0 keeps everything.
int retention_months_setting();

}  // namespace koku
