#include "tests/support/tls_server.h"

#include <httplib.h>

#include <thread>

#include "tests/support/certificate.h"

namespace signalbox {
struct TlsServer::State {
    explicit State(Certificate made) : certificate(std::move(made)) {}

    Certificate certificate;
    httplib::SSLServer server{certificate.x509.get(), certificate.key.get()};
    std::string pem = certificate.certificatePem();
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
