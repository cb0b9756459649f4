// The real daemon and a real Dovecot on the loopback.
// usage: bench_mailbox sync MAILS | idle ACCOUNTS
//   sync: the first fetch of a mailbox; prints mails per_s and the daemon's memory at a fifth and at the end.
//   idle: that many mailboxes in IDLE in one daemon; prints its memory, threads, and how long news take.
#include <cstdio>
#include <fstream>

#include "tests/support/gateway.h"
#include "tests/support/mail_server.h"

using namespace signalbox;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

long fieldOf(pid_t process, const std::string& field) {
    std::ifstream in("/proc/" + std::to_string(process) + "/status");
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with(field)) return std::atol(line.c_str() + field.size());
    }
    return 0;
}
double memoryOf(Gateway& gateway) {
    return static_cast<double>(fieldOf(gateway.daemon().process().pid(), "VmRSS:")) / 1024;
}

std::string account(const std::string& name, int port, const std::string& more) {
    return "  - {name: " + name + ", type: email, address: " + name + "@example.test, username: " + name +
           ", password: " + DovecotServer::kPassword +
           ", imap: {host: 127.0.0.1, port: " + std::to_string(port) + ", security: none}, " + more + "}\n";
}

std::string mail(int number) {
    const std::string id = std::to_string(number);
    std::string text;
    for (int line = 0; line < 30; ++line) text += "Line " + std::to_string(line) + " of mail " + id + ".\n";
    return "From: Ada <ada" + std::to_string(number % 500) +
           "@example.net>\nTo: sync@example.test\nSubject: Order " + std::to_string(number / 3) +
           "\nMessage-ID: <m" + id +
           "@example.net>\nDate: Mon, 2 Feb 2026 10:00:00 +0000\nContent-Type: text/plain; "
           "charset=utf-8\n\n" +
           text;
}

// How many mails are fetched, and how many mailboxes have been looked into.
struct Seen {
    std::int64_t fetched = 0, synced = 0;
};
Seen seen(HttpCall& call) {
    Seen total;
    const Json accounts = call.json("/api/v1/accounts");
    for (const Json& one : accounts["items"]) {
        const Json& fetched = memberAt(memberAt(one, "sync"), "fetched");
        total.fetched += fetched.is_number() ? fetched.get<std::int64_t>() : 0;
        total.synced += memberAt(memberAt(one, "sync"), "last_sync_at").is_string() ? 1 : 0;
    }
    return total;
}

int sync(int mails) {
    DovecotServer dovecot({"sync"});
    for (int i = 0; i < mails; ++i) dovecot.deliver("sync", mail(i));
    Gateway gateway(account("sync", dovecot.imapPort(), "backfill_from: all"));
    const auto begin = Clock::now();
    gateway.start();
    HttpCall call = gateway.call();
    double early = 0, peak = 0;
    while (secondsSince(begin) < 1'800) {
        const auto done = seen(call).fetched;
        const double now = memoryOf(gateway);
        peak = std::max(peak, now);
        if (early == 0 && done >= mails / 5) early = now;
        if (done >= mails) {
            std::printf("RESULT per_s=%.0f fifth_mb=%.0f end_mb=%.0f peak_mb=%.0f mails=%d\n",
                        mails / secondsSince(begin), early, now, peak, mails);
            return gateway.stop();
        }
        std::this_thread::sleep_for(500ms);
    }
    std::fprintf(stderr, "the mailbox was not fetched within half an hour\n");
    return 1;
}

int idle(int accounts) {
    std::vector<std::string> users;
    for (int i = 0; i < accounts; ++i) users.push_back("box" + std::to_string(i));
    DovecotServer dovecot(users);
    std::string list;
    for (const std::string& user : users)
        list += account(user, dovecot.imapPort(), "backfill_from: all, poll_interval_s: 300");
    Gateway gateway(list);
    gateway.start();
    HttpCall call = gateway.call();
    if (!gateway.eventually([&] { return seen(call).synced >= accounts; }, 300s)) {
        std::fprintf(stderr, "only %ld of the mailboxes are connected\n",
                     static_cast<long>(seen(call).synced));
        return 1;
    }
    std::this_thread::sleep_for(5s);
    const auto begin = Clock::now();
    dovecot.deliver(users.back(), mail(1));
    const bool is_told =
        gateway.eventually([&] { return !call.json("/api/v1/messages?limit=1")["items"].empty(); }, 60s);
    std::printf("RESULT mb=%.0f threads=%ld told_ms=%.0f accounts=%d\n", memoryOf(gateway),
                fieldOf(gateway.daemon().process().pid(), "Threads:"),
                is_told ? secondsSince(begin) * 1'000 : -1.0, accounts);
    return gateway.stop();
}

}  // namespace

int main(int argc, char** argv) {
    const std::string what = argc > 1 ? argv[1] : "";
    const int count = argc > 2 ? std::atoi(argv[2]) : 0;
    if (!DovecotServer::isInstalled()) {
        std::fprintf(stderr, "dovecot is not installed\n");
        return 77;
    }
    if (what == "sync" && count > 0) return sync(count);
    if (what == "idle" && count > 0) return idle(count);
    std::fprintf(stderr, "usage: bench_mailbox sync MAILS | idle ACCOUNTS\n");
    return 2;
}
