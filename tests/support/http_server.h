// An http::Server on a port of the system's choosing, started at once and stopped with the fixture.
#pragma once

#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include "daemon/http/server.h"

namespace signalbox::testing {

class HttpServer {
public:
    HttpServer(http::Handler handler, http::ServerOptions options = {},
               std::vector<http::StreamRoute> streams = {}) {
        options.port = 0;
        auto bound = http::Server::bind(std::move(options), std::move(handler), std::move(streams));
        if (!bound) throw std::runtime_error(bound.error().message);
        server_ = std::move(*bound);
        server_->start();
    }

    http::Server& operator*() { return *server_; }
    http::Server* operator->() { return server_.get(); }
    std::uint16_t port() const { return server_->port(); }

private:
    std::unique_ptr<http::Server> server_;
};

// Answers with the method, the target and the body of the request.
inline void echo(HttpRequest&& request, const http::Responder& responder) {
    responder.reply(
        {200, {{"content-type", "text/plain"}}, request.method + " " + request.target + " " + request.body});
}

}  // namespace signalbox::testing
