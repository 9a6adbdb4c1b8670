#include "generator/cluster.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <string_view>

#include "generator/random.hpp"

namespace koku::generator {

const OperatingSystem operating_systems[3] = {{"rhel.9", "Red Hat Enterprise Linux", "9.4"},
                                              {"fedora", "Fedora Linux", "40"},
                                              {"windows.2k22", "Microsoft Windows Server", "2022"}};

const StorageClass storage_classes[3] = {{"gp3-csi", "ebs.csi.aws.com"},
                                         {"ocs-storagecluster-ceph-rbd", "openshift-storage.rbd.csi.ceph.com"},
                                         {"ocs-storagecluster-cephfs", "openshift-storage.cephfs.csi.ceph.com"}};

namespace {

constexpr double gibibyte = 1024.0 * 1024 * 1024;
constexpr double mebibyte = 1024.0 * 1024;

constexpr std::string_view platform_namespaces[] = {
    "openshift-monitoring", "openshift-ingress",        "openshift-dns", "kube-system",   "openshift-etcd",
    "openshift-logging",    "openshift-image-registry", "openshift-cnv", "openshift-ovn", "openshift-kube-apiserver"};
constexpr std::string_view teams[] = {"payments", "storefront", "search",    "catalog",       "billing",   "identity",
                                      "shipping", "analytics",  "inventory", "notifications", "reporting", "loyalty"};
constexpr std::string_view stages[] = {"prod", "staging", "dev"};
constexpr std::string_view applications[] = {"api", "web", "worker", "cache", "gateway", "consumer", "scheduler", "db"};
constexpr std::string_view platform_applications[] = {"operator", "agent", "proxy", "controller"};

constexpr double cpu_requests[] = {0.01, 0.05, 0.1, 0.1, 0.25, 0.25, 0.5, 1, 2};
constexpr double memory_requests[] = {64, 128, 256, 256, 512, 512, 1024, 2048, 4096};  // MiB
constexpr double volume_sizes[] = {1, 5, 10, 20, 50, 100, 250, 500};                   // GiB
constexpr double machine_sizes[] = {1, 2, 4, 8};                                       // cores; 4 GiB of memory a core
constexpr double node_sizes[] = {4, 8, 16, 32, 48, 64, 96, 128, 192, 256, 384, 512};   // cores
constexpr std::string_view slice_profiles[] = {"1g.5gb", "2g.10gb", "3g.20gb"};
constexpr unsigned slices_of_one_gpu = 3;
constexpr double most_of_a_node = 0.8;  // of a node's capacity is requested at most

constexpr std::string_view hexadecimal = "0123456789abcdef";
constexpr std::string_view pod_suffixes = "bcdfghjklmnpqrstvwxz2456789";

/// What a number is for: the first part of every hash, so that no two uses share their numbers.
enum Purpose : std::uint64_t {
  for_node,
  for_namespace,
  for_node_choice,
  for_name,
  for_template,
  for_cpu,
  for_memory,
  for_limit,
  for_application,
  for_volume,
  for_volume_pod,
  for_volume_state,
  for_volume_size,
  for_volume_class,
  for_machine,
  for_gpu
};

template <class Table>
constexpr auto pick(const Table& table, std::uint64_t hashed) {
  return table[hashed % std::size(table)];
}

/// An index below `count` where low ones are likelier: few large projects, many small ones.
unsigned skewed(std::uint64_t hashed, unsigned count) {
  const double position = fraction(hashed);
  return static_cast<unsigned>(position * position * count);
}

std::vector<Node> make_nodes(std::uint64_t seed, unsigned count) {
  const unsigned masters = count >= 5 ? 3 : count >= 2 ? 1 : 0;
  const unsigned infrastructure = count >= 8 ? 2 : 0;
  std::vector<Node> nodes(count);
  for (unsigned index = 0; index < count; ++index) {
    const bool is_master = index < masters;
    const bool is_infrastructure = !is_master && index < masters + infrastructure;
    const unsigned number = is_master ? index : is_infrastructure ? index - masters : index - masters - infrastructure;
    nodes[index].role = is_master ? "master" : is_infrastructure ? "infra" : "worker";
    nodes[index].name = nodes[index].role + "-" + std::to_string(number);
    nodes[index].resource_id = "i-0" + letters(hash(seed, {for_node, index}), 16, hexadecimal);
  }
  return nodes;
}

std::vector<Namespace> make_namespaces(unsigned count) {
  const unsigned of_platform = std::clamp(count / 4, 1U, static_cast<unsigned>(std::size(platform_namespaces)));
  std::vector<Namespace> namespaces;
  for (unsigned index = 0; index < of_platform; ++index)
    namespaces.push_back({.name = std::string(platform_namespaces[index]), .team = {}, .stage = {}});
  constexpr unsigned round_length = std::size(teams) * std::size(stages);
  for (unsigned index = 0; index + of_platform < count; ++index) {
    const std::string team(teams[index / std::size(stages) % std::size(teams)]);
    const std::string stage(stages[index % std::size(stages)]);
    const unsigned round = index / round_length;
    namespaces.push_back(
        {.name = team + "-" + stage + (round ? "-" + std::to_string(round + 1) : ""), .team = team, .stage = stage});
  }
  return namespaces;
}

unsigned first_with_role(const std::vector<Node>& nodes, std::string_view role) {
  const auto found = std::ranges::find(nodes, role, &Node::role);
  return static_cast<unsigned>(found - nodes.begin());
}

/// Makes the pods of a cluster one after the other; the kinds differ in where they run and what they ask for.
class PodMaker {
 public:
  PodMaker(const Cluster& cluster)
      : cluster_(cluster),
        first_worker_(first_with_role(cluster.nodes, "worker")),
        workers_(static_cast<unsigned>(cluster.nodes.size()) - first_worker_),
        of_platform_(static_cast<unsigned>(std::ranges::count(cluster.namespaces, std::string{}, &Namespace::team))),
        of_teams_(static_cast<unsigned>(cluster.namespaces.size()) - of_platform_) {}

  Pod machine_pod(unsigned index, const VirtualMachine& machine) const {
    Pod pod = team_pod(index);
    pod.application = "virt-launcher";
    pod.template_hash.clear();
    pod.machine = machine.name;
    pod.name = "virt-launcher-" + machine.name + "-" + letters(hash_for(for_name, index), 5, pod_suffixes);
    // A virtual machine asks for a tenth of its cores and for all of its memory.
    pod.cpu_request = machine.cpu_cores / 10;
    pod.memory_request = machine.memory_bytes + 256 * mebibyte;
    pod.cpu_limit = pod.memory_limit = 0;
    return pod;
  }

  Pod gpu_pod(unsigned index, unsigned gpu_nodes) const {
    Pod pod = team_pod(index);
    pod.application = "training";
    pod.name = "training-" + letters(hash_for(for_name, index), 5, pod_suffixes);
    pod.template_hash.clear();
    pod.node = first_worker_ + index % std::min(gpu_nodes, workers_);
    pod.cpu_request = 4;
    pod.memory_request = 16 * gibibyte;
    return pod;
  }

  /// Every fifth pod belongs to the platform and runs on any node, the nodes in turn, so that each node has one.
  Pod ordinary_pod(unsigned index) const {
    if (index % 5 != 0 && of_teams_ > 0) return team_pod(index);
    Pod pod = common_pod(index);
    pod.name_space = skewed(hash_for(for_namespace, index), of_platform_);
    pod.node = index / 5 % static_cast<unsigned>(cluster_.nodes.size());
    pod.application = pick(platform_applications, hash_for(for_application, index));
    pod.name = cluster_.namespaces[pod.name_space].name + "-" + pod.application + "-" +
               letters(hash_for(for_name, index), 5, pod_suffixes);
    pod.template_hash.clear();
    return pod;
  }

 private:
  std::uint64_t hash_for(Purpose purpose, unsigned index) const { return hash(cluster_.seed, {purpose, index}); }

  Pod common_pod(unsigned index) const {
    Pod pod;
    const std::uint64_t limits = hash_for(for_limit, index);
    if (limits % 12 == 0) return pod;  // neither request nor limit
    pod.cpu_request = pick(cpu_requests, hash_for(for_cpu, index));
    pod.memory_request = pick(memory_requests, hash_for(for_memory, index)) * mebibyte;
    if (limits % 2 == 0) {
      pod.cpu_limit = 2 * pod.cpu_request;
      pod.memory_limit = 2 * pod.memory_request;
    }
    return pod;
  }

  Pod team_pod(unsigned index) const {
    Pod pod = common_pod(index);
    pod.name_space = of_teams_ == 0 ? 0 : of_platform_ + skewed(hash_for(for_namespace, index), of_teams_);
    pod.node = first_worker_ + static_cast<unsigned>(hash_for(for_node_choice, index) % workers_);
    pod.application = pick(applications, hash_for(for_application, index));
    if (pod.application == "db") {
      pod.name = "db-" + std::to_string(index);
    } else {
      pod.template_hash =
          letters(hash(cluster_.seed, {for_template, pod.name_space, number_of(pod.application)}), 9, hexadecimal);
      pod.name = pod.application + "-" + pod.template_hash + "-" + letters(hash_for(for_name, index), 5, pod_suffixes);
    }
    return pod;
  }

  const Cluster& cluster_;
  unsigned first_worker_;
  unsigned workers_;
  unsigned of_platform_;
  unsigned of_teams_;
};

VirtualMachine make_machine(std::uint64_t seed, unsigned index) {
  const std::uint64_t hashed = hash(seed, {for_machine, index});
  VirtualMachine machine;
  machine.system = static_cast<unsigned>(hashed % std::size(operating_systems));
  machine.name = (machine.system == 2 ? "win-" : "linux-") + std::to_string(index);
  machine.pod = index;
  machine.cpu_cores = pick(machine_sizes, hashed >> 8);
  machine.memory_bytes = machine.cpu_cores * 4 * gibibyte;
  machine.disk_claim = machine.name + "-rootdisk";
  machine.disk_bytes = 30 * gibibyte;
  return machine;
}

std::string volume_handle(unsigned storage_class, std::uint64_t hashed) {
  if (storage_class == 0) return "vol-0" + letters(hashed, 16, hexadecimal);
  return "0001-0011-openshift-storage-000000000000000" + std::to_string(storage_class) + "-" + uuid(hashed);
}

/// The first volumes are the disks of the virtual machines, the others belong to pods of teams; of ten, one is not
/// mounted and one is not claimed.
Volume make_volume(const Cluster& cluster, unsigned index) {
  const auto hash_for = [&](Purpose purpose) { return hash(cluster.seed, {purpose, index}); };
  Volume volume;
  volume.name = "pvc-" + uuid(hash_for(for_volume));
  volume.storage_class = static_cast<unsigned>(hash_for(for_volume_class) % std::size(storage_classes));
  volume.handle = volume_handle(volume.storage_class, hash_for(for_volume_class));
  if (index < cluster.machines.size()) {
    volume.pod = cluster.machines[index].pod;
    volume.claim = cluster.machines[index].disk_claim;
    volume.bytes = cluster.machines[index].disk_bytes;
    return volume;
  }
  volume.pod = static_cast<unsigned>(hash_for(for_volume_pod) % cluster.pods.size());
  volume.bytes = pick(volume_sizes, hash_for(for_volume_size)) * gibibyte;
  const std::uint64_t state = hash_for(for_volume_state) % 10;
  volume.state = state == 0 ? Volume::State::unclaimed : state == 1 ? Volume::State::unmounted : Volume::State::mounted;
  if (volume.state != Volume::State::unclaimed)
    volume.claim = cluster.pods[volume.pod].application + "-data-" + std::to_string(index);
  return volume;
}

/// Every second GPU is whole, the others are slices of larger ones.
Gpu make_gpu(std::uint64_t seed, unsigned index, unsigned pod) {
  Gpu gpu;
  gpu.pod = pod;
  gpu.sliced = index % 2 == 1;
  const unsigned among_sliced = index / 2;
  gpu.instance = gpu.sliced ? among_sliced % slices_of_one_gpu : 0;
  if (gpu.sliced) gpu.profile = slice_profiles[gpu.instance];
  gpu.uuid = "GPU-" + uuid(hash(seed, {for_gpu, gpu.sliced, gpu.sliced ? among_sliced / slices_of_one_gpu : index}));
  return gpu;
}

/// Gives all nodes of a role the smallest size on which the fullest of them has room for what is requested there.
void size_nodes(Cluster& cluster) {
  std::vector<double> cpu(cluster.nodes.size());
  std::vector<double> memory(cluster.nodes.size());
  for (const Pod& pod : cluster.pods) {
    cpu[pod.node] += pod.cpu_request;
    memory[pod.node] += pod.memory_request;
  }
  for (const std::string_view role : {"master", "infra", "worker"}) {
    double cores = node_sizes[0];
    for (std::size_t index = 0; index < cluster.nodes.size(); ++index) {
      if (cluster.nodes[index].role != role) continue;
      const double needed = std::max(cpu[index], memory[index] / (4 * gibibyte)) / most_of_a_node;
      const auto* enough = std::ranges::lower_bound(node_sizes, needed);
      // More pods on a node than any machine could hold: the size has no name, but stays plausible.
      cores = std::max(cores, enough == std::end(node_sizes) ? std::ceil(needed) : *enough);
    }
    for (Node& node : cluster.nodes) {
      if (node.role != role) continue;
      node.cpu_cores = cores;
      node.memory_bytes = cores * 4 * gibibyte;
    }
  }
}

}  // namespace

Cluster::Cluster(const Options& options)
    : seed(options.seed),
      distinct_labels(options.distinct_labels),
      nodes(make_nodes(seed, options.nodes)),
      namespaces(make_namespaces(options.namespaces)) {
  for (unsigned index = 0; index < options.virtual_machines; ++index) machines.push_back(make_machine(seed, index));

  const PodMaker maker(*this);
  const unsigned gpu_nodes = options.gpus / 8 + 1;
  pods.reserve(options.pods);
  for (unsigned index = 0; index < options.pods; ++index) {
    if (index < options.virtual_machines)
      pods.push_back(maker.machine_pod(index, machines[index]));
    else if (index < options.virtual_machines + options.gpus)
      pods.push_back(maker.gpu_pod(index, gpu_nodes));
    else
      pods.push_back(maker.ordinary_pod(index));
  }
  for (unsigned index = 0; index < options.gpus; ++index) {
    gpus.push_back(make_gpu(seed, index, options.virtual_machines + index));
    ++nodes[pods[gpus.back().pod].node].gpus;
  }
  for (unsigned index = 0; index < options.volumes; ++index) volumes.push_back(make_volume(*this, index));
  size_nodes(*this);
}

}  // namespace koku::generator
