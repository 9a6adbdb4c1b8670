// Volumes, GPUs and virtual machines.
#include <algorithm>

#include "core/page/chart.hpp"
#include "core/page/number.hpp"
#include "core/page/panel.hpp"
#include "core/page/table.hpp"

namespace koku::page {
namespace {

constexpr std::size_t shown_claims = 20;
constexpr std::size_t shown_machines = 20;

bool is_claimed(const Claim& claim) { return !claim.name.empty(); }

std::vector<const Claim*> claims_where(const ReportData& data, bool claimed) {
  std::vector<const Claim*> found;
  for (const Claim& claim : data.claims)
    if (is_claimed(claim) == claimed) found.push_back(&claim);
  std::stable_sort(found.begin(), found.end(), [](const Claim* one, const Claim* other) {
    return one->request - one->usage > other->request - other->usage;
  });
  return found;
}

void write_claims(HtmlWriter& page, const Context& context, const std::vector<const Claim*>& claims) {
  std::vector<Column> columns = {{"Claim"}, {"Project"}};
  if (context.has_several_clusters()) columns.push_back({"Cluster"});
  columns.insert(columns.end(),
                 {{"Class"}, {"", false, true}, {"claimed, GiB-months", true}, {"used", true}, {"not used", true}});
  if (context.data.has_costs) columns.push_back({"Cost, " + context.unit, true});
  Table table("Claims by what they do not use", "claims", columns);
  double greatest = 0;
  for (const Claim* claim : claims) greatest = std::max(greatest, claim->request);
  for (std::size_t place = 0; place < claims.size(); ++place) {
    const Claim& claim = *claims[place];
    std::vector<Cell> cells = {name_cell(claim.name), name_cell(claim.project)};
    if (context.has_several_clusters()) cells.push_back(name_cell(context.cluster_name(claim.cluster)));
    cells.push_back(name_cell(claim.storage_class));
    cells.push_back(place < shown_claims
                        ? drawing_cell(bullet_bar("Claimed and used", claim.request, claim.usage, 0, greatest))
                        : empty_cell());
    cells.push_back(number_cell(claim.request, 2));
    cells.push_back(number_cell(claim.usage, 2));
    cells.push_back(number_cell(claim.request - claim.usage, 2));
    if (context.data.has_costs) cells.push_back(number_cell(claim.cost, context.digits));
    if (place < shown_claims) {
      table.add(std::move(cells));
    } else {
      table.add_to_csv(std::move(cells));
    }
  }
  if (claims.size() > shown_claims)
    table.add_sum(
        {text_cell("and " + decimal(static_cast<double>(claims.size() - shown_claims), 0) + " more, in the CSV")});
  table.write(page);
}

void write_unclaimed(HtmlWriter& page, const Context& context, const std::vector<const Claim*>& volumes) {
  page.markup("<h3>Volumes without a claim</h3>");
  if (volumes.empty()) {
    page.markup("<p class=\"muted\">None.</p>");
    return;
  }
  Table table("Volumes without a claim", "unclaimed-volumes",
              {{"Cluster"}, {"Class"}, {"capacity, GiB-months", true}, {"used", true}});
  for (const Claim* volume : volumes)
    table.add({name_cell(context.cluster_name(volume->cluster)), name_cell(volume->storage_class),
               number_cell(volume->capacity, 2), number_cell(volume->usage, 2)});
  table.write(page);
}

void write_hours(HtmlWriter& page, const Context& context, const std::string& title, const std::string& file,
                 const std::string& what, const std::vector<Machine>& machines) {
  page.markup("<div><h3>").text(title).markup("</h3>");
  if (machines.empty()) {
    page.markup("<p class=\"muted\">None.</p></div>\n");
    return;
  }
  std::vector<Column> columns = {{what}, {"Project"}};
  if (context.has_several_clusters()) columns.push_back({"Cluster"});
  columns.push_back({"Hours", true});
  Table table(title, file, columns);
  double rest = 0;
  double sum = 0;
  for (std::size_t place = 0; place < machines.size(); ++place) {
    const Machine& machine = machines[place];
    std::vector<Cell> cells = {name_cell(machine.name), name_cell(machine.project)};
    if (context.has_several_clusters()) cells.push_back(name_cell(context.cluster_name(machine.cluster)));
    cells.push_back(number_cell(machine.hours, 1));
    sum += machine.hours;
    if (place < shown_machines) {
      table.add(std::move(cells));
    } else {
      rest += machine.hours;
      table.add_to_csv(std::move(cells));
    }
  }
  const auto add_sum = [&](const std::string& name, double hours) {
    std::vector<Cell> cells = {text_cell(name), empty_cell()};
    if (context.has_several_clusters()) cells.push_back(empty_cell());
    cells.push_back(number_cell(hours, 1));
    table.add_sum(std::move(cells));
  };
  if (machines.size() > shown_machines)
    add_sum("and " + std::to_string(machines.size() - shown_machines) + " more", rest);
  add_sum("Total", sum);
  table.write(page);
  page.markup("</div>\n");
}

}  // namespace

void write_volumes(HtmlWriter& page, const Context& context) {
  open_section(page, "volumes", "Volumes");
  const std::vector<const Claim*> claims = claims_where(context.data, true);
  if (claims.empty()) {
    page.markup("<p class=\"muted\">There are no claims.</p>");
  } else {
    double request = 0;
    double usage = 0;
    for (const Claim* claim : claims) {
      request += claim->request;
      usage += claim->usage;
    }
    page.markup("<p>").text(decimal(static_cast<double>(claims.size()), 0)).markup(" claims of ");
    page.text(decimal(request, 1)).markup(" GiB-months, ").text(percent(share_of(usage, request)));
    page.markup(" of them used. Most unused first.</p>\n");
    write_claims(page, context, claims);
  }
  write_unclaimed(page, context, claims_where(context.data, false));
  page.markup("</section>\n");
}

void write_machines(HtmlWriter& page, const Context& context) {
  open_section(page, "machines", "GPUs and virtual machines");
  for (const Project& project : context.data.projects)
    if (project.is_capacity && project.gpu_cost != 0)
      page.markup("<p>GPUs that no project used cost ")
          .text(decimal(project.gpu_cost, context.digits) + " " + context.unit)
          .markup(context.has_several_clusters() ? " in cluster " : ".")
          .markup(context.has_several_clusters() ? name_html(context.cluster_name(project.cluster)) + "." : "")
          .markup("</p>\n");
  page.markup("<div class=\"split\">");
  write_hours(page, context, "GPUs", "gpus", "Model", context.data.gpus);
  write_hours(page, context, "Virtual machines", "virtual-machines", "Machine", context.data.virtual_machines);
  page.markup("</div></section>\n");
}

}  // namespace koku::page
