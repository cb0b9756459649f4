// A server that answers 200 without looking: the yardstick «the same server without a database».
//   bench_http [--threads N] [--batch] [--port N]
// --batch: answers come from another thread in groups of up to 256, as they do from the database's writer.
// Prints its port and runs until its standard input ends:
//   sleep 20 | build/release/bench/bench_http & wrk -t1 -c64 -d5 -s tests/bench/post600.lua
//   http://127.0.0.1:PORT/
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <vector>

#include "daemon/http/server.h"

namespace {

using namespace signalbox;

HttpResponse ok() {
    return jsonResponse(200, R"({"status":"ok"})");
}

// Answers in groups, as a group commit does.
class GroupAnswerer {
public:
    GroupAnswerer() : thread_([this](const std::stop_token& stop) { work(stop); }) {}

    void add(http::Responder responder) {
        {
            std::lock_guard lock(mutex_);
            waiting_.push_back(std::move(responder));
        }
        filled_.notify_one();
    }

private:
    void work(const std::stop_token& stop) {
        std::vector<http::Responder> group;
        while (!stop.stop_requested()) {
            {
                std::unique_lock lock(mutex_);
                filled_.wait(lock, stop, [&] { return !waiting_.empty(); });
                const auto n = std::min<std::size_t>(waiting_.size(), 256);
                const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(n);
                group.assign(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(end));
                waiting_.erase(waiting_.begin(), end);
            }
            for (const auto& responder : group) responder.reply(ok());
            group.clear();
        }
    }

    std::mutex mutex_;
    std::condition_variable_any filled_;
    std::vector<http::Responder> waiting_;
    std::jthread thread_;
};

}  // namespace

int main(int argc, char** argv) {
    http::ServerOptions options;
    options.port = 0;
    bool is_batched = false;
    for (int i = 1; i < argc; ++i) {
        const std::string_view argument = argv[i];
        if (argument == "--batch") is_batched = true;
        if (argument == "--threads" && i + 1 < argc)
            options.threads = static_cast<unsigned>(std::atoi(argv[++i]));
        if (argument == "--port" && i + 1 < argc)
            options.port = static_cast<std::uint16_t>(std::atoi(argv[++i]));
    }

    GroupAnswerer answerer;
    const auto handler = [&](HttpRequest&&, http::Responder responder) {
        if (is_batched) return answerer.add(std::move(responder));
        responder.reply(ok());
    };
    std::vector<std::shared_ptr<http::LiveStream>> watchers;
    std::mutex mutex;
    const auto opened = [&](const HttpRequest&, std::shared_ptr<http::LiveStream> stream) {
        std::lock_guard lock(mutex);
        watchers.push_back(std::move(stream));
    };

    auto server = http::Server::bind(options, handler, {{"/live", {}, opened}});
    if (!server) {
        std::fprintf(stderr, "%s\n", server.error().message.c_str());
        return 1;
    }
    (*server)->start();
    std::printf("%u\n", unsigned{(*server)->port()});
    std::fflush(stdout);
    // A line on standard input is sent to all watchers at /live.
    char line[256];
    while (std::fgets(line, sizeof line, stdin)) {
        std::lock_guard lock(mutex);
        for (const auto& watcher : watchers) watcher->send(line);
    }
    (*server)->stop(std::chrono::seconds{1});
    return 0;
}
