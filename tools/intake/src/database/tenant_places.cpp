#include "database/tenant_places.hpp"

#include "observe/log.hpp"

namespace koku::intake {
namespace {

TenantPlace nowhere(SubmitOutcome::Kind kind, const std::string& sqlstate, const std::string& message,
                    const std::string& hint = {}) {
  return {std::nullopt, {kind, {}, sqlstate, message, hint}};
}

/// The servers that gave an answer, or none at all.
std::vector<std::size_t> servers_with(const std::vector<PlaceAnswer>& answers, const PlaceAnswer& wanted) {
  std::vector<std::size_t> found;
  for (std::size_t server = 0; server < answers.size(); ++server) {
    if (answers[server] == wanted) found.push_back(server);
  }
  return found;
}

std::string names_of(const std::vector<std::size_t>& found, const std::vector<std::string>& servers) {
  std::string names;
  for (const auto server : found) names += (names.empty() ? "" : ", ") + servers[server];
  return names;
}

/// The answers of one round.
struct Asking {
  std::mutex mutex;
  std::vector<PlaceAnswer> answers;
  std::size_t left = 0;
};

}  // namespace

TenantPlace place_of_tenant(const std::string& tenant, const std::vector<std::string>& servers,
                            const std::vector<PlaceAnswer>& answers) {
  using Kind = SubmitOutcome::Kind;
  const auto named = "tenant \"" + excerpt(tenant) + "\"";
  const auto having = servers_with(answers, "here");
  if (having.size() == 1) return {having.front(), {}};
  if (having.size() > 1) {
    return nowhere(Kind::unavailable, "55000", named + " is on several servers: " + names_of(having, servers),
                   "A tenant lives on one server; drop it with koku_drop_tenant() where it should not be.");
  }
  if (const auto leaving = servers_with(answers, "moving"); !leaving.empty()) return {leaving.front(), {}};
  if (const auto silent = servers_with(answers, std::nullopt); !silent.empty()) {
    return nowhere(Kind::unavailable, {},
                   named + " may be on a server that does not answer: " + names_of(silent, servers));
  }
  if (servers_with(answers, "absent").size() < answers.size()) {
    return nowhere(Kind::unavailable, "55000", named + " is on its way, or is on another server",
                   "Give each server that has tenants a [[server]].");
  }
  return nowhere(Kind::refused, "42704", named + " is on none of the servers",
                 "Correct the name, or create the tenant on one of them with koku_create_tenant().");
}

TenantPlaces::TenantPlaces(std::vector<std::string> servers, Ask ask)
    : servers_(std::move(servers)), ask_(std::move(ask)) {}

void TenantPlaces::find(const std::optional<std::string>& tenant, const Found& found) {
  if (servers_.size() == 1 && servers_.front().empty()) return found({0, {}});
  if (!tenant) {
    return found(nowhere(SubmitOutcome::Kind::refused, "42704",
                         "the sender has no tenant, and there are several servers",
                         "Give the credential of the sender a tenant."));
  }
  std::optional<std::size_t> known;
  {
    const std::lock_guard lock(mutex_);
    if (const auto entry = known_.find(*tenant); entry != known_.end()) known = entry->second;
  }
  if (known) return found({known, {}});
  find_again(*tenant, found);
}

void TenantPlaces::find_again(const std::string& tenant, const Found& found) {
  const auto asking = std::make_shared<Asking>();
  asking->answers.resize(servers_.size());
  asking->left = servers_.size();
  for (std::size_t server = 0; server < servers_.size(); ++server) {
    ask_(server, tenant, [this, asking, server, tenant, found](PlaceAnswer answer) {
      {
        const std::lock_guard lock(asking->mutex);
        asking->answers[server] = std::move(answer);
        if (--asking->left > 0) return;
      }
      const auto place = place_of_tenant(tenant, servers_, asking->answers);
      // One that is silent may have the tenant as well: it is asked again next time.
      const bool is_sure = !place.server || servers_with(asking->answers, std::nullopt).empty();
      remember(tenant, is_sure ? place : TenantPlace{});
      found(place);
    });
  }
}

void TenantPlaces::remember(const std::string& tenant, const TenantPlace& place) {
  std::optional<std::size_t> before;
  {
    const std::lock_guard lock(mutex_);
    if (const auto known = known_.find(tenant); known != known_.end()) before = known->second;
    if (place.server) {
      known_.insert_or_assign(tenant, *place.server);
    } else {
      known_.erase(tenant);
    }
  }
  if (!place.server && before && !place.problem.message.empty()) {
    log(LogLevel::warning, "a tenant has no server now",
        {{"tenant", excerpt(tenant)}, {"reason", place.problem.message}, {"hint", place.problem.hint}});
  } else if (place.server && place.server != before) {
    log(LogLevel::info, "a tenant was found",
        {{"tenant", tenant}, {"server", servers_[*place.server]}, {"before", before ? servers_[*before] : "-"}});
  }
}

}  // namespace koku::intake
