#include "core/report/report_type.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <random>
#include <string_view>
#include <vector>

using koku::ColumnOrigin;
using koku::ReportType;
using koku::ReportTypeId;
using Header = std::vector<std::string_view>;

namespace {

Header columns_of(ReportTypeId id, bool with_optional) {
  Header header(std::begin(koku::date_columns), std::end(koku::date_columns));
  for (const koku::Column& column : koku::report_type(id).columns)
    if (column.origin == ColumnOrigin::required || (with_optional && column.origin == ColumnOrigin::optional))
      header.push_back(column.name);
  return header;
}

// -1: no type.
int detected(const Header& header) {
  const ReportType* type = koku::detect_report_type(header);
  return type == nullptr ? -1 : static_cast<int>(type->id);
}

constexpr ReportTypeId all_ids[] = {ReportTypeId::storage_usage,    ReportTypeId::pod_usage, ReportTypeId::node_labels,
                                    ReportTypeId::namespace_labels, ReportTypeId::vm_usage,  ReportTypeId::gpu_usage};

}  // namespace

BOOST_AUTO_TEST_SUITE(report_type)

BOOST_AUTO_TEST_CASE(types_are_found_by_their_id) {
  BOOST_TEST(koku::report_types().size() == koku::report_type_count);
  for (const ReportTypeId id : all_ids) BOOST_TEST((koku::report_type(id).id == id));
}

BOOST_AUTO_TEST_CASE(required_columns_are_those_of_the_specification) {
  const std::pair<ReportTypeId, Header> cases[] = {
      {ReportTypeId::storage_usage,
       {"namespace", "pod", "persistentvolumeclaim", "persistentvolume", "storageclass",
        "persistentvolumeclaim_capacity_bytes", "persistentvolumeclaim_capacity_byte_seconds",
        "volume_request_storage_byte_seconds", "persistentvolumeclaim_usage_byte_seconds", "persistentvolume_labels",
        "persistentvolumeclaim_labels"}},
      {ReportTypeId::pod_usage,
       {"pod", "namespace", "node", "resource_id", "pod_usage_cpu_core_seconds", "pod_request_cpu_core_seconds",
        "pod_limit_cpu_core_seconds", "pod_usage_memory_byte_seconds", "pod_request_memory_byte_seconds",
        "pod_limit_memory_byte_seconds", "node_capacity_cpu_cores", "node_capacity_cpu_core_seconds",
        "node_capacity_memory_bytes", "node_capacity_memory_byte_seconds", "pod_labels"}},
      {ReportTypeId::node_labels, {"node", "node_labels"}},
      {ReportTypeId::namespace_labels, {"namespace", "namespace_labels"}},
      {ReportTypeId::vm_usage,
       {"node",
        "namespace",
        "vm_name",
        "resource_id",
        "vm_instance_type",
        "vm_os",
        "vm_guest_os_arch",
        "vm_guest_os_name",
        "vm_guest_os_version",
        "vm_uptime_total_seconds",
        "vm_cpu_limit_cores",
        "vm_cpu_limit_core_seconds",
        "vm_cpu_request_cores",
        "vm_cpu_request_core_seconds",
        "vm_cpu_request_sockets",
        "vm_cpu_request_socket_seconds",
        "vm_cpu_request_threads",
        "vm_cpu_request_thread_seconds",
        "vm_cpu_usage_total_seconds",
        "vm_memory_limit_bytes",
        "vm_memory_limit_byte_seconds",
        "vm_memory_request_bytes",
        "vm_memory_request_byte_seconds",
        "vm_memory_usage_byte_seconds",
        "vm_device",
        "vm_volume_mode",
        "vm_persistentvolumeclaim_name",
        "vm_disk_allocated_size_byte_seconds",
        "vm_labels"}},
      {ReportTypeId::gpu_usage,
       {"node", "namespace", "pod", "gpu_uuid", "gpu_model_name", "gpu_vendor_name", "gpu_memory_capacity_mib",
        "gpu_pod_uptime"}},
  };
  for (const auto& [id, columns] : cases) {
    Header expected = columns;
    expected.insert(expected.end(), std::begin(koku::date_columns), std::end(koku::date_columns));
    Header header = columns_of(id, false);
    std::ranges::sort(expected);
    std::ranges::sort(header);
    BOOST_TEST(header == expected, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(a_header_has_a_type_with_and_without_the_optional_columns) {
  for (const ReportTypeId id : all_ids) {
    BOOST_TEST(detected(columns_of(id, true)) == static_cast<int>(id));
    BOOST_TEST(detected(columns_of(id, false)) == static_cast<int>(id));
  }
}

BOOST_AUTO_TEST_CASE(the_order_of_columns_is_free_and_unknown_ones_do_not_matter) {
  std::mt19937 random(20261106);
  for (const ReportTypeId id : all_ids) {
    Header header = columns_of(id, true);
    header.insert(header.end(), {"gpu_pod_utilization", "", "node", "Unnamed: 3"});
    for (int round = 0; round < 20; ++round) {
      std::ranges::shuffle(header, random);
      BOOST_TEST(detected(header) == static_cast<int>(id));
    }
  }
}

BOOST_AUTO_TEST_CASE(every_required_column_is_needed) {
  for (const ReportTypeId id : all_ids) {
    const Header complete = columns_of(id, true);
    for (std::size_t missing = 0; missing < complete.size(); ++missing) {
      Header header = complete;
      header.erase(header.begin() + static_cast<std::ptrdiff_t>(missing));
      const auto column = koku::report_type(id).column_index(complete[missing]);
      const bool is_required = !column || koku::report_type(id).columns[*column].origin == ColumnOrigin::required;
      BOOST_TEST((detected(header) != static_cast<int>(id)) == is_required, complete[missing]);
    }
  }
}

BOOST_AUTO_TEST_CASE(the_first_type_that_fits_wins) {
  Header header;
  // From the last type to the first: each one's columns added to all the others'.
  for (auto id = std::rbegin(all_ids); id != std::rend(all_ids); ++id) {
    const Header more = columns_of(*id, true);
    header.insert(header.end(), more.begin(), more.end());
    BOOST_TEST(detected(header) == static_cast<int>(*id));
  }
}

BOOST_AUTO_TEST_CASE(names_are_exact) {
  BOOST_TEST(detected({}) == -1);
  BOOST_TEST(detected(Header(std::begin(koku::date_columns), std::end(koku::date_columns))) == -1);
  BOOST_TEST(detected({"node", "node_labels"}) == -1);
  for (const std::string_view wrong : {"NODE", "node ", " node", "node.1", "nod"}) {
    Header header = columns_of(ReportTypeId::node_labels, true);
    std::ranges::replace(header, std::string_view("node"), wrong);
    BOOST_TEST(detected(header) == -1, wrong);
  }
}

BOOST_AUTO_TEST_CASE(columns_are_found_by_name) {
  const ReportType& pods = koku::report_type(ReportTypeId::pod_usage);
  BOOST_REQUIRE(pods.column_index("node").has_value());
  BOOST_TEST(pods.columns[*pods.column_index("node")].name == "node");
  BOOST_TEST(!pods.column_index("Node").has_value());
  BOOST_TEST(!pods.column_index("interval_start").has_value());
  BOOST_TEST(!pods.column_index("").has_value());
}

BOOST_AUTO_TEST_CASE(names_of_columns_are_distinct) {
  for (const ReportType& type : koku::report_types()) {
    Header names;
    for (const koku::CommonColumn& column : koku::common_columns()) names.push_back(column.name);
    for (const koku::Column& column : type.columns) names.push_back(column.name);
    std::ranges::sort(names);
    BOOST_TEST((std::ranges::adjacent_find(names) == names.end()), type.name);
  }
}

// The daily aggregate takes the node from the key and the capacity from numbers.
BOOST_AUTO_TEST_CASE(capacity_of_nodes_is_of_columns_of_the_type) {
  for (const ReportType& type : koku::report_types()) {
    BOOST_TEST(type.node_capacity.has_value() == (type.id == ReportTypeId::pod_usage));
    if (!type.node_capacity) continue;
    const auto node = type.column_index(type.node_capacity->node);
    BOOST_TEST_REQUIRE(node.has_value());
    BOOST_TEST((type.columns[*node].role == koku::DailyRole::key));
    for (const std::string_view name :
         {type.node_capacity->cpu_core_seconds, type.node_capacity->memory_byte_seconds}) {
      const auto number = type.column_index(name);
      BOOST_TEST_REQUIRE(number.has_value());
      BOOST_TEST((type.columns[*number].kind == koku::ColumnKind::number));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
