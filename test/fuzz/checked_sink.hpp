// Takes the rows of a report as the server does, checks each of them, and adds them up plainly.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/report/daily.hpp"
#include "core/report/report_reader.hpp"

namespace koku::fuzz {

class CheckedSink final : public RowSink {
 public:
  /// decide_by_day: days are skipped and expired too, in a fixed pattern; otherwise all are loaded.
  CheckedSink(const ReportType& type, bool decide_by_day) : type_(type), layout_(type), decide_by_day_(decide_by_day) {}

  DayDecision begin_day(Day day, Instant first) override;
  void add(const Row& row) override;
  void flush() override;

  /// A new file begins: its days may come again.
  void begin_file() { days_of_file_.clear(); }
  /// Every row was let go of, and the counts of the reader are those of the rows that came.
  void check_file(const ReportReader& reader);
  /// The groups are the sums and greatest values of the rows that came, no more and no less.
  void check_daily(const DailyAggregate& aggregate) const;
  /// Distinct intervals of the rows of a day, over all files.
  const std::map<Day, std::set<Instant>>& intervals() const { return intervals_; }
  /// A number that differs when any value of any row does.
  std::uint64_t digest() const { return digest_; }

 private:
  struct Sum {
    long double value = 0;
    long double magnitude = 0;
  };
  struct Total {
    Instant report_period_start;
    Instant report_period_end;
    std::vector<Sum> sums;
    std::vector<std::optional<double>> number_maxes;
    std::vector<std::optional<std::string>> text_maxes;
  };
  struct KeptText {
    std::string_view text;
    std::string copy;
  };

  void check_value(const Column& column, const Value& value);
  void check_text(const Column& column, std::string_view text);
  void check_derived(std::span<const Value> values) const;
  void add_to_digest(std::string_view bytes);
  std::string key_of(std::span<const Value> values) const;
  void check_group(const Total& total, const DailyGroup& group, std::span<const Value> values) const;

  const ReportType& type_;
  DailyLayout layout_;
  bool decide_by_day_;
  std::set<Day> days_of_file_;
  std::vector<KeptText> kept_texts_;
  std::uint64_t rows_of_file_ = 0;
  std::map<std::pair<Day, std::string>, Total> totals_;
  std::map<Day, std::set<Instant>> intervals_;
  std::uint64_t digest_ = 0;
};

}  // namespace koku::fuzz
