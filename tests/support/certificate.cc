#include "tests/support/certificate.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <stdexcept>

namespace signalbox {
namespace {

void addExtension(X509* x509, int kind, const std::string& value) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
    X509_add_ext(x509, extension, -1);
    X509_EXTENSION_free(extension);
}

using Memory = std::unique_ptr<BIO, decltype(&BIO_free)>;

std::string textOf(const Memory& memory) {
    char* text = nullptr;
    const auto size = BIO_get_mem_data(memory.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

}  // namespace

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
    if (X509_sign(x509, made.key.get(), EVP_sha256()) == 0) throw std::runtime_error("no certificate");
    return made;
}

std::string Certificate::certificatePem() const {
    const Memory memory(BIO_new(BIO_s_mem()), &BIO_free);
    PEM_write_bio_X509(memory.get(), x509.get());
    return textOf(memory);
}

std::string Certificate::keyPem() const {
    const Memory memory(BIO_new(BIO_s_mem()), &BIO_free);
    PEM_write_bio_PrivateKey(memory.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    return textOf(memory);
}

}  // namespace signalbox
