#include "http/tls.hpp"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <fstream>

namespace koku::intake {
namespace {

using Context = boost::asio::ssl::context;

void check_readable(const std::string& setting, const std::string& path) {
  errno = 0;
  if (!std::ifstream(path)) throw ConfigurationError(setting + ": " + path + ": " + std::strerror(errno));
}

/// Runs what loads a file; a failure names it.
template <class Load>
void load(const std::string& setting, const std::string& path, Load load_file) {
  check_readable(setting, path);
  try {
    load_file();
  } catch (const boost::system::system_error& error) {
    throw ConfigurationError(setting + ": " + path + ": " + error.code().message());
  }
}

}  // namespace

std::shared_ptr<Context> make_tls(const Configuration::Http& settings) {
  if (settings.certificate_file.empty()) return nullptr;
  auto context = std::make_shared<Context>(Context::tls_server);
  context->set_options(Context::default_workarounds | Context::no_sslv2 | Context::no_sslv3 | Context::no_tlsv1 |
                       Context::no_tlsv1_1 | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  auto* handle = context->native_handle();
  ERR_clear_error();
  if (SSL_CTX_set_cipher_list(handle, settings.ciphers.c_str()) != 1) {
    throw ConfigurationError("http.ciphers: OpenSSL has no cipher of this list");
  }
  load("http.certificate_file", settings.certificate_file,
       [&] { context->use_certificate_chain_file(settings.certificate_file); });
  // OpenSSL looks at the key whether it belongs to the certificate; asked before, that is an error of its own.
  load("http.key_file", settings.key_file, [&] { context->use_private_key_file(settings.key_file, Context::pem); });
  if (SSL_CTX_check_private_key(handle) != 1) {
    throw ConfigurationError("http.key_file: " + settings.key_file + ": is not the key of http.certificate_file");
  }
  if (!settings.client_ca_file.empty()) {
    load("http.client_ca_file", settings.client_ca_file, [&] { context->load_verify_file(settings.client_ca_file); });
    context->set_verify_mode(boost::asio::ssl::verify_peer | boost::asio::ssl::verify_fail_if_no_peer_cert);
    // Sessions that are resumed belong to this name; without one, resumption with client certificates fails.
    constexpr std::array<unsigned char, 11> name{'k', 'o', 'k', 'u', '-', 'i', 'n', 't', 'a', 'k', 'e'};
    SSL_CTX_set_session_id_context(handle, name.data(), name.size());
  }
  return context;
}

std::chrono::system_clock::time_point certificate_expiry(const Context& tls) {
  const auto* certificate = SSL_CTX_get0_certificate(const_cast<Context&>(tls).native_handle());
  std::tm parts{};
  if (certificate == nullptr || ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts) != 1) return {};
  return std::chrono::system_clock::from_time_t(timegm(&parts));
}

std::string tls_files_version(const Configuration::Http& settings) {
  std::string version;
  for (const auto& path : {settings.certificate_file, settings.key_file, settings.client_ca_file}) {
    struct stat file {};
    if (path.empty() || ::stat(path.c_str(), &file) != 0) {
      version += "-;";
      continue;
    }
    version += std::to_string(file.st_ino) + ' ' + std::to_string(file.st_size) + ' ' +
               std::to_string(file.st_mtim.tv_sec) + '.' + std::to_string(file.st_mtim.tv_nsec) + ';';
  }
  return version;
}

}  // namespace koku::intake
