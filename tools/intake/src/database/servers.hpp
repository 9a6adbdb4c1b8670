// The servers that have tenants, each with connections of its own. What concerns a tenant goes to the one that has it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "database/submitter.hpp"
#include "database/tenant_places.hpp"
#include "observe/metrics.hpp"
#include "settings/configuration.hpp"

namespace koku::intake {

/// All members may be called from any thread.
class Servers {
 public:
  Servers(const Configuration& configuration, Metrics& metrics);
  /// Answers what waits with 'unavailable'; what is under way is finished first.
  ~Servers();
  Servers(const Servers&) = delete;
  Servers& operator=(const Servers&) = delete;

  /// Returns at once. 'stored' comes from the server that had the tenant when it committed. With [[server]], a
  /// submission without a tenant is refused.
  void submit(Submission submission);
  /// Asks the server of question.tenant; the same holds.
  void ask(Question question);
  /// Asks every server for itself. answered is called once for each, with its name.
  void ask_each(const std::string& columns, const std::string& call,
                const std::function<void(const std::string& server, const SubmitOutcome&)>& answered);

  /// Whether a server was reached when last tried, and so payloads of some tenants can be stored.
  bool is_any_available() const;
  bool are_all_available() const;
  /// The servers that have a name, and whether each was reached.
  std::map<std::string, bool> availability() const;

  /// Where tenants are, for work that has connections of its own. Positions are those of Configuration::servers.
  TenantPlaces& places() { return places_; }

 private:
  std::vector<std::string> names_;
  std::vector<std::unique_ptr<Submitter>> submitters_;
  TenantPlaces places_;
};

}  // namespace koku::intake
