// A certificate for one DNS name, signed by itself and valid for an hour, for the TLS servers of tests.
#pragma once

#include <openssl/x509.h>

#include <memory>
#include <string>

namespace signalbox {

struct Certificate {
    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{nullptr, &EVP_PKEY_free};
    std::unique_ptr<X509, decltype(&X509_free)> x509{nullptr, &X509_free};

    // PEM, as servers and clients read them.
    std::string certificatePem() const;
    std::string keyPem() const;
};

Certificate makeCertificate(const std::string& dns_name);

}  // namespace signalbox
