#include "daemon/http/server.h"

#include <algorithm>

#include "daemon/http/listener.h"

namespace signalbox::http {
namespace {

class BoostServer final : public Server {
public:
    BoostServer(ServerOptions options, TrustedProxies proxies, Handler handler,
                std::vector<StreamRoute> streams)
        : doors_{std::move(options), std::move(proxies), std::move(handler), std::move(streams)},
          admission_(doors_.options.max_connections, doors_.options.max_connections_per_address),
          tls_(doors_.options.tls_certificate_file, doors_.options.tls_key_file) {
        for (unsigned i = 0; i < std::max(1u, doors_.options.threads); ++i)
            threads_.push_back(std::make_unique<IoThread>(doors_));
        listener_ = std::make_unique<Listener>(threads_, admission_, tls_);
    }

    ~BoostServer() override { stop(std::chrono::milliseconds{0}); }

    Status listen() {
        if (tls_.isConfigured()) {
            if (auto loaded = tls_.load(); !loaded) return loaded.error();
        }
        return listener_->bind(doors_.options.host, doors_.options.port);
    }

    void start() override {
        std::lock_guard lock(mutex_);
        if (std::exchange(is_started_, true)) return;
        for (auto& thread : threads_) thread->start();
        listener_->start();
    }

    std::uint16_t port() const override { return listener_->port(); }

    void stop(std::chrono::milliseconds drain) override {
        std::lock_guard lock(mutex_);
        if (!is_started_ || std::exchange(is_stopped_, true)) return;
        listener_->close();
        const auto deadline = std::chrono::steady_clock::now() + drain;
        for (auto& thread : threads_) thread->drain();
        for (auto& thread : threads_) thread->waitUntilEmpty(deadline);
        for (auto& thread : threads_) thread->stop();
    }

    ServerStats stats() const override {
        ServerStats stats;
        stats.connections_open = admission_.open();
        stats.connections_total = listener_->accepted();
        stats.refused_total = listener_->refused();
        for (const auto& thread : threads_) {
            const Counters& counters = std::as_const(*thread).counters();
            stats.requests_total += counters.requests.get();
            stats.refused_total += counters.refused.get();
            stats.streams_open += counters.streams_open.get();
        }
        return stats;
    }

    Status reloadTls() override {
        if (!tls_.isConfigured()) return Done{};
        return tls_.load();
    }

private:
    const Doors doors_;
    Admission admission_;
    TlsCertificate tls_;
    // After what its connections refer to, so that it goes first.
    std::vector<std::unique_ptr<IoThread>> threads_;
    std::unique_ptr<Listener> listener_;
    std::mutex mutex_;
    bool is_started_ = false, is_stopped_ = false;
};

}  // namespace

Result<std::unique_ptr<Server>> Server::bind(ServerOptions options, Handler handler,
                                             std::vector<StreamRoute> streams) {
    auto proxies = TrustedProxies::parse(options.trusted_proxies);
    if (!proxies) return proxies.error();
    auto server = std::make_unique<BoostServer>(std::move(options), *std::move(proxies), std::move(handler),
                                                std::move(streams));
    if (auto status = server->listen(); !status) return status.error();
    return std::unique_ptr<Server>(std::move(server));
}

}  // namespace signalbox::http
