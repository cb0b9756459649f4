// The front door: HTTP/1.1 over Boost.Beast, with or without TLS, with WebSocket and Server-Sent Events. It
// frames, limits and times out; what a request means is the handler's business. One io_context and thread per
// core.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/http_message.h"
#include "base/result.h"

namespace signalbox::http {

struct ServerOptions {
    std::string host = "127.0.0.1";
    std::uint16_t port = 8080;                       // 0: the system chooses
    std::vector<std::string> trusted_proxies;        // addresses and networks: see client_address.h
    std::string tls_certificate_file, tls_key_file;  // PEM; both empty: plain HTTP
    unsigned threads = 2;

    std::size_t max_header_bytes = 32 * 1024;
    std::size_t max_request_line = 8 * 1024;
    std::size_t max_body_bytes = 4 * 1024 * 1024;
    // How long a request's body may be that goes to a file in `spool_folder` instead of memory, given its
    // head; 0: as all others. Called on a network thread: be quick.
    std::function<std::size_t(const HttpRequest& head)> spooled_body_limit;
    std::string spool_folder;
    std::chrono::seconds spooled_body_timeout{1'800};
    std::chrono::seconds header_timeout{10};
    std::chrono::seconds body_timeout{60};
    std::chrono::seconds rate_grace{5};     // after which a client sends, and takes, at least 1 KiB/s
    std::chrono::seconds idle_timeout{60};  // keep-alive
    std::size_t max_requests_per_connection = 1'000'000;
    std::size_t max_connections = 15'000;
    std::size_t max_connections_per_address = 10'000;
    std::size_t max_queued_stream_bytes = 256 * 1024;  // a watcher that reads too slowly is closed at this
    std::chrono::seconds ping_interval{30};    // WebSocket; without a sign of life for two of them it closes
    std::chrono::seconds event_keepalive{15};  // a comment to an event stream that is silent
    std::chrono::seconds stream_close_timeout{5};  // for what is still queued and the client's own goodbye
};

// The one answer to a request. Copies share it; the first `reply` counts, later ones are ignored. When the
// last copy goes without an answer the client gets 500. Any thread; cheap on the writer thread: answers are
// handed over to the connection's own thread in batches.
class Responder {
public:
    class Impl;
    explicit Responder(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
    void reply(HttpResponse response) const;

private:
    std::shared_ptr<Impl> impl_;
};

// A long-lived watcher: a WebSocket or a text/event-stream response. Any thread.
class LiveStream {
public:
    virtual ~LiveStream() = default;
    // Queues one text frame (WebSocket) or one event (`data:` lines; `id` becomes its id: line). False once
    // closed; a watcher whose queue is over max_queued_stream_bytes is closed (1013, or the response just
    // ends).
    virtual bool send(std::string text, const std::string& id = "") = 0;
    virtual void close(int code, const std::string& reason) = 0;
    virtual bool isWebSocket() const = 0;
    // Set once, before the handler returns. Called on the connection's thread.
    virtual void onMessage(std::function<void(std::string)> callback) = 0;
    virtual void onClose(std::function<void()> callback) = 0;
    // Bytes queued and not yet taken by the socket.
    virtual std::size_t queuedBytes() const = 0;
};

// Runs on an Asio thread and must not block: either answers at once or hands the responder on.
using Handler = std::function<void(HttpRequest&& request, Responder responder)>;
using StreamOpened = std::function<void(const HttpRequest& request, std::shared_ptr<LiveStream> stream)>;
// A path that gives a WebSocket when asked to upgrade, Server-Sent Events otherwise (GET only).
struct StreamRoute {
    std::string path;  // exact, without query
    // Before the upgrade; a response refuses it (401, 404, 503 …).
    std::function<std::optional<HttpResponse>(const HttpRequest&)> refuse;
    StreamOpened opened;
};

struct ServerStats {
    std::uint64_t connections_open = 0, connections_total = 0, requests_total = 0, refused_total = 0,
                  streams_open = 0;
};

class Server {
public:
    // Binds and listens; accepts nothing before start.
    static Result<std::unique_ptr<Server>> bind(ServerOptions options, Handler handler,
                                                std::vector<StreamRoute> streams);
    virtual ~Server() = default;
    virtual void start() = 0;
    virtual std::uint16_t port() const = 0;
    // Stops accepting at once, lets requests in flight finish until `drain` is over, closes streams with
    // 1001.
    virtual void stop(std::chrono::milliseconds drain) = 0;
    virtual ServerStats stats() const = 0;
    // New certificate files are read; connections that are open keep theirs.
    virtual Status reloadTls() = 0;
};

}  // namespace signalbox::http
