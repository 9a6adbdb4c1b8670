// Which of several servers has a tenant: all are asked, and what they said counts until one of them says otherwise.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "database/submitter.hpp"

namespace koku::intake {

/// The server that has a tenant, by its position; or, without one, the outcome of whatever was meant for it: 'refused'
/// when no server knows the tenant, 'unavailable' when that cannot be told now.
struct TenantPlace {
  std::optional<std::size_t> server;
  SubmitOutcome problem;
};

/// What koku_tenant_place() gave on a server; nothing when the server gave no answer.
using PlaceAnswer = std::optional<std::string>;

/// The place of a tenant by the answers of all servers, which stand in the same order. A tenant that leaves a server is
/// there until another has it. One that two servers have is on none: whatever went to one would be missed on the other.
TenantPlace place_of_tenant(const std::string& tenant, const std::vector<std::string>& servers,
                            const std::vector<PlaceAnswer>& answers);

/// Work for a tenant that ends with an outcome of this type, which has a kind, among them 'unavailable', and an
/// sqlstate. Each function may be called on any thread and must neither block nor throw.
template <class Outcome>
struct TenantWork {
  /// Attempts it on a server, and calls the function with the outcome exactly once.
  std::function<void(std::size_t server, std::function<void(Outcome)> attempted)> attempt;
  /// The outcome where there is no server for it.
  std::function<Outcome(const SubmitOutcome& problem)> without_server;
  /// Called exactly once, when it is over.
  std::function<void(Outcome)> done;
};

/// All members may be called from any thread.
class TenantPlaces {
 public:
  /// Asks a server for its koku_tenant_place(); the function is called exactly once, on any thread.
  using Ask = std::function<void(std::size_t server, const std::string& tenant, std::function<void(PlaceAnswer)>)>;
  using Found = std::function<void(const TenantPlace&)>;

  /// servers: their names. A single one without a name has all tenants and is never asked.
  TenantPlaces(std::vector<std::string> servers, Ask ask);

  /// Does the work on the server that has the tenant. When that one is away or does not have it any longer, all are
  /// asked again, and when another has it by now, the work is attempted there, which is the last attempt. Without a
  /// tenant there is nothing to attempt but on a single server without a name. A place is remembered once every server
  /// has answered.
  template <class Outcome>
  void work(const std::optional<std::string>& tenant, TenantWork<Outcome> work);

 private:
  /// found is called exactly once: at once for a place that is known, else when all servers have answered.
  void find(const std::optional<std::string>& tenant, const Found& found);
  void find_again(const std::string& tenant, const Found& found);
  void remember(const std::string& tenant, const TenantPlace& place);

  const std::vector<std::string> servers_;
  const Ask ask_;
  std::mutex mutex_;
  std::map<std::string, std::size_t> known_;
};

template <class Outcome>
void TenantPlaces::work(const std::optional<std::string>& tenant, TenantWork<Outcome> work) {
  const auto shared = std::make_shared<const TenantWork<Outcome>>(std::move(work));
  find(tenant, [this, tenant, shared](const TenantPlace& place) {
    if (!place.server) return shared->done(shared->without_server(place.problem));
    shared->attempt(*place.server, [this, tenant, shared, first = *place.server](Outcome outcome) {
      const bool may_be_elsewhere =
          outcome.kind == Outcome::Kind::unavailable || is_about_missing_tenant(outcome.sqlstate);
      if (!may_be_elsewhere || servers_.size() == 1 || !tenant) return shared->done(std::move(outcome));
      find_again(*tenant, [shared, first, outcome = std::move(outcome)](const TenantPlace& now) {
        if (!now.server) return shared->done(shared->without_server(now.problem));
        if (*now.server == first) return shared->done(outcome);
        shared->attempt(*now.server, shared->done);
      });
    });
  });
}

}  // namespace koku::intake
