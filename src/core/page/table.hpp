// Tables of the page: what is shown, and the whole as CSV.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/page/html.hpp"

namespace koku::page {

struct Column {
  std::string title;
  bool is_number = false;
  bool is_drawing = false;  ///< not in the CSV
};

struct Cell {
  std::string html;
  std::string csv;
};

Cell text_cell(std::string_view text);
/// A name from a cluster: long ones are shortened on the page, with the whole in a tooltip.
Cell name_cell(std::string_view name);
/// A name that leads to another place: `#` and an anchor of the page, or `?` and what another report is asked for.
Cell link_cell(std::string_view name, std::string_view address);
Cell number_cell(double value, int digits);
Cell signed_cell(double value, int digits);
Cell percent_cell(double share, int digits = 0);
Cell drawing_cell(std::string svg);
Cell empty_cell();

class Table {
 public:
  /// `caption` names it for who does not see it; `file` is the name of the CSV without its ending.
  Table(std::string caption, std::string file, std::vector<Column> columns)
      : caption_(std::move(caption)), file_(std::move(file)), columns_(std::move(columns)) {}

  void add(std::vector<Cell> cells) { rows_.push_back({std::move(cells), Kind::both}); }
  /// A row that is only in the CSV.
  void add_to_csv(std::vector<Cell> cells) { rows_.push_back({std::move(cells), Kind::csv}); }
  /// A row that sums up others: on the page only.
  void add_sum(std::vector<Cell> cells) { rows_.push_back({std::move(cells), Kind::sum}); }

  bool empty() const noexcept { return rows_.empty(); }
  void write(HtmlWriter& page) const;

 private:
  enum class Kind { both, csv, sum };
  struct Row {
    std::vector<Cell> cells;
    Kind kind;
  };

  void write_head(HtmlWriter& page) const;
  void write_row(HtmlWriter& page, const Row& row) const;
  std::vector<std::string> csv_lines() const;

  std::string caption_;
  std::string file_;
  std::vector<Column> columns_;
  std::vector<Row> rows_;
};

}  // namespace koku::page
