#include "tests/support/tls_server.h"

#include <httplib.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <stdexcept>
#include <thread>

namespace signalbox {
namespace {

struct Certificate {
    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{nullptr, &EVP_PKEY_free};
    std::unique_ptr<X509, decltype(&X509_free)> x509{nullptr, &X509_free};
};

void addExtension(X509* x509, int kind, const std::string& value) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
    X509_add_ext(x509, extension, -1);
    X509_EXTENSION_free(extension);
}

Certificate makeCertificate(const std::string& dns_name) {
    Certificate made;
    made.key.reset(EVP_EC_gen("P-256"));
    made.x509.reset(X509_new());
    X509* x509 = made.x509.get();
    X509_set_version(x509, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
    X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("signalbox test"), -1, -1, 0);
    X509_set_issuer_name(x509, X509_get_subject_name(x509));
    addExtension(x509, NID_subject_alt_name, "DNS:" + dns_name);
    addExtension(x509, NID_basic_constraints, "critical,CA:TRUE");
    X509_set_pubkey(x509, made.key.get());
    if (X509_sign(x509, made.key.get(), EVP_sha256()) == 0)
        throw std::runtime_error("tls server: no certificate");
    return made;
}

std::string pemOf(X509* x509) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new(BIO_s_mem()), &BIO_free);
    PEM_write_bio_X509(memory.get(), x509);
    char* text = nullptr;
    const auto size = BIO_get_mem_data(memory.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

}  // namespace

struct TlsServer::State {
    explicit State(Certificate made) : certificate(std::move(made)) {}

    Certificate certificate;
    httplib::SSLServer server{certificate.x509.get(), certificate.key.get()};
    std::string pem = pemOf(certificate.x509.get());
    int port = 0;
    std::thread thread;
};

TlsServer::TlsServer(const std::string& dns_name)
    : state_(std::make_unique<State>(makeCertificate(dns_name))) {
    state_->server.Get(".*", [](const httplib::Request&, httplib::Response& response) {
        response.set_content("secret", "text/plain");
    });
    state_->port = state_->server.bind_to_any_port("127.0.0.1");
    state_->thread = std::thread([this] { state_->server.listen_after_bind(); });
    while (!state_->server.is_running()) std::this_thread::yield();
}

TlsServer::~TlsServer() {
    state_->server.stop();
    state_->thread.join();
}

int TlsServer::port() const {
    return state_->port;
}

const std::string& TlsServer::certificate() const {
    return state_->pem;
}

}  // namespace signalbox
