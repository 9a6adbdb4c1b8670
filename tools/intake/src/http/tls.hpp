// TLS of the upload endpoint.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>

#include "settings/configuration.hpp"

namespace koku::intake {

/// TLS 1.2 and later with the certificate and key of the settings; null when there is none. Throws ConfigurationError
/// when the files do not fit.
std::shared_ptr<boost::asio::ssl::context> make_tls(const Configuration::Http& settings);

}  // namespace koku::intake
