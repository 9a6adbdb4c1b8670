#include "server/backend/settings.hpp"

#include <climits>

#include "server/backend/compatibility.hpp"
#include "server/backend/postgres.hpp"

namespace koku {
namespace {

int retention_months = 4;
int raw_retention_days = -1;
int retention_hour = -1;
int server_number = 0;
int max_payload_size = 8 * 1024 * 1024;
int max_member_size = 2 * 1024 * 1024;
int max_manifest_size = 2 * 1024;
int max_members = 10'000;
int max_compression_ratio = 200;
int max_aggregate_memory = 1024 * 1024;
int ingest_threads = 1;
int ingest_thread_min_size = 64;
int summary_days_per_step = 5;
int inbox_max_payload_size = 256 * 1024;
int inbox_max_attempts = 5;
int inbox_retry_seconds = 60;
int inbox_keep_days = 7;
int inbox_parked_days = 30;
int inbox_max_payloads = 50'000;
int inbox_max_size = 20 * 1024;
int inbox_max_tenant_payloads = 20'000;
int inbox_max_tenant_size = 10 * 1024;

void define_integer(const char* name, const char* description, const char* detail, int* variable, int lowest,
                    int highest, int unit) {
  DefineCustomIntVariable(name, description, detail, variable, *variable, lowest, highest, PGC_SUSET, unit, nullptr,
                          nullptr, nullptr);
}

}  // namespace

void define_settings() {
  define_integer(
      "koku_onprem.retention_months", "Calendar months of data to keep, the current one included.",
      "Older payloads are refused, older rows dropped. 0 keeps everything. A tenant's own value takes precedence.",
      &retention_months, 0, 1200, 0);
  define_integer("koku_onprem.raw_retention_days", "Days of raw rows of pods and volumes to keep, today included.",
                 "-1 keeps those of a month until seven days after its end (where all months are kept: as long as the "
                 "rest), 0 as long as the rest. A tenant's own value takes precedence.",
                 &raw_retention_days, -1, 36'500, 0);
  define_integer("koku_onprem.retention_hour", "Hour of the day (UTC) in which koku_run() carries out the retention.",
                 "Dropping partitions can cancel long reads on a standby. -1: at any hour.", &retention_hour, -1, 23,
                 0);
  define_integer(
      "koku_onprem.server_number", "Number of this server among those that share tenants.",
      "Numbers of manifests and payloads begin at this number times 10^12, so that those of two servers never "
      "meet.",
      &server_number, 0, 999, 0);
  define_integer("koku_onprem.max_payload_size", "Largest unpacked size of a payload.",
                 "All members of the archive together.", &max_payload_size, 1, INT_MAX, GUC_UNIT_KB);
  define_integer("koku_onprem.max_member_size", "Largest unpacked size of one member of a payload.", nullptr,
                 &max_member_size, 1, INT_MAX, GUC_UNIT_KB);
  define_integer("koku_onprem.max_manifest_size", "Largest size of a payload's manifest.json.",
                 "It is parsed as a whole, during which nothing can be cancelled; 2 MB take 20 to 40 milliseconds.",
                 &max_manifest_size, 1, 1024 * 1024, GUC_UNIT_KB);
  define_integer("koku_onprem.max_members", "Most members of a payload.", nullptr, &max_members, 1, INT_MAX, 0);
  define_integer("koku_onprem.max_compression_ratio", "Largest ratio of a payload's unpacked to its compressed size.",
                 "Checked once 1 MB is unpacked; guards against compression bombs.", &max_compression_ratio, 1, INT_MAX,
                 0);
  define_integer(
      "koku_onprem.max_aggregate_memory", "Most memory for the distinct daily keys of a payload.",
      "A daily key (a pod with its labels on a day) takes about 1 kB. Caches and rows being processed can take "
      "half as much again.",
      &max_aggregate_memory, 1024, INT_MAX, GUC_UNIT_KB);
  define_integer("koku_onprem.ingest_threads", "Threads that read a payload while the server stores its rows.",
                 "0: a payload is read and stored in turns. One thread is all that a payload needs; more count as one.",
                 &ingest_threads, 0, 64, 0);
  define_integer("koku_onprem.ingest_thread_min_size", "Smallest compressed size of a payload that threads read.",
                 "For smaller ones, to start a thread takes longer than it saves.", &ingest_thread_min_size, 0, INT_MAX,
                 GUC_UNIT_KB);
  define_integer("koku_onprem.summary_days_per_step", "Days that one step of a summary covers.",
                 "More days a step need more memory and disk for intermediate rows.", &summary_days_per_step, 1, 31, 0);
  define_integer("koku_onprem.inbox_max_payload_size",
                 "Largest compressed size of a payload that koku_submit_payload() accepts.",
                 "Larger ones can be ingested with koku_ingest_file() and koku_ingest_large_object().",
                 &inbox_max_payload_size, 1, 1000 * 1024, GUC_UNIT_KB);
  define_integer("koku_onprem.inbox_max_attempts", "Failed attempts after which a payload of the inbox is parked.",
                 nullptr, &inbox_max_attempts, 1, 1000, 0);
  define_integer("koku_onprem.inbox_retry_seconds",
                 "Seconds from the first failed attempt of a payload to the next one.",
                 "Each further pause is twice as long, at most a day.", &inbox_retry_seconds, 1, 86'400, 0);
  define_integer("koku_onprem.inbox_keep_days", "Days that a payload stays in the inbox after it was ingested.",
                 nullptr, &inbox_keep_days, 0, 36'500, 0);
  define_integer("koku_onprem.inbox_parked_days",
                 "Days after which a payload that is parked or held goes from the inbox for good.",
                 "Counted from its last attempt. 0 keeps such payloads.", &inbox_parked_days, 0, 36'500, 0);
  define_integer("koku_onprem.inbox_max_payloads", "Most payloads in the inbox that are not done.",
                 "koku_submit_payload() refuses more. 0: no bound.", &inbox_max_payloads, 0, INT_MAX, 0);
  define_integer("koku_onprem.inbox_max_size", "Most bytes of payloads in the inbox that are not done.",
                 "koku_submit_payload() refuses more. 0: no bound.", &inbox_max_size, 0, INT_MAX, GUC_UNIT_MB);
  define_integer("koku_onprem.inbox_max_tenant_payloads", "Most payloads of one tenant in the inbox that are not done.",
                 "Payloads that name no tenant count as those of one. 0: no bound.", &inbox_max_tenant_payloads, 0,
                 INT_MAX, 0);
  define_integer("koku_onprem.inbox_max_tenant_size",
                 "Most bytes of payloads of one tenant in the inbox that are not done.",
                 "Payloads that name no tenant count as those of one. 0: no bound.", &inbox_max_tenant_size, 0, INT_MAX,
                 GUC_UNIT_MB);
  MarkGUCPrefixReserved_compat("koku_onprem");
}

ArchiveLimits archive_limits() {
  const auto bytes = [](int kilobytes) { return static_cast<std::uint64_t>(kilobytes) << 10; };
  return {.max_payload_bytes = bytes(max_payload_size),
          .max_member_bytes = bytes(max_member_size),
          .max_manifest_bytes = bytes(max_manifest_size),
          .max_members = static_cast<std::uint32_t>(max_members),
          .max_compression_ratio = static_cast<std::uint32_t>(max_compression_ratio)};
}

std::size_t aggregate_memory_limit() { return static_cast<std::size_t>(max_aggregate_memory) << 10; }

bool is_worth_a_thread(std::uint64_t payload_bytes) {
  return ingest_threads > 0 && payload_bytes >= static_cast<std::uint64_t>(ingest_thread_min_size) << 10;
}

int retention_months_setting() { return retention_months; }

}  // namespace koku
