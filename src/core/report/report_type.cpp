#include "core/report/report_type.hpp"

#include <algorithm>
#include <array>

namespace koku {
namespace {

using enum ColumnKind;
using enum DailyRole;
using enum ColumnOrigin;

// Constructors of entries, so that the tables below read like the tables of the specification.
constexpr Column escaped(std::string_view name, int width, DailyRole role, ColumnOrigin origin = required) {
  return {.name = name, .kind = text, .role = role, .origin = origin, .width = width, .html_escaped = true};
}
constexpr Column plain(std::string_view name, int width, DailyRole role, ColumnOrigin origin = required) {
  return {.name = name, .kind = text, .role = role, .origin = origin, .width = width};
}
constexpr Column tag_labels(std::string_view name) {
  return {.name = name, .kind = labels, .role = key, .tag_keys = true};
}
constexpr Column amount(std::string_view name, DailyRole role) {
  return {.name = name, .kind = number, .role = role, .bounded = true};
}
constexpr Column unbounded(std::string_view name, DailyRole role) {
  return {.name = name, .kind = number, .role = role};
}
constexpr Column effective(std::string_view name) {
  return {.name = name, .kind = number, .role = sum, .origin = derived};
}

constexpr auto storage_columns = std::to_array<Column>({
    escaped("namespace", 253, key),
    escaped("pod", 253, key),
    escaped("node", 253, key, optional),
    escaped("persistentvolumeclaim", 253, key),
    escaped("persistentvolume", 253, key),
    escaped("storageclass", 253, key),
    escaped("csi_driver", 256, key, optional),
    escaped("csi_volume_handle", 256, key, optional),
    amount("persistentvolumeclaim_capacity_bytes", max),
    amount("persistentvolumeclaim_capacity_byte_seconds", sum),
    amount("volume_request_storage_byte_seconds", sum),
    amount("persistentvolumeclaim_usage_byte_seconds", sum),
    tag_labels("persistentvolume_labels"),
    tag_labels("persistentvolumeclaim_labels"),
});

constexpr auto pod_columns = std::to_array<Column>({
    escaped("pod", 253, key),
    escaped("namespace", 253, key),
    escaped("node", 253, key),
    escaped("resource_id", 256, max),
    tag_labels("pod_labels"),
    escaped("node_role", 64, max, optional),
    amount("pod_usage_cpu_core_seconds", sum),
    amount("pod_request_cpu_core_seconds", sum),
    effective("pod_effective_usage_cpu_core_seconds"),
    amount("pod_limit_cpu_core_seconds", sum),
    amount("pod_usage_memory_byte_seconds", sum),
    amount("pod_request_memory_byte_seconds", sum),
    effective("pod_effective_usage_memory_byte_seconds"),
    amount("pod_limit_memory_byte_seconds", sum),
    amount("node_capacity_cpu_cores", max),
    amount("node_capacity_cpu_core_seconds", sum),
    amount("node_capacity_memory_bytes", max),
    amount("node_capacity_memory_byte_seconds", sum),
});

constexpr auto node_label_columns = std::to_array<Column>({
    escaped("node", 253, key),
    tag_labels("node_labels"),
});

constexpr auto namespace_label_columns = std::to_array<Column>({
    escaped("namespace", 253, key),
    tag_labels("namespace_labels"),
});

constexpr auto vm_columns = std::to_array<Column>({
    escaped("node", 253, key),
    escaped("namespace", 253, key),
    escaped("vm_name", 253, key),
    escaped("resource_id", 256, max),
    escaped("vm_instance_type", 256, max),
    escaped("vm_os", 256, max),
    plain("vm_guest_os_arch", 64, max),
    plain("vm_guest_os_name", 256, max),
    plain("vm_guest_os_version", 256, max),
    {.name = "vm_labels", .kind = labels, .role = key},
    amount("vm_uptime_total_seconds", sum),
    unbounded("vm_cpu_limit_cores", max),
    amount("vm_cpu_limit_core_seconds", sum),
    unbounded("vm_cpu_request_cores", max),
    amount("vm_cpu_request_core_seconds", sum),
    unbounded("vm_cpu_request_sockets", max),
    amount("vm_cpu_request_socket_seconds", sum),
    unbounded("vm_cpu_request_threads", max),
    amount("vm_cpu_request_thread_seconds", sum),
    amount("vm_cpu_usage_total_seconds", sum),
    unbounded("vm_memory_limit_bytes", max),
    amount("vm_memory_limit_byte_seconds", sum),
    unbounded("vm_memory_request_bytes", max),
    amount("vm_memory_request_byte_seconds", sum),
    amount("vm_memory_usage_byte_seconds", sum),
    escaped("vm_device", 256, max),
    plain("vm_volume_mode", 64, max),
    plain("vm_persistentvolumeclaim_name", 253, max),
    amount("vm_disk_allocated_size_byte_seconds", sum),
});

constexpr auto gpu_columns = std::to_array<Column>({
    escaped("node", 253, key),
    escaped("namespace", 253, key),
    escaped("pod", 253, key),
    escaped("gpu_uuid", 256, key),
    escaped("gpu_model_name", 256, max),
    escaped("gpu_vendor_name", 256, max),
    unbounded("gpu_memory_capacity_mib", max),
    amount("gpu_pod_uptime", sum),
    {.name = "gpu_max_slices", .kind = integer_or_null, .role = max, .origin = optional},
    plain("mig_instance_id", 256, key, optional),
    {.name = "mig_memory_capacity_mib", .kind = number_or_null, .role = max, .origin = optional},
    plain("mig_profile", 64, max, optional),
    {.name = "mig_slice_count", .kind = integer_or_null, .role = max, .origin = optional},
    plain("mig_strategy", 10, max, optional),
});

// Sent by operators from 4.4.1 on (spec 3.3).
constexpr std::string_view ignored_gpu_columns[] = {"gpu_pod_utilization"};

constexpr NodeCapacityColumns pod_node_capacity = {.node = "node",
                                                   .cpu_core_seconds = "node_capacity_cpu_core_seconds",
                                                   .memory_byte_seconds = "node_capacity_memory_byte_seconds"};

constexpr auto all_types = std::to_array<ReportType>({
    {ReportTypeId::storage_usage, "storage_usage", storage_columns},
    {ReportTypeId::pod_usage, "pod_usage", pod_columns, {}, pod_node_capacity},
    {ReportTypeId::node_labels, "node_labels", node_label_columns},
    {ReportTypeId::namespace_labels, "namespace_labels", namespace_label_columns},
    {ReportTypeId::vm_usage, "vm_usage", vm_columns},
    {ReportTypeId::gpu_usage, "gpu_usage", gpu_columns, ignored_gpu_columns},
});
static_assert(all_types.size() == report_type_count);

constexpr auto common = std::to_array<CommonColumn>({
    {"id", "uuid", true},
    {"report_period_start", "timestamp with time zone", false},
    {"report_period_end", "timestamp with time zone", false},
    {"interval_start", "timestamp with time zone", false},
    {"interval_end", "timestamp with time zone", false},
    {"usage_start", "date", true},
    {"source", "character varying(64)", false},
    {"year", "character varying(4)", false},
    {"month", "character varying(2)", false},
    {"manifestid", "character varying(256)", false},
    {"reportnumhours", "integer", false},
});

bool contains(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::optional<std::size_t> ReportType::column_index(std::string_view column_name) const noexcept {
  for (std::size_t index = 0; index < columns.size(); ++index)
    if (columns[index].name == column_name) return index;
  return std::nullopt;
}

bool ReportType::ignores(std::string_view column_name) const noexcept { return contains(ignored_columns, column_name); }

std::span<const CommonColumn> common_columns() noexcept { return common; }

std::span<const ReportType> report_types() noexcept { return all_types; }

const ReportType& report_type(ReportTypeId id) noexcept { return all_types[static_cast<std::size_t>(id)]; }

const ReportType* detect_report_type(std::span<const std::string_view> header) noexcept {
  for (const ReportType& type : all_types) {
    const bool dates_present = std::ranges::all_of(date_columns, [&](auto name) { return contains(header, name); });
    const bool columns_present = std::ranges::all_of(
        type.columns, [&](const Column& column) { return column.origin != required || contains(header, column.name); });
    if (dates_present && columns_present) return &type;
  }
  return nullptr;
}

}  // namespace koku
