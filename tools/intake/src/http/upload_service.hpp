// What every request needs, whichever connection it comes over. Used by the thread that serves connections.
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <map>
#include <memory>
#include <string>

#include "database/servers.hpp"
#include "forms/memory_budget.hpp"
#include "http/authenticator.hpp"
#include "http/peer.hpp"
#include "http/rate_limit.hpp"
#include "observe/metrics.hpp"
#include "report/reports.hpp"
#include "settings/configuration.hpp"
#include "sources/sources_api.hpp"

namespace koku::intake {

struct UploadService {
  Configuration::Http settings;
  Configuration::Payload limits;
  std::string service;                                 ///< of the content type: 'hccm'
  std::shared_ptr<const Authenticator> authenticator;  ///< replaced when the configuration is read again
  SourcesApi sources;
  ProxyTrust proxies;
  RateLimit requests_of_address;
  RateLimit requests_of_credential;
  std::map<std::string, unsigned> uploads_of_credential;  ///< under way
  MemoryBudget& memory;
  Servers& servers;
  std::string report_path;  ///< below which reports are
  Reports* reports;         ///< null when none are served
  Metrics& metrics;
  boost::asio::thread_pool& login_pool;  ///< where password hashes are computed
  boost::asio::thread_pool& token_pool;  ///< where tokens are checked, which may wait for the issuer's keys
};

/// A sender may name its request; another name is given to one that has none or an unfit one (1 to 128 characters
/// A-Z a-z 0-9 . _ -).
std::string request_id_for(std::string_view proposed);

}  // namespace koku::intake
