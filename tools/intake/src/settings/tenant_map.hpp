// Which tenant an organization's payloads belong to.
#pragma once

#include <map>
#include <optional>
#include <string>

namespace koku::intake {

/// The tenant of a payload; no name means: the one tenant that has the payload's cluster.
struct TenantChoice {
  std::optional<std::string> tenant;
};

class TenantMap {
 public:
  /// '*' stands for every organization that is not named. Throws std::invalid_argument when it has a tenant already.
  void add_organization(const std::string& org_id, const std::string& tenant);
  void add_account(const std::string& account, const std::string& tenant);

  bool empty() const { return organizations_.empty() && accounts_.empty(); }

  /// The tenant of the organization; else that of the account (the older name of the same customer); else that of '*'.
  /// Nothing when none is named. A map without any entry leaves the choice to the database.
  std::optional<TenantChoice> find(const std::string& org_id, const std::string& account) const;

 private:
  std::map<std::string, std::string> organizations_;
  std::map<std::string, std::string> accounts_;
};

}  // namespace koku::intake
