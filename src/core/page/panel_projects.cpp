// Who: the projects, what changed, and a section for each of the largest.
#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "core/page/chart.hpp"
#include "core/page/number.hpp"
#include "core/page/panel.hpp"
#include "core/page/project_order.hpp"
#include "core/page/table.hpp"

namespace koku::page {
namespace {

constexpr std::size_t shown_projects = 15;
constexpr std::size_t shown_movers = 10;
constexpr std::size_t shown_claims = 10;

struct DistributionKind {
  std::string_view style;
  std::string_view name;
  double DistributedCost::*member;
};

constexpr DistributionKind distribution_kinds[] = {{"platform", "platform", &DistributedCost::platform},
                                                   {"worker", "worker unallocated", &DistributedCost::worker},
                                                   {"gpu", "GPU unallocated", &DistributedCost::gpu},
                                                   {"storage", "storage unattributed", &DistributedCost::storage},
                                                   {"network", "network unattributed", &DistributedCost::network}};

/// The kinds that have a cost anywhere.
std::vector<DistributionKind> kinds_in_use(const ReportData& data) {
  std::vector<DistributionKind> kinds;
  for (const DistributionKind& kind : distribution_kinds)
    if (std::any_of(data.projects.begin(), data.projects.end(),
                    [&](const Project& project) { return project.distributed.*kind.member != 0; }))
      kinds.push_back(kind);
  return kinds;
}

Cell project_cell(const Context& context, std::size_t project) {
  return linked_cell(shown_project(context.data.projects[project]), context.project_address(project));
}

/// Parts from zero where none is negative, else the whole.
std::vector<BarPart> bar_parts(const Context& context, const Project& project,
                               const std::vector<DistributionKind>& kinds) {
  if (!context.data.has_costs) return {{project.cpu.effective, "own"}};
  std::vector<BarPart> parts = {{project.own_cost(), "own"}};
  for (const DistributionKind& kind : kinds) {
    const double value = project.distributed.*kind.member;
    if (value < 0) return {{project.cost(), "own"}};
    parts.push_back({value, kind.style});
  }
  return parts;
}

class ProjectTable {
 public:
  ProjectTable(const Context& context, std::vector<DistributionKind> kinds)
      : context_(context), kinds_(std::move(kinds)), table_("Projects", "projects", columns()) {}

  void add(std::size_t at, double whole, bool is_shown) {
    const Project& project = context_.data.projects[at];
    std::vector<Cell> cells = {project_cell(context_, at)};
    if (context_.has_several_clusters()) cells.push_back(name_cell(context_.cluster_name(project.cluster)));
    cells.push_back(is_shown
                        ? drawing_cell(stacked_bar(shown_project(project), bar_parts(context_, project, kinds_), whole))
                        : empty_cell());
    add_values(cells, project);
    if (is_shown) {
      table_.add(std::move(cells));
    } else {
      table_.add_to_csv(std::move(cells));
      add_to_rest(project);
    }
  }

  void add_rest(const std::string& title) {
    std::vector<Cell> cells = {text_cell(title)};
    if (context_.has_several_clusters()) cells.push_back(empty_cell());
    cells.push_back(empty_cell());
    add_values(cells, rest_);
    table_.add_sum(std::move(cells));
  }

  void write(HtmlWriter& page) const { table_.write(page); }

 private:
  std::vector<Column> columns() const {
    std::vector<Column> columns = {{"Project"}};
    if (context_.has_several_clusters()) columns.push_back({"Cluster"});
    columns.push_back({"", false, true});
    if (context_.data.has_costs) {
      columns.push_back({"Own", true});
      for (const DistributionKind& kind : kinds_) columns.push_back({std::string(kind.name), true});
      columns.push_back({"Total, " + context_.unit, true});
    } else {
      columns.push_back({"CPU, core-hours", true});
      columns.push_back({"Memory, GiB-hours", true});
    }
    columns.push_back({"Share", true});
    if (has_previous()) columns.push_back({"Change", true});
    return columns;
  }

  void add_values(std::vector<Cell>& cells, const Project& project) const {
    const int digits = context_.digits;
    if (context_.data.has_costs) {
      cells.push_back(number_cell(project.own_cost(), digits));
      for (const DistributionKind& kind : kinds_)
        cells.push_back(number_cell(project.distributed.*kind.member, digits));
      cells.push_back(number_cell(project.cost(), digits));
    } else {
      cells.push_back(number_cell(project.cpu.effective, digits));
      cells.push_back(number_cell(project.memory.effective, digits));
    }
    cells.push_back(percent_cell(share_of(context_.value(project), context_.total), 1));
    if (has_previous()) cells.push_back(signed_cell(context_.value(project) - project.previous, digits));
  }

  bool has_previous() const noexcept { return !context_.previous_by_day.empty(); }

  void add_to_rest(const Project& project) {
    rest_.cloud_cost += project.own_cost();
    for (const DistributionKind& kind : kinds_) rest_.distributed.*kind.member += project.distributed.*kind.member;
    rest_.cpu.effective += project.cpu.effective;
    rest_.memory.effective += project.memory.effective;
    rest_.previous += project.previous;
  }

  const Context& context_;
  std::vector<DistributionKind> kinds_;
  Table table_;
  Project rest_;
};

struct Mover {
  std::size_t project;
  double change;
};

void write_mover_table(HtmlWriter& page, const Context& context, const std::string& title, const std::string& file,
                       const std::vector<Mover>& movers) {
  page.markup("<div><h3>").text(title).markup("</h3>");
  if (movers.empty()) {
    page.markup("<p class=\"muted\">None.</p></div>");
    return;
  }
  Table table(title, file,
              {{"Project"}, {"Change, " + context.unit, true}, {"", true}, {"Before", true}, {"Now", true}});
  for (const Mover& mover : movers) {
    const Project& project = context.data.projects[mover.project];
    const double now = context.value(project);
    const bool is_new = project.previous == 0;
    const std::string share =
        is_new ? "new" : (now == 0 ? "gone" : signed_decimal(100 * mover.change / project.previous, 1) + "\xC2\xA0%");
    table.add({project_cell(context, mover.project), signed_cell(mover.change, context.digits), text_cell(share),
               number_cell(project.previous, context.digits), number_cell(now, context.digits)});
  }
  table.write(page);
  page.markup("</div>\n");
}

using ProjectKey = std::pair<std::size_t, std::string_view>;

/// What belongs to one project, of all rows of a kind.
template <typename Row>
std::map<ProjectKey, std::vector<const Row*>> rows_by_project(const std::vector<Row>& rows) {
  std::map<ProjectKey, std::vector<const Row*>> found;
  for (const Row& row : rows) found[{row.cluster, row.project}].push_back(&row);
  return found;
}

template <typename Row>
const std::vector<const Row*>& rows_of(const std::map<ProjectKey, std::vector<const Row*>>& rows,
                                       const Project& project) {
  static const std::vector<const Row*> nothing;
  const auto found = rows.find({project.cluster, project.name});
  return found == rows.end() ? nothing : found->second;
}

void write_cost_table(HtmlWriter& page, const Context& context, const Project& project, std::size_t rank) {
  Table table("Cost of " + shown_project(project), "project-" + std::to_string(rank) + "-cost",
              {{"Cost"}, {context.unit, true}});
  const std::pair<const char*, double> own[] = {{"CPU", project.cpu_cost},
                                                {"Memory", project.memory_cost},
                                                {"Volumes", project.volume_cost},
                                                {"GPUs", project.gpu_cost},
                                                {"Cloud bill", project.cloud_cost}};
  for (const auto& [name, value] : own)
    if (value != 0) table.add({text_cell(name), number_cell(value, context.digits)});
  for (const DistributionKind& kind : distribution_kinds)
    if (project.distributed.*kind.member != 0)
      table.add({text_cell("Share of " + std::string(kind.name)),
                 number_cell(project.distributed.*kind.member, context.digits)});
  table.add_sum({text_cell("Total"), number_cell(project.cost(), context.digits)});
  table.write(page);
}

void write_usage_table(HtmlWriter& page, const Project& project, std::size_t rank) {
  Table table("Hours of " + shown_project(project), "project-" + std::to_string(rank) + "-hours",
              {{"Hours"}, {"requested", true}, {"used", true}, {"limit", true}, {"used of requested", true}});
  const auto add = [&](const char* name, const Resource& resource) {
    table.add({text_cell(name), number_cell(resource.request, 1), number_cell(resource.usage, 1),
               number_cell(resource.limit, 1),
               resource.request > 0 ? percent_cell(resource.usage / resource.request) : empty_cell()});
  };
  add("CPU, core-hours", project.cpu);
  add("Memory, GiB-hours", project.memory);
  table.write(page);
}

void write_claim_table(HtmlWriter& page, const std::vector<const Claim*>& claims, const Project& project,
                       std::size_t rank) {
  if (claims.empty()) return;
  Table table("Claims of " + shown_project(project), "project-" + std::to_string(rank) + "-claims",
              {{"Claim"}, {"Class"}, {"claimed", true}, {"used, GiB-months", true}});
  for (std::size_t place = 0; place < claims.size(); ++place) {
    const Claim& claim = *claims[place];
    std::vector<Cell> cells = {name_cell(claim.name), name_cell(claim.storage_class), number_cell(claim.request, 2),
                               number_cell(claim.usage, 2)};
    if (place < shown_claims) {
      table.add(std::move(cells));
    } else {
      table.add_to_csv(std::move(cells));
    }
  }
  if (claims.size() > shown_claims)
    table.add_sum({text_cell("and " + std::to_string(claims.size() - shown_claims) + " more")});
  table.write(page);
}

void write_labels_of(HtmlWriter& page, const std::vector<const ProjectLabel*>& labels) {
  if (labels.empty()) return;
  page.markup("<p>Labels: ");
  for (std::size_t place = 0; place < labels.size(); ++place) {
    if (place > 0) page.markup("; ");
    page.name(shortened(labels[place]->key, 80)).markup(" = ").name(shortened(labels[place]->values, 200));
  }
  page.markup("</p>");
}

std::vector<double> values_by_day(const Context& context, const std::vector<const ProjectDay*>& days) {
  std::vector<double> values(context.by_day.size());
  for (const ProjectDay* day : days)
    values[static_cast<std::size_t>(day->day - context.data.first_day)] +=
        context.data.has_costs ? day->cost : day->core_hours;
  return values;
}

}  // namespace

void write_projects(HtmlWriter& page, const Context& context) {
  open_section(page, "projects", "Projects");
  const std::vector<DistributionKind> kinds = kinds_in_use(context.data);
  if (context.data.has_costs && !kinds.empty()) {
    page.markup("<ul class=\"key\">");
    write_key(page, "own", "own cost");
    for (const DistributionKind& kind : kinds) write_key(page, kind.style, "share of " + std::string(kind.name));
    page.markup("</ul>\n");
  }
  const double whole = context.order.empty() ? 0 : context.value(context.data.projects[context.order.front()]);
  ProjectTable table(context, kinds);
  for (std::size_t place = 0; place < context.order.size(); ++place)
    table.add(context.order[place], whole, place < shown_projects);
  if (context.order.size() > shown_projects)
    table.add_rest("and " + decimal(static_cast<double>(context.order.size() - shown_projects), 0) + " more");
  table.write(page);
  page.markup("</section>\n");
}

void write_movers(HtmlWriter& page, const Context& context) {
  open_section(page, "movers", "What changed");
  if (context.previous_by_day.empty()) {
    page.markup("<p class=\"muted\">There is no data of the period before to compare with.</p></section>\n");
    return;
  }
  std::vector<Mover> up;
  std::vector<Mover> down;
  const double least = context.data.has_costs ? 0.005 : 0.05;
  for (const std::size_t at : context.order) {
    const double change = context.value(context.data.projects[at]) - context.data.projects[at].previous;
    if (change >= least) up.push_back({at, change});
    if (change <= -least) down.push_back({at, change});
  }
  std::stable_sort(up.begin(), up.end(),
                   [](const Mover& one, const Mover& other) { return one.change > other.change; });
  std::stable_sort(down.begin(), down.end(),
                   [](const Mover& one, const Mover& other) { return one.change < other.change; });
  up.resize(std::min(up.size(), shown_movers));
  down.resize(std::min(down.size(), shown_movers));
  page.markup("<p>Against the same days of the period before, by ")
      .text(context.unit)
      .markup(".</p><div class=\"split\">");
  write_mover_table(page, context, "Up", "up", up);
  write_mover_table(page, context, "Down", "down", down);
  page.markup("</div></section>\n");
}

void write_project_sections(HtmlWriter& page, const Context& context) {
  open_section(page, "project-sections", "Project by project");
  const auto days = rows_by_project(context.data.project_days);
  const auto claims = rows_by_project(context.data.claims);
  const auto labels = rows_by_project(context.data.project_labels);
  if (!context.data.project.empty() && context.detailed.empty())
    page.markup("<p class=\"bad\">No project ").name(context.data.project).markup(" is in this report.</p>");
  for (std::size_t place = 0; place < context.detailed.size(); ++place) {
    const Project& project = context.data.projects[context.detailed[place]];
    const std::size_t rank = place + 1;
    page.markup("<details id=\"project-").markup(std::to_string(rank));
    page.markup(context.data.project.empty() ? "\"><summary>" : "\" open=\"open\"><summary>");
    page.name(shortened(shown_project(project), 80));
    if (context.has_several_clusters())
      page.markup(" <span class=\"muted\">").name(context.cluster_name(project.cluster)).markup("</span>");
    page.markup("<span class=\"n\">").text(decimal(context.value(project), context.digits) + " " + context.unit);
    page.markup("</span></summary><div class=\"inner\">\n");
    const std::vector<double> values = values_by_day(context, rows_of(days, project));
    page.markup(day_columns(shown_project(project) + ": " + context.what + " by day",
                            "One column a day, in " + context.unit + ".", context.data.first_day, values, context.unit,
                            context.digits));
    page.markup("<div class=\"split\"><div>");
    if (context.data.has_costs) write_cost_table(page, context, project, rank);
    page.markup("</div><div>");
    write_usage_table(page, project, rank);
    page.markup("</div></div>");
    write_claim_table(page, rows_of(claims, project), project, rank);
    write_labels_of(page, rows_of(labels, project));
    page.markup("</div></details>\n");
  }
  if (context.order.size() > context.detailed.size()) {
    double rest = 0;
    for (const std::size_t at : context.order) rest += context.value(context.data.projects[at]);
    for (const std::size_t at : context.detailed) rest -= context.value(context.data.projects[at]);
    const std::size_t more = context.order.size() - context.detailed.size();
    page.markup("<p>And ").text(decimal(static_cast<double>(more), 0));
    page.markup(more == 1 ? " more project, " : " more projects, together ");
    page.text(decimal(rest, context.digits) + " " + context.unit)
        .markup("; all of them are in the CSV of the projects.</p>");
  }
  page.markup("</section>\n");
}

}  // namespace koku::page
