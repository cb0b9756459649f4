// The outbox and its dispatcher against a provider that answers at once: rows on SQLite, leased, sent,
// finished. usage: bench_delivery FOLDER [MESSAGES] [CONVERSATIONS]; prints sends per_s.
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "daemon/delivery/dispatcher.h"

using namespace signalbox;

namespace {

constexpr int kRowsAWrite = 200;

struct Instant : Connector, Sender {
    Status check(const std::stop_token&) override { return Done{}; }
    Sender* sender() override { return this; }
    Result<Receipt> send(const OutboundMessage& message, const std::stop_token&) override {
        ++count;
        return Receipt{"ext-" + message.idempotency_key};
    }
    std::atomic<int> count = 0;
};

void fill(Store& store, Outbox& outbox, int messages, int conversations) {
    for (int n = 0; n < messages;) {
        std::vector<PreparedRequest> batch;
        for (int i = 0; i < kRowsAWrite && n < messages; ++i, ++n) {
            const std::string to = "+4917" + std::to_string(10'000'000 + n % conversations);
            batch.push_back(
                *outbox.prepare({{"account", "bench"}, {"to", to}, {"text", "A table for four is 80 euros."}},
                                {kDefaultOrg, "api"}));
        }
        (void)store.writeAndWait([&](Tx& tx) {
            for (const auto& request : batch) outbox.enqueue(tx, request);
        });
    }
}

}  // namespace

int main(int argc, char** argv) {
    const std::filesystem::path folder = std::filesystem::absolute(argc > 1 ? argv[1] : ".");
    const int messages = argc > 2 ? std::atoi(argv[2]) : 20'000;
    const int conversations = argc > 3 ? std::atoi(argv[3]) : 2'000;
    const std::string path = folder.string() + "/delivery_bench.db";
    for (const char* suffix : {"", "-wal", "-shm", ".lock"}) std::filesystem::remove(path + suffix);
    StoreOptions options;
    options.url = "sqlite://" + path;
    auto opened = openStore(options);
    if (!opened) return std::cerr << opened.error().message << '\n', 1;
    Store& store = **opened;

    SystemClock clock;
    Ids ids(clock, 1);
    Accounts accounts;
    (void)ensureOrganization(store, clock, "bench");
    (void)accounts.replace(store, ids, clock, {{0, kDefaultOrg, "bench", "fake", "whatsapp", "DE", false}});
    EventLog log(store, clock);
    People people(store, ids, clock);
    Inbox inbox(store, ids, clock, log, people);
    BlobStore blobs(folder / "delivery_bench_blobs");
    Files files(blobs, log);
    Outbox outbox(store, ids, clock, accounts, log, inbox, files);
    const auto provider = std::make_shared<Instant>();
    const auto connected =
        std::make_shared<ConnectedAccount>(ConnectedAccount{accounts.byName("bench"), provider, {}, 0});
    Dispatcher dispatcher(store, outbox, files, clock, [&](Id) { return connected; });

    fill(store, outbox, messages, conversations);
    const auto begin = std::chrono::steady_clock::now();
    if (const auto started = dispatcher.start(); !started)
        return std::cerr << started.error().message << '\n', 1;
    while (readOutboxFigures(store).pending > 0)
        clock.sleepUntil(clock.now() + std::chrono::milliseconds{20}, {});
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    std::printf("RESULT per_s=%.0f sent=%d\n", messages / took.count(), provider->count.load());
    dispatcher.stop(clock.now());
    store.close();
    return provider->count == messages ? 0 : 1;
}
