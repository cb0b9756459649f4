// The hub without HTTP and without a connector: ready envelopes into SQLite, so many in flight, for so long.
// usage: bench_ingest FOLDER [SECONDS] [IN_FLIGHT]; prints per_s, and per_s of bare one-row commits as the
// yardstick.
#include <sys/resource.h>

#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <mutex>
#include <thread>

#include "hub/accounts/accounts.h"
#include "hub/inbox/inbox.h"
#include "hub/ingest/ingest.h"
#include "hub/log/event_log.h"
#include "hub/people/people.h"
#include "hub/store/store.h"

using namespace signalbox;

namespace {

struct NoMedia : MediaJobs {
    void wanted(Tx&, const Account&, Id, std::int64_t, const Attachment&) override {}
};

// Microseconds of CPU that this process has used, all its threads.
double cpuMicros() {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    const auto micros = [](const timeval& time) { return time.tv_sec * 1e6 + time.tv_usec; };
    return micros(used.ru_utime) + micros(used.ru_stime);
}

// Keeps `limit` calls in flight until the time is over; `start` must call its argument when it is done.
double perSecond(int seconds, int limit, const std::function<void(int, std::function<void()>)>& start) {
    std::mutex mutex;
    std::condition_variable freed;
    int in_flight = 0;
    int count = 0;
    const auto begin = std::chrono::steady_clock::now();
    const auto end = begin + std::chrono::seconds(seconds);
    while (std::chrono::steady_clock::now() < end) {
        {
            std::unique_lock lock(mutex);
            freed.wait(lock, [&] { return in_flight < limit; });
            ++in_flight;
        }
        start(count++, [&] {
            std::lock_guard lock(mutex);
            if (--in_flight < limit / 2) freed.notify_one();
        });
    }
    std::unique_lock lock(mutex);
    while (in_flight > 0) freed.wait_for(lock, std::chrono::milliseconds(1));
    return count / std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

Envelope text(int n) {
    Envelope envelope;
    const std::string phone = "+4917" + std::to_string(10'000'000 + n % 5'000);
    envelope.external_id = envelope.dedup_key = "wamid.bench." + std::to_string(n);
    envelope.channel = "whatsapp";
    envelope.thread_key = phone;
    envelope.from = {{{"phone", phone}}, "Bench Person"};
    envelope.type = "text";
    envelope.text = "How much is a table for four on friday evening, please?";
    return envelope;
}

}  // namespace

int main(int argc, char** argv) {
    const std::string folder = argc > 1 ? argv[1] : ".";
    const int seconds = argc > 2 ? std::atoi(argv[2]) : 3;
    const int in_flight = argc > 3 ? std::atoi(argv[3]) : 512;
    const std::string path = std::filesystem::absolute(folder).string() + "/ingest_bench.db";
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
    (void)accounts.replace(store, ids, clock,
                           {{0, kDefaultOrg, "wa", "whatsapp_cloud", "whatsapp", "DE", false}});
    EventLog log(store, clock);
    People people(store, ids, clock);
    Inbox inbox(store, ids, clock, log, people);
    NoMedia media;
    Ingest ingest(store, ids, clock, log, people, inbox, media);
    const AccountRef account = accounts.byName("wa");
    const HttpRequest request{
        "POST", "/hooks/wa", {{"content-type", "application/json"}}, std::string(600, 'x'), ""};

    std::atomic<int> stored = 0;
    const double cpu_before = cpuMicros();
    const double callbacks = perSecond(seconds, in_flight, [&](int n, std::function<void()> done) {
        ingest.accept(account, request, {text(n)}, "", [&, done = std::move(done)](const Result<Ingested>&) {
            ++stored;
            done();
        });
    });
    const double cpu_us = (cpuMicros() - cpu_before) / std::max(1, stored.load());
    (void)store.writeAndWait(
        [](Tx& tx) { tx.exec("CREATE TABLE bare (id INTEGER PRIMARY KEY, body BLOB)", {}); });
    const std::string body(1000, 'x');
    const double bare = perSecond(seconds, in_flight, [&](int n, std::function<void()> done) {
        store.write(
            [&body, n](Tx& tx) {
                tx.exec("INSERT INTO bare (id, body) VALUES ($1, $2)", {std::int64_t{n}, Blob{body}});
            },
            [done = std::move(done)](const Status&) { done(); });
    });
    std::printf("RESULT ingest_per_s=%.0f cpu_us=%.1f bare_commit_per_s=%.0f ratio=%.2f\n", callbacks, cpu_us,
                bare, callbacks / bare);
    store.close();
    for (const char* suffix : {"", "-wal", "-shm", ".lock"}) std::filesystem::remove(path + suffix);
}
