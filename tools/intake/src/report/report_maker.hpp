// Has the database make reports: few at a time, on connections of their own, so that uploads never wait for one.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "database/database.hpp"
#include "observe/metrics.hpp"
#include "report/report_request.hpp"
#include "settings/configuration.hpp"

namespace koku::intake {

struct ReportOutcome {
  enum class Kind {
    made,
    refused,     ///< the database says why: sqlstate and message
    too_slow,    ///< it took longer than report.timeout
    unavailable  ///< the database is away or cannot make any report now
  };
  Kind kind = Kind::unavailable;
  std::string page;  ///< when made: HTML, or gzip of it
  bool is_gzip = false;
  std::string etag;  ///< of the HTML, the same whichever way it is sent
  std::string sqlstate;
  std::string message;
  std::string hint;
};

/// For the tenants of one server.
class ReportMaker {
 public:
  /// Called exactly once, on a thread of the maker; must not block or throw.
  using Done = std::function<void(ReportOutcome)>;

  /// database: as the role that reads.
  ReportMaker(const Configuration::Report& settings, const Configuration::Database& database, Metrics& metrics);
  /// Interrupts what is under way and answers what waits with 'unavailable'.
  ~ReportMaker();
  ReportMaker(const ReportMaker&) = delete;
  ReportMaker& operator=(const ReportMaker&) = delete;

  /// Returns at once; false, and done is not called, when too many reports wait already. Any thread may call it.
  bool make(ReportRequest request, bool gzip, Done done);

 private:
  struct Waiting {
    ReportRequest request;
    bool gzip = false;
    Done done;
    Clock::time_point deadline;  ///< for beginning
  };

  void work(DatabaseConnection& connection);
  ReportOutcome make_now(DatabaseConnection& connection, const Waiting& waiting);
  std::string html_of(DatabaseConnection& connection, const ReportRequest& request);

  const Configuration::Report settings_;
  Metrics& metrics_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Waiting> queue_;
  bool stopping_ = false;
  std::deque<DatabaseConnection> connections_;
  std::vector<std::thread> threads_;
};

}  // namespace koku::intake
