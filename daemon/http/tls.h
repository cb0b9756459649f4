// The certificate that new connections are greeted with. Thread-safe.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <mutex>
#include <string>

#include "base/result.h"

namespace signalbox::http {

class TlsCertificate {
public:
    TlsCertificate(std::string certificate_file, std::string key_file)
        : certificate_file_(std::move(certificate_file)), key_file_(std::move(key_file)) {}

    bool isConfigured() const { return !certificate_file_.empty() || !key_file_.empty(); }
    // Reads both files; when they do not fit, the former certificate stays.
    Status load();
    // Set once `load` has succeeded.
    std::shared_ptr<boost::asio::ssl::context> current() const;

private:
    const std::string certificate_file_, key_file_;
    mutable std::mutex mutex_;
    std::shared_ptr<boost::asio::ssl::context> context_;  // shared: handshakes may still use the former one
};

}  // namespace signalbox::http
