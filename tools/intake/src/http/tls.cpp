#include "http/tls.hpp"

namespace koku::intake {

std::shared_ptr<boost::asio::ssl::context> make_tls(const Configuration::Http& settings) {
  using Context = boost::asio::ssl::context;
  if (settings.certificate_file.empty()) return nullptr;
  auto context = std::make_shared<Context>(Context::tls_server);
  context->set_options(Context::default_workarounds | Context::no_sslv2 | Context::no_sslv3 | Context::no_tlsv1 |
                       Context::no_tlsv1_1 | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  try {
    context->use_certificate_chain_file(settings.certificate_file);
    context->use_private_key_file(settings.key_file, Context::pem);
  } catch (const boost::system::system_error& error) {
    throw ConfigurationError("http.certificate_file, http.key_file: " + std::string(error.what()));
  }
  if (SSL_CTX_check_private_key(context->native_handle()) != 1) {
    throw ConfigurationError("http.key_file: is not the key of http.certificate_file");
  }
  return context;
}

}  // namespace koku::intake
