#include "daemon/http/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <string_view>

namespace signalbox::http {
namespace {

namespace ssl = boost::asio::ssl;
using ErrorCode = boost::system::error_code;

constexpr const char* kCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20";  // TLS 1.2; 1.3 has only good ones

// HTTP/1.1 is all we speak; a client that offers only other things is told so (RFC 7301).
int chooseProtocol(SSL*, const unsigned char** out, unsigned char* out_length, const unsigned char* in,
                   unsigned int in_length, void*) {
    constexpr std::string_view kHttp11 = "http/1.1";
    for (unsigned int at = 0; at < in_length; at += 1u + in[at]) {
        if (at + 1u + in[at] > in_length) break;
        const std::string_view offered(reinterpret_cast<const char*>(in + at + 1), in[at]);
        if (offered != kHttp11) continue;
        *out = in + at + 1;
        *out_length = in[at];
        return SSL_TLSEXT_ERR_OK;
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

// OpenSSL has no text of its own for what the system refused: a file that is not there, say.
std::string reasonOf(const ErrorCode& error) {
    const auto code = static_cast<unsigned>(error.value());
    if (ERR_SYSTEM_ERROR(code)) return std::generic_category().message(ERR_GET_REASON(code));
    return error.message();
}

Error failure(const std::string& what, const ErrorCode& error) {
    return {ErrorKind::Invalid, "tls: " + what + ": " + reasonOf(error)};
}

void configure(ssl::context& context) {
    auto* const native = context.native_handle();
    SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
    SSL_CTX_set_cipher_list(native, kCiphers);
    SSL_CTX_set_options(native,
                        SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_alpn_select_cb(native, chooseProtocol, nullptr);
}

}  // namespace

Status TlsCertificate::load() {
    auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
    configure(*context);
    ErrorCode error;
    context->use_certificate_chain_file(certificate_file_, error);
    if (error) return failure("cannot read the certificate chain " + certificate_file_, error);
    context->use_private_key_file(key_file_, ssl::context::pem, error);
    if (error) return failure("cannot use the key " + key_file_ + " with this certificate", error);
    std::lock_guard lock(mutex_);
    context_ = std::move(context);
    return Done{};
}

std::shared_ptr<ssl::context> TlsCertificate::current() const {
    std::lock_guard lock(mutex_);
    return context_;
}

}  // namespace signalbox::http
