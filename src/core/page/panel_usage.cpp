// How much of what is paid for is used: by label, by project, by node.
#include <algorithm>
#include <map>

#include "core/page/chart.hpp"
#include "core/page/number.hpp"
#include "core/page/panel.hpp"
#include "core/page/table.hpp"

namespace koku::page {
namespace {

constexpr std::size_t shown_values = 20;
constexpr std::size_t shown_projects = 20;
constexpr std::size_t shown_nodes = 25;

std::string shown_value(const LabelValue& row) {
  switch (row.kind) {
    case LabelValue::Kind::without_label:
      return "(no label)";
    case LabelValue::Kind::capacity:
      return "(unallocated capacity)";
    default:
      return row.value.empty() ? "(empty)" : row.value;
  }
}

void write_label_hint(HtmlWriter& page, const ReportData& data) {
  page.markup("<p class=\"muted\">No label was asked for. ");
  if (data.enabled_labels.empty()) {
    page.markup("None is enabled: <code>koku_enable_tags()</code> makes a label part of the summaries.</p>");
    return;
  }
  page.markup("Enabled are: ");
  for (std::size_t place = 0; place < data.enabled_labels.size(); ++place)
    page.markup(place > 0 ? ", " : "").name(data.enabled_labels[place]);
  page.markup(".</p>");
}

/// A row of clusters or nodes.
std::vector<Cell> capacity_cells(const Resource& cpu, const Resource& memory) {
  const double idle = cpu.capacity - cpu.effective;
  return {drawing_cell(bullet_bar("CPU requested and used of the capacity", cpu.request, cpu.usage, 0, cpu.capacity)),
          number_cell(cpu.capacity, 1),
          number_cell(cpu.request, 1),
          number_cell(cpu.usage, 1),
          number_cell(idle, 1),
          percent_cell(share_of(idle, cpu.capacity)),
          number_cell(memory.capacity, 1),
          percent_cell(share_of(memory.capacity - memory.effective, memory.capacity))};
}

const std::vector<Column> capacity_columns = {
    {"", false, true},     {"CPU capacity", true}, {"requested", true},       {"used", true},
    {"unallocated", true}, {"idle", true},         {"Memory capacity", true}, {"idle", true}};

void add_to(Resource& sum, const Resource& part) {
  sum.usage += part.usage;
  sum.request += part.request;
  sum.effective += part.effective;
  sum.limit += part.limit;
  sum.capacity += part.capacity;
}

std::vector<Cell> row_of(std::vector<Cell> names, const std::vector<Cell>& values) {
  names.insert(names.end(), values.begin(), values.end());
  return names;
}

std::vector<Column> columns_of(std::vector<Column> names, const std::vector<Column>& values) {
  names.insert(names.end(), values.begin(), values.end());
  return names;
}

}  // namespace

void write_labels(HtmlWriter& page, const Context& context) {
  const ReportData& data = context.data;
  open_section(page, "labels", "By label");
  if (data.label.empty()) {
    write_label_hint(page, data);
    page.markup("</section>\n");
    return;
  }
  if (!data.is_enabled_label)
    page.markup("<p class=\"bad\">Label ")
        .name(data.label)
        .markup(
            " is not enabled, so that the summaries do not have it; "
            "<code>koku_enable_tags()</code> enables it.</p>");
  page.markup("<p>By the values of label ").name(data.label);
  page.markup(data.has_costs ? ", before shared costs are distributed.</p>" : ".</p>");
  const auto value = [&](const LabelValue& row) { return data.has_costs ? row.cost : row.core_hours; };
  double greatest = 0;
  double whole = 0;
  for (const LabelValue& row : data.label_values) {
    if (row.kind != LabelValue::Kind::capacity) greatest = std::max(greatest, value(row));
    whole += value(row);
  }
  std::vector<Column> columns = {{data.label}, {"", false, true}};
  if (data.has_costs) columns.push_back({"Cost, " + context.unit, true});
  columns.insert(columns.end(), {{"Share", true}, {"CPU, core-hours", true}, {"Memory, GiB-hours", true}});
  Table table("By label " + data.label, "labels", columns);
  const auto cells = [&](const Cell& name, const Cell& bar, const LabelValue& row) {
    std::vector<Cell> made = {name, bar};
    if (data.has_costs) made.push_back(number_cell(row.cost, context.digits));
    made.push_back(percent_cell(share_of(value(row), whole), 1));
    made.push_back(number_cell(row.core_hours, 1));
    made.push_back(number_cell(row.memory_hours, 1));
    return made;
  };
  LabelValue rest;
  LabelValue sum;
  std::size_t more = 0;
  for (std::size_t place = 0; place < data.label_values.size(); ++place) {
    const LabelValue& row = data.label_values[place];
    const bool is_shown = place < shown_values || row.kind != LabelValue::Kind::value;
    for (LabelValue* add : {&sum, is_shown ? nullptr : &rest}) {
      if (add == nullptr) continue;
      add->cost += row.cost;
      add->core_hours += row.core_hours;
      add->memory_hours += row.memory_hours;
    }
    if (is_shown) {
      table.add(
          cells(name_cell(shown_value(row)),
                drawing_cell(stacked_bar(
                    shown_value(row), {{value(row), row.kind == LabelValue::Kind::value ? "own" : "idle"}}, greatest)),
                row));
    } else {
      ++more;
      table.add_to_csv(cells(name_cell(shown_value(row)), empty_cell(), row));
    }
  }
  if (more > 0)
    table.add_sum(cells(text_cell("and " + decimal(static_cast<double>(more), 0) + " more"), empty_cell(), rest));
  table.add_sum(cells(text_cell("Total"), empty_cell(), sum));
  table.write(page);
  page.markup("</section>\n");
}

void write_waste(HtmlWriter& page, const Context& context) {
  const ReportData& data = context.data;
  open_section(page, "waste", "Requested and used");
  page.markup("<p>Ranked by ")
      .text(data.has_costs ? "wasted money: the cost of CPU and memory times the part of the request that was not used"
                           : "core-hours that were requested and not used");
  page.markup(".</p><ul class=\"key\">");
  write_key(page, "requested", "requested");
  write_key(page, "used", "used");
  write_key(page, "limit", "limit, where it fits");
  page.markup("</ul>\n");
  std::vector<std::size_t> order;
  double greatest_cpu = 0;
  double greatest_memory = 0;
  for (const std::size_t at : context.order)
    if (!data.projects[at].is_capacity) order.push_back(at);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t one, std::size_t other) {
    return context.wasted(data.projects[one]) > context.wasted(data.projects[other]);
  });
  for (std::size_t place = 0; place < std::min(order.size(), shown_projects); ++place) {
    const Project& project = data.projects[order[place]];
    greatest_cpu = std::max({greatest_cpu, project.cpu.request, project.cpu.usage});
    greatest_memory = std::max({greatest_memory, project.memory.request, project.memory.usage});
  }
  std::vector<Column> columns = {{"Project"}};
  if (context.has_several_clusters()) columns.push_back({"Cluster"});
  columns.insert(columns.end(), {{"CPU, core-hours", false, true},
                                 {"requested", true},
                                 {"used", true},
                                 {"limit", true},
                                 {"Memory, GiB-hours", false, true},
                                 {"requested", true},
                                 {"used", true},
                                 {"limit", true},
                                 {data.has_costs ? "Wasted, " + context.unit : "CPU not used", true}});
  Table table("Requested and used by project", "requested-and-used", columns);
  for (std::size_t place = 0; place < order.size(); ++place) {
    const Project& project = data.projects[order[place]];
    const bool is_shown = place < shown_projects;
    const std::string name = shown_project(project);
    std::vector<Cell> cells = {linked_cell(name, context.project_address(order[place]))};
    if (context.has_several_clusters()) cells.push_back(name_cell(context.cluster_name(project.cluster)));
    const auto add = [&](const char* title, const Resource& resource, double greatest) {
      cells.push_back(is_shown
                          ? drawing_cell(bullet_bar(title, resource.request, resource.usage, resource.limit, greatest))
                          : empty_cell());
      cells.push_back(number_cell(resource.request, 1));
      cells.push_back(number_cell(resource.usage, 1));
      cells.push_back(number_cell(resource.limit, 1));
    };
    add("CPU requested and used", project.cpu, greatest_cpu);
    add("Memory requested and used", project.memory, greatest_memory);
    cells.push_back(number_cell(context.wasted(project), context.digits));
    if (is_shown) {
      table.add(std::move(cells));
    } else {
      table.add_to_csv(std::move(cells));
    }
  }
  if (order.size() > shown_projects)
    table.add_sum(
        {text_cell("and " + decimal(static_cast<double>(order.size() - shown_projects), 0) + " more, in the CSV")});
  table.write(page);
  page.markup("</section>\n");
}

void write_capacity(HtmlWriter& page, const Context& context) {
  const ReportData& data = context.data;
  open_section(page, "capacity", "Clusters and nodes");
  page.markup(
      "<p>CPU in core-hours, memory in GiB-hours. Unallocated is capacity that pods neither requested nor used.</p>\n");
  std::vector<Resource> cpu(data.clusters.size());
  std::vector<Resource> memory(data.clusters.size());
  Resource all_cpu;
  Resource all_memory;
  for (const ClusterDay& day : data.days) {
    add_to(cpu[day.cluster], day.cpu);
    add_to(memory[day.cluster], day.memory);
    add_to(all_cpu, day.cpu);
    add_to(all_memory, day.memory);
  }
  Table clusters("Capacity of clusters", "clusters", columns_of({{"Cluster"}}, capacity_columns));
  for (std::size_t at = 0; at < data.clusters.size(); ++at)
    clusters.add(row_of({linked_cell(context.cluster_name(at), context.cluster_address(at))},
                        capacity_cells(cpu[at], memory[at])));
  if (context.has_several_clusters())
    clusters.add_sum(row_of({text_cell("Total")}, capacity_cells(all_cpu, all_memory)));
  clusters.write(page);

  page.markup("<h3>Nodes, most idle first</h3>");
  std::vector<Column> names = {{"Node"}};
  if (context.has_several_clusters()) names.push_back({"Cluster"});
  names.push_back({"Role"});
  Table nodes("Capacity of nodes", "nodes", columns_of(names, capacity_columns));
  for (std::size_t place = 0; place < data.nodes.size(); ++place) {
    const Node& node = data.nodes[place];
    std::vector<Cell> cells = {name_cell(node.name.empty() ? "(no node)" : node.name)};
    if (context.has_several_clusters()) cells.push_back(name_cell(context.cluster_name(node.cluster)));
    cells.push_back(text_cell(node.role));
    cells = row_of(std::move(cells), capacity_cells(node.cpu, node.memory));
    if (place < shown_nodes) {
      nodes.add(std::move(cells));
    } else {
      nodes.add_to_csv(std::move(cells));
    }
  }
  if (data.nodes.size() > shown_nodes)
    nodes.add_sum(
        {text_cell("and " + decimal(static_cast<double>(data.nodes.size() - shown_nodes), 0) + " more, in the CSV")});
  nodes.write(page);
  page.markup("</section>\n");
}

}  // namespace koku::page
