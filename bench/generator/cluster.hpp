// A cluster that could be: nodes large enough for what is requested on them, teams with applications, volumes, virtual
// machines and GPUs. It depends on the seed and the counts alone.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "generator/options.hpp"

namespace koku::generator {

struct Node {
  std::string name;
  std::string resource_id;
  std::string role;
  double cpu_cores = 0;
  double memory_bytes = 0;
  unsigned gpus = 0;
};

struct Namespace {
  std::string name;
  std::string team;   ///< empty: a namespace of the platform
  std::string stage;  ///< prod, staging, dev; empty for the platform
};

struct Pod {
  std::string name;
  std::string application;
  std::string template_hash;  ///< empty for pods that no deployment made
  std::string machine;        ///< the virtual machine that runs in it, empty for other pods
  unsigned name_space = 0;    ///< index into namespaces
  unsigned node = 0;          ///< index into nodes
  double cpu_request = 0;     ///< cores; 0: none, the report leaves the field empty
  double cpu_limit = 0;
  double memory_request = 0;  ///< bytes
  double memory_limit = 0;
};

struct VirtualMachine {
  std::string name;
  unsigned pod = 0;  ///< index into pods
  double cpu_cores = 0;
  double memory_bytes = 0;
  unsigned system = 0;  ///< index into operating_systems
  std::string disk_claim;
  double disk_bytes = 0;
};

struct Volume {
  enum class State { mounted, unmounted, unclaimed };
  State state = State::mounted;
  std::string name;
  std::string claim;           ///< empty when unclaimed
  unsigned storage_class = 0;  ///< index into storage_classes
  std::string handle;
  unsigned pod = 0;  ///< index into pods: who mounts it, or mounted it last
  double bytes = 0;
};

struct Gpu {
  unsigned pod = 0;  ///< index into pods
  std::string uuid;
  bool sliced = false;  ///< a MIG instance of a GPU that others use, too
  unsigned instance = 0;
  std::string profile;  ///< of a MIG instance
};

struct OperatingSystem {
  const char* name;
  const char* guest_name;
  const char* guest_version;
};
extern const OperatingSystem operating_systems[3];

struct StorageClass {
  const char* name;
  const char* driver;
};
extern const StorageClass storage_classes[3];

struct Cluster {
  explicit Cluster(const Options& options);

  std::uint64_t seed;
  bool distinct_labels;
  std::vector<Node> nodes;
  std::vector<Namespace> namespaces;
  std::vector<Pod> pods;  ///< virtual machines first, then users of GPUs, then all others
  std::vector<VirtualMachine> machines;
  std::vector<Volume> volumes;
  std::vector<Gpu> gpus;
};

}  // namespace koku::generator
