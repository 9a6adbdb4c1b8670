#include "settings/tenant_map.hpp"

#include <stdexcept>

namespace koku::intake {
namespace {

void add(std::map<std::string, std::string>& map, const std::string& key, const std::string& tenant) {
  if (key.empty()) throw std::invalid_argument("an org_id or account is empty");
  if (!map.emplace(key, tenant).second) throw std::invalid_argument("'" + key + "' belongs to two tenants");
}

}  // namespace

void TenantMap::add_organization(const std::string& org_id, const std::string& tenant) {
  add(organizations_, org_id, tenant);
}

void TenantMap::add_account(const std::string& account, const std::string& tenant) { add(accounts_, account, tenant); }

std::optional<TenantChoice> TenantMap::find(const std::string& org_id, const std::string& account) const {
  if (empty()) return TenantChoice{};
  if (const auto found = organizations_.find(org_id); found != organizations_.end() && org_id != "*") {
    return TenantChoice{found->second};
  }
  if (const auto found = accounts_.find(account); found != accounts_.end()) return TenantChoice{found->second};
  if (const auto found = organizations_.find("*"); found != organizations_.end()) return TenantChoice{found->second};
  return std::nullopt;
}

}  // namespace koku::intake
