// TLS of the upload endpoint.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "settings/configuration.hpp"

namespace koku::intake {

/// TLS 1.2 and later with the certificate and key of the settings, forward secrecy and authenticated encryption only;
/// null when there is no certificate. With http.client_ca_file only who has a certificate of these authorities gets in.
/// Throws ConfigurationError with the name of the file that does not fit and the reason.
std::shared_ptr<boost::asio::ssl::context> make_tls(const Configuration::Http& settings);

/// When the certificate of a context expires.
std::chrono::system_clock::time_point certificate_expiry(const boost::asio::ssl::context& tls);

/// What tells a version of the files of TLS from another: changes when one of them was replaced or written.
std::string tls_files_version(const Configuration::Http& settings);

}  // namespace koku::intake
