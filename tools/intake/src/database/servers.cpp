#include "database/servers.hpp"

#include <algorithm>

namespace koku::intake {
namespace {

std::vector<std::string> names_of(const std::vector<Configuration::Server>& servers) {
  std::vector<std::string> names;
  for (const auto& server : servers) names.push_back(server.name);
  return names;
}

/// Who sends a payload waits for this answer and for that to the payload.
constexpr Duration patience_with_place{3'000};

SubmitOutcome as_it_is(const SubmitOutcome& problem) { return problem; }

}  // namespace

Servers::Servers(const Configuration& configuration, Metrics& metrics)
    : names_(names_of(configuration.servers)),
      places_(names_, [this](std::size_t server, const std::string& tenant, std::function<void(PlaceAnswer)> answered) {
        // One that is away is not waited for: the tenants of the others shall not feel it.
        if (!submitters_[server]->is_available()) return answered(std::nullopt);
        submitters_[server]->ask({"place",
                                  "koku_tenant_place($1::pg_catalog.name) AS place",
                                  {tenant},
                                  [answered = std::move(answered)](const SubmitOutcome& outcome) {
                                    answered(outcome.kind == SubmitOutcome::Kind::stored ? PlaceAnswer(outcome.answer)
                                                                                         : std::nullopt);
                                  },
                                  std::nullopt,
                                  patience_with_place});
      }) {
  for (const auto& server : configuration.servers) {
    submitters_.push_back(std::make_unique<Submitter>(server, metrics));
  }
}

// An answer of one may lead to another: none is gone before all have stopped.
Servers::~Servers() {
  for (auto& submitter : submitters_) submitter->stop();
}

void Servers::submit(Submission submission) {
  const auto tenant = submission.tenant;
  auto done = std::move(submission.done);
  places_.work<SubmitOutcome>(tenant, {[this, submission = std::move(submission)](std::size_t server, auto attempted) {
                                         submitters_[server]->submit({submission.payload, submission.request_id,
                                                                      submission.tenant, std::move(attempted)});
                                       },
                                       as_it_is, std::move(done)});
}

void Servers::ask(Question question) {
  const auto tenant = question.tenant;
  auto done = std::move(question.done);
  places_.work<SubmitOutcome>(tenant,
                              {[this, question = std::move(question)](std::size_t server, auto attempted) {
                                 submitters_[server]->ask({question.columns, question.call, question.parameters,
                                                           std::move(attempted), std::nullopt, question.patience});
                               },
                               as_it_is, std::move(done)});
}

void Servers::ask_each(const std::string& columns, const std::string& call,
                       const std::function<void(const std::string& server, const SubmitOutcome&)>& answered) {
  for (std::size_t server = 0; server < submitters_.size(); ++server) {
    submitters_[server]->ask({columns, call, {}, [answered, name = names_[server]](const SubmitOutcome& outcome) {
                                answered(name, outcome);
                              }});
  }
}

bool Servers::is_any_available() const {
  return std::any_of(submitters_.begin(), submitters_.end(), [](const auto& one) { return one->is_available(); });
}

bool Servers::are_all_available() const {
  return std::all_of(submitters_.begin(), submitters_.end(), [](const auto& one) { return one->is_available(); });
}

std::map<std::string, bool> Servers::availability() const {
  std::map<std::string, bool> available;
  for (std::size_t server = 0; server < submitters_.size(); ++server) {
    if (!names_[server].empty()) available[names_[server]] = submitters_[server]->is_available();
  }
  return available;
}

}  // namespace koku::intake
