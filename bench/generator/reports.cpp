#include "generator/reports.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <numeric>
#include <string>

#include "generator/random.hpp"

namespace koku::generator {
namespace {

constexpr double seconds_per_hour = 3600;
constexpr Hour hours_per_day = 24;

/// How busy the cluster is at each hour of the day, 1 on average.
constexpr std::array<double, hours_per_day> daily_wave = {0.62, 0.58, 0.56, 0.55, 0.57, 0.64, 0.78, 0.95,
                                                          1.12, 1.27, 1.36, 1.38, 1.32, 1.34, 1.38, 1.36,
                                                          1.30, 1.22, 1.14, 1.06, 1.00, 0.92, 0.82, 0.76};

enum Purpose : std::uint64_t {
  for_order = 100,
  for_cpu_share,
  for_memory_share,
  for_cpu_noise,
  for_memory_noise,
  for_volume_share,
  for_gpu_use
};

/// A CSV line under construction. Values hold no comma and no quote, so nothing is quoted, as the operator's writer
/// does.
class Line {
 public:
  void begin(std::string_view dates) { text_.assign(dates); }
  Line& text(std::string_view value) {
    text_ += ',';
    text_ += value;
    return *this;
  }
  /// Six decimals.
  Line& number(double value) {
    char digits[64];
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value, std::chars_format::fixed, 6);
    return text(error == std::errc{} ? std::string_view(digits, end) : std::string_view{});
  }
  /// The operator leaves a measure empty that nobody reported.
  Line& number_or_empty(double value) { return value == 0 ? text({}) : number(value); }
  /// Starts a labels column: call label() for each, in the order of their names.
  Line& labels() {
    text_ += ',';
    first_label_ = true;
    return *this;
  }
  Line& label(std::string_view name, std::string_view value) {
    if (!first_label_) text_ += '|';
    first_label_ = false;
    text_ += "label_";
    text_ += name;
    text_ += ':';
    text_ += value;
    return *this;
  }
  void write_to(LineOutput& output) {
    text_ += '\n';
    output.line(text_);
  }

 private:
  std::string text_;
  bool first_label_ = true;
};

std::string timestamp(std::chrono::sys_days day, Hour hour_of_day, std::string_view minutes_and_seconds) {
  const std::chrono::year_month_day date(day);
  const auto two_digits = [](unsigned value) { return std::string(value < 10 ? "0" : "") + std::to_string(value); };
  return std::to_string(static_cast<int>(date.year())) + '-' + two_digits(static_cast<unsigned>(date.month())) + '-' +
         two_digits(static_cast<unsigned>(date.day())) + ' ' + two_digits(static_cast<unsigned>(hour_of_day)) +
         std::string(minutes_and_seconds) + " +0000 UTC";
}

/// The first four columns of every row of an hour.
std::string date_columns(Hour hour) {
  const std::chrono::sys_days day{std::chrono::days{hour / hours_per_day}};
  const std::chrono::year_month_day date(day);
  const auto month = date.year() / date.month();
  const Hour hour_of_day = hour % hours_per_day;
  return timestamp(std::chrono::sys_days{month / 1}, 0, ":00:00") + ',' +
         timestamp(std::chrono::sys_days{(month + std::chrono::months{1}) / 1}, 0, ":00:00") + ',' +
         timestamp(day, hour_of_day, ":00:00") + ',' + timestamp(day, hour_of_day, ":59:59");
}

/// Visits 0 .. count - 1 in an order of the hour's own: the operator's rows come out of a hash map.
template <class Visit>
void in_hash_map_order(std::uint64_t seed, Hour hour, std::size_t count, Visit visit) {
  if (count == 0) return;
  const std::uint64_t hashed = hash(seed, {for_order, static_cast<std::uint64_t>(hour)});
  std::size_t step = hashed % count + 1;
  while (std::gcd(step, count) != 1) ++step;
  std::size_t index = mix(hashed) % count;
  for (std::size_t visited = 0; visited < count; ++visited) {
    visit(index);
    index = (index + step) % count;
  }
}

struct Usage {
  double cpu_cores;
  double memory_bytes;
};

/// What a pod uses in an hour: a share of its request that is its own, more by day than by night; now and then above
/// the request, never above the limit.
Usage usage_of(const Cluster& cluster, std::size_t index, Hour hour) {
  const Pod& pod = cluster.pods[index];
  const auto share = [&](Purpose purpose) { return fraction(hash(cluster.seed, {purpose, index})); };
  const auto noise = [&](Purpose purpose) {
    return 0.85 + 0.3 * fraction(hash(cluster.seed, {purpose, index, static_cast<std::uint64_t>(hour)}));
  };
  const double wave = daily_wave[static_cast<std::size_t>(hour % hours_per_day)];
  constexpr double unrequested_cpu = 0.02;
  constexpr double unrequested_memory = 64.0 * 1024 * 1024;
  Usage usage{};
  usage.cpu_cores = (pod.cpu_request > 0 ? pod.cpu_request : unrequested_cpu) * (0.05 + 0.75 * share(for_cpu_share)) *
                    wave * noise(for_cpu_noise);
  usage.memory_bytes = (pod.memory_request > 0 ? pod.memory_request : unrequested_memory) *
                       (0.3 + 0.6 * share(for_memory_share)) * noise(for_memory_noise);
  if (pod.cpu_limit > 0) usage.cpu_cores = std::min(usage.cpu_cores, pod.cpu_limit);
  if (pod.memory_limit > 0) usage.memory_bytes = std::min(usage.memory_bytes, pod.memory_limit);
  return usage;
}

void pod_labels(const Cluster& cluster, const Pod& pod, Line& line) {
  const Namespace& name_space = cluster.namespaces[pod.name_space];
  line.labels().label("app", pod.application);
  if (!name_space.stage.empty()) line.label("environment", name_space.stage);
  if (!pod.machine.empty()) line.label("kubevirt_io", "virt-launcher");
  if (!pod.template_hash.empty()) line.label("pod_template_hash", pod.template_hash);
  if (cluster.distinct_labels) line.label("statefulset_kubernetes_io_pod_name", pod.name);
  if (!name_space.team.empty()) line.label("team", name_space.team);
  if (!pod.machine.empty()) line.label("vm_kubevirt_io_name", pod.machine);
}

void write_pods(const Cluster& cluster, Hour hour, LineOutput& output) {
  const std::string dates = date_columns(hour);
  Line line;
  in_hash_map_order(cluster.seed, hour, cluster.pods.size(), [&](std::size_t index) {
    const Pod& pod = cluster.pods[index];
    const Node& node = cluster.nodes[pod.node];
    const Usage usage = usage_of(cluster, index, hour);
    line.begin(dates);
    line.text(node.name).text(cluster.namespaces[pod.name_space].name).text(pod.name);
    line.number(usage.cpu_cores * seconds_per_hour);
    line.number_or_empty(pod.cpu_request * seconds_per_hour);
    line.number_or_empty(pod.cpu_limit * seconds_per_hour);
    line.number(usage.memory_bytes * seconds_per_hour);
    line.number_or_empty(pod.memory_request * seconds_per_hour);
    line.number_or_empty(pod.memory_limit * seconds_per_hour);
    line.number(node.cpu_cores).number(node.cpu_cores * seconds_per_hour);
    line.number(node.memory_bytes).number(node.memory_bytes * seconds_per_hour);
    line.text(node.role).text(node.resource_id);
    pod_labels(cluster, pod, line);
    line.write_to(output);
  });
}

void volume_labels(const Cluster& cluster, const Volume& volume, Line& line) {
  const Pod& pod = cluster.pods[volume.pod];
  const Namespace& name_space = cluster.namespaces[pod.name_space];
  line.labels().label("topology_kubernetes_io_region", "eu-central-1");
  line.labels();
  if (volume.state == Volume::State::unclaimed) return;
  line.label("app", pod.application);
  if (!name_space.stage.empty()) line.label("environment", name_space.stage);
  if (!name_space.team.empty()) line.label("team", name_space.team);
}

/// Volumes fill up slowly: a share of their own to begin with and a little more every day, full after some months.
double used_bytes(const Cluster& cluster, std::size_t index, Hour hour) {
  const double share = 0.1 + 0.5 * fraction(hash(cluster.seed, {for_volume_share, index}));
  const double days = static_cast<double>(hour % (180 * hours_per_day)) / hours_per_day;
  return cluster.volumes[index].bytes * std::min(0.98, share + days / 500);
}

void write_volumes(const Cluster& cluster, Hour hour, LineOutput& output) {
  const std::string dates = date_columns(hour);
  Line line;
  in_hash_map_order(cluster.seed, hour, cluster.volumes.size(), [&](std::size_t index) {
    const Volume& volume = cluster.volumes[index];
    const Pod& pod = cluster.pods[volume.pod];
    const StorageClass& storage_class = storage_classes[volume.storage_class];
    const bool is_claimed = volume.state != Volume::State::unclaimed;
    const bool is_mounted = volume.state == Volume::State::mounted;
    line.begin(dates);
    line.text(is_claimed ? cluster.namespaces[pod.name_space].name : "");
    line.text(is_mounted ? pod.name : "").text(is_mounted ? cluster.nodes[pod.node].name : "");
    line.text(volume.claim).text(volume.name);
    line.text(storage_class.name).text(storage_class.driver).text(volume.handle);
    line.number(volume.bytes).number(volume.bytes * seconds_per_hour);
    line.number_or_empty(is_claimed ? volume.bytes * seconds_per_hour : 0);
    line.number_or_empty(is_mounted ? used_bytes(cluster, index, hour) * seconds_per_hour : 0);
    volume_labels(cluster, volume, line);
    line.write_to(output);
  });
}

void write_machines(const Cluster& cluster, Hour hour, LineOutput& output) {
  const std::string dates = date_columns(hour);
  Line line;
  in_hash_map_order(cluster.seed, hour, cluster.machines.size(), [&](std::size_t index) {
    const VirtualMachine& machine = cluster.machines[index];
    const Pod& pod = cluster.pods[machine.pod];
    const Node& node = cluster.nodes[pod.node];
    const Namespace& name_space = cluster.namespaces[pod.name_space];
    const OperatingSystem& system = operating_systems[machine.system];
    const Usage usage = usage_of(cluster, machine.pod, hour);
    line.begin(dates);
    line.text(node.name).text(node.resource_id).text(name_space.name).text(machine.name);
    line.text("u1.medium").text(system.name).text("x86_64").text(system.guest_name).text(system.guest_version);
    line.number(seconds_per_hour);
    line.number_or_empty(0).number_or_empty(0);  // no limit
    line.number(machine.cpu_cores).number(machine.cpu_cores * seconds_per_hour);
    line.number(1).number(seconds_per_hour).number(1).number(seconds_per_hour);  // sockets, threads
    line.number(usage.cpu_cores * seconds_per_hour);
    line.number_or_empty(0).number_or_empty(0);  // no limit
    line.number(machine.memory_bytes).number(machine.memory_bytes * seconds_per_hour);
    line.number(usage.memory_bytes * seconds_per_hour);
    line.text("rootdisk").text("Block").text(machine.disk_claim).number(machine.disk_bytes * seconds_per_hour);
    line.labels();
    if (!name_space.stage.empty()) line.label("environment", name_space.stage);
    if (!name_space.team.empty()) line.label("team", name_space.team);
    line.write_to(output);
  });
}

void write_nodes(const Cluster& cluster, Hour hour, LineOutput& output) {
  const std::string dates = date_columns(hour);
  Line line;
  in_hash_map_order(cluster.seed, hour, cluster.nodes.size(), [&](std::size_t index) {
    const Node& node = cluster.nodes[index];
    line.begin(dates);
    line.text(node.name);
    line.labels().label("kubernetes_io_arch", "amd64").label("kubernetes_io_hostname", node.name);
    line.label("kubernetes_io_os", "linux").label("node_openshift_io_os_id", "rhcos");
    line.label("node_role_kubernetes_io", node.role);
    if (node.gpus > 0)
      line.label("nvidia_com_gpu_count", std::to_string(node.gpus)).label("nvidia_com_gpu_present", "true");
    line.label("topology_kubernetes_io_region", "eu-central-1");
    line.write_to(output);
  });
}

void write_namespaces(const Cluster& cluster, Hour hour, LineOutput& output) {
  const std::string dates = date_columns(hour);
  Line line;
  in_hash_map_order(cluster.seed, hour, cluster.namespaces.size(), [&](std::size_t index) {
    const Namespace& name_space = cluster.namespaces[index];
    line.begin(dates);
    line.text(name_space.name);
    line.labels();
    if (!name_space.stage.empty()) line.label("environment", name_space.stage);
    line.label("kubernetes_io_metadata_name", name_space.name);
    if (name_space.team.empty())
      line.label("openshift_io_cluster_monitoring", "true");
    else
      line.label("team", name_space.team);
    line.write_to(output);
  });
}

void write_gpus(const Cluster& cluster, Hour hour, LineOutput& output) {
  const std::string dates = date_columns(hour);
  Line line;
  in_hash_map_order(cluster.seed, hour, cluster.gpus.size(), [&](std::size_t index) {
    const Gpu& gpu = cluster.gpus[index];
    const Pod& pod = cluster.pods[gpu.pod];
    const double utilization =
        100 * fraction(hash(cluster.seed, {for_gpu_use, index, static_cast<std::uint64_t>(hour)}));
    line.begin(dates);
    line.text(cluster.nodes[pod.node].name).text(cluster.namespaces[pod.name_space].name).text(pod.name).text(gpu.uuid);
    line.text(gpu.sliced ? "NVIDIA A100-SXM4-40GB" : "Tesla T4")
        .text("nvidia_com_gpu")
        .text(gpu.sliced ? "40960" : "15360");
    line.number(seconds_per_hour).number(utilization);
    if (gpu.sliced)
      line.number(7).text(std::to_string(gpu.instance + 1)).text(gpu.profile).text("mixed");
    else
      line.text({}).text({}).text({}).text({});
    line.write_to(output);
  });
}

#define DATES "report_period_start,report_period_end,interval_start,interval_end,"

}  // namespace

const std::array<Report, 6> reports = {{
    {"pod",
     DATES "node,namespace,pod,pod_usage_cpu_core_seconds,pod_request_cpu_core_seconds,pod_limit_cpu_core_seconds,"
           "pod_usage_memory_byte_seconds,pod_request_memory_byte_seconds,pod_limit_memory_byte_seconds,"
           "node_capacity_cpu_cores,node_capacity_cpu_core_seconds,node_capacity_memory_bytes,"
           "node_capacity_memory_byte_seconds,node_role,resource_id,pod_labels\n",
     write_pods},
    {"storage",
     DATES "namespace,pod,node,persistentvolumeclaim,persistentvolume,storageclass,csi_driver,csi_volume_handle,"
           "persistentvolumeclaim_capacity_bytes,persistentvolumeclaim_capacity_byte_seconds,"
           "volume_request_storage_byte_seconds,persistentvolumeclaim_usage_byte_seconds,persistentvolume_labels,"
           "persistentvolumeclaim_labels\n",
     write_volumes},
    {"vm",
     DATES
     "node,resource_id,namespace,vm_name,vm_instance_type,vm_os,vm_guest_os_arch,vm_guest_os_name,vm_guest_os_version,"
     "vm_uptime_total_seconds,vm_cpu_limit_cores,vm_cpu_limit_core_seconds,vm_cpu_request_cores,"
     "vm_cpu_request_core_seconds,vm_cpu_request_sockets,vm_cpu_request_socket_seconds,vm_cpu_request_threads,"
     "vm_cpu_request_thread_seconds,vm_cpu_usage_total_seconds,vm_memory_limit_bytes,vm_memory_limit_byte_seconds,"
     "vm_memory_request_bytes,vm_memory_request_byte_seconds,vm_memory_usage_byte_seconds,vm_device,vm_volume_mode,"
     "vm_persistentvolumeclaim_name,vm_disk_allocated_size_byte_seconds,vm_labels\n",
     write_machines},
    {"node", DATES "node,node_labels\n", write_nodes},
    {"namespace", DATES "namespace,namespace_labels\n", write_namespaces},
    {"nvidia-gpu",
     DATES "node,namespace,pod,gpu_uuid,gpu_model_name,gpu_vendor_name,gpu_memory_capacity_mib,gpu_pod_uptime,"
           "gpu_pod_utilization,gpu_max_slices,mig_instance_id,mig_profile,mig_strategy\n",
     write_gpus},
}};

void write_report(const Report& report, const Cluster& cluster, std::span<const Hour> hours, LineOutput& output) {
  output.line(report.header);
  for (const Hour hour : hours) report.write_hour(cluster, hour, output);
}

}  // namespace koku::generator
