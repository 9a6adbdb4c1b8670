// What every upload needs, whichever connection it comes over.
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <memory>
#include <string>

#include "database/submitter.hpp"
#include "forms/memory_budget.hpp"
#include "observe/metrics.hpp"
#include "settings/configuration.hpp"
#include "settings/credentials.hpp"

namespace koku::intake {

struct UploadService {
  Configuration::Http settings;
  Configuration::Payload limits;
  std::string service;                                 ///< of the content type: 'hccm'
  std::shared_ptr<const CredentialStore> credentials;  ///< replaced when the configuration is read again
  MemoryBudget& memory;
  Submitter& submitter;
  Metrics& metrics;
  boost::asio::thread_pool& login_pool;  ///< where password hashes are computed
};

/// A sender may name its request; another name is given to one that has none or an unfit one (1 to 128 characters
/// A-Z a-z 0-9 . _ -).
std::string request_id_for(std::string_view proposed);

}  // namespace koku::intake
