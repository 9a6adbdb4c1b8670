#include "core/page/table.hpp"

#include "core/page/csv_link.hpp"
#include "core/page/number.hpp"

namespace koku::page {
namespace {

constexpr std::size_t longest_name = 60;
constexpr int more_digits_in_csv = 4;

std::string short_name_html(std::string_view name) {
  const std::string shown = shortened(name, longest_name);
  if (shown == name) return name_html(name);
  return "<bdi title=\"" + escape_html(name) + "\">" + escape_html(shown) + "</bdi>";
}

}  // namespace

Cell text_cell(std::string_view text) { return {escape_html(text), csv_text(text)}; }

Cell name_cell(std::string_view name) { return {short_name_html(name), csv_text(name)}; }

Cell link_cell(std::string_view name, std::string_view address) {
  return {"<a href=\"" + escape_html(address) + "\">" + short_name_html(name) + "</a>", csv_text(name)};
}

Cell number_cell(double value, int digits) {
  return {decimal(value, digits), plain_decimal(value, digits + more_digits_in_csv)};
}

Cell signed_cell(double value, int digits) {
  return {signed_decimal(value, digits), plain_decimal(value, digits + more_digits_in_csv)};
}

Cell percent_cell(double share, int digits) {
  return {percent(share, digits), plain_decimal(100 * share, digits + more_digits_in_csv)};
}

Cell drawing_cell(std::string svg) { return {std::move(svg), {}}; }

Cell empty_cell() { return {}; }

void Table::write(HtmlWriter& page) const {
  page.markup("<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"").text(caption_).markup("\"><table>");
  page.markup("<caption class=\"hidden\">").text(caption_).markup("</caption>");
  write_head(page);
  page.markup("<tbody>\n");
  for (const Row& row : rows_)
    if (row.kind != Kind::csv) write_row(page, row);
  page.markup("</tbody></table></div>\n<p class=\"take\"><a download=\"").text(file_).markup(".csv\" href=\"");
  page.markup(csv_address(csv_lines())).markup("\">CSV<span class=\"hidden\"> of ").text(caption_);
  page.markup("</span></a></p>\n");
}

void Table::write_head(HtmlWriter& page) const {
  page.markup("<thead><tr>");
  for (const Column& column : columns_)
    page.markup(column.is_number ? "<th scope=\"col\" class=\"n\">" : "<th scope=\"col\">")
        .text(column.title)
        .markup("</th>");
  page.markup("</tr></thead>");
}

void Table::write_row(HtmlWriter& page, const Row& row) const {
  page.markup(row.kind == Kind::sum ? "<tr class=\"sum\">" : "<tr>");
  for (std::size_t place = 0; place < columns_.size(); ++place) {
    const Column& column = columns_[place];
    const std::string_view html = place < row.cells.size() ? std::string_view(row.cells[place].html) : "";
    if (place == 0) {
      page.markup("<th scope=\"row\">").markup(html).markup("</th>");
      continue;
    }
    page.markup(column.is_number ? "<td class=\"n\">" : (column.is_drawing ? "<td class=\"bar\">" : "<td>"));
    page.markup(html).markup("</td>");
  }
  page.markup("</tr>\n");
}

std::vector<std::string> Table::csv_lines() const {
  std::vector<std::string> lines;
  lines.reserve(rows_.size() + 1);
  std::string head;
  for (const Column& column : columns_)
    if (!column.is_drawing) head += (head.empty() ? "" : ",") + csv_text(column.title);
  lines.push_back(std::move(head));
  for (const Row& row : rows_) {
    if (row.kind == Kind::sum) continue;
    std::string line;
    for (std::size_t place = 0; place < columns_.size(); ++place) {
      if (columns_[place].is_drawing) continue;
      if (place > 0) line += ',';
      if (place < row.cells.size()) line += row.cells[place].csv;
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace koku::page
