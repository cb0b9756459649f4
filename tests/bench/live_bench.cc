// bench_live PORT TOKEN PID SECRET [CONNECTIONS [WATCHERS [RATE [SECONDS]]]]: the live feed under load, from
// one thread.
//   1. CONNECTIONS idle WebSockets (default 10000): what each costs the daemon in memory;
//   2. WATCHERS (200) that see every message while callbacks come at RATE (1000 a second) for SECONDS (15):
//   the
//      time from sending the callback to reading the event, of every watcher.
// Prints RESULT lines for ./dev bench live.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <deque>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "base/crypto.h"
#include "base/json.h"

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using signalbox::Json;

[[noreturn]] void fail(const std::string& what) {
    std::fprintf(stderr, "bench_live: %s: %s\n", what.c_str(), std::strerror(errno));
    std::exit(1);
}

int connectTo(int port) {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (socket < 0 || ::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
        fail("connect");
    const int one = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return socket;
}

void sendAll(int socket, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN) fail("send");
        if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

// A watcher's socket, upgraded.
int openFeed(int port, const std::string& token, const std::string& query) {
    const int socket = connectTo(port);
    sendAll(socket, "GET /api/v1/feed?" + query +
                        " HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                        "Authorization: Bearer " +
                        token + "\r\n\r\n");
    std::string head;
    char byte = 0;
    while (!head.ends_with("\r\n\r\n"))
        if (::recv(socket, &byte, 1, 0) == 1)
            head += byte;
        else
            fail("upgrade");
    if (head.find(" 101 ") == std::string::npos) {
        std::fprintf(stderr, "%s\n", head.c_str());
        std::exit(1);
    }
    return socket;
}

double memoryMb(const std::string& pid) {
    std::ifstream status("/proc/" + pid + "/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmRSS")) return std::atof(line.c_str() + 6) / 1024;
    return 0;
}

std::string callback(const std::string& secret, int number, std::int64_t sent_ns) {
    const Json message = {{"from", "4917012" + std::to_string(10'000 + number % 500)},
                          {"id", "wamid.live" + std::to_string(number)},
                          {"timestamp", std::to_string(std::time(nullptr))},
                          {"type", "text"},
                          {"text", {{"body", "ns=" + std::to_string(sent_ns) + ";"}}}};
    const Json value = {{"messaging_product", "whatsapp"},
                        {"metadata", {{"phone_number_id", "277321005464405"}}},
                        {"messages", Json::array({message})}};
    const Json change = {{"field", "messages"}, {"value", value}};
    const Json entry = {{"id", "waba-1"}, {"changes", Json::array({change})}};
    const std::string body =
        Json({{"object", "whatsapp_business_account"}, {"entry", Json::array({entry})}}).dump();
    return "POST /hooks/wa HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nX-Hub-Signature-256: "
           "sha256=" +
           signalbox::toHex(signalbox::hmac(signalbox::HashAlgorithm::Sha256, secret, body)) +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::int64_t nowNs() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now().time_since_epoch()).count();
}

// Reads what has come of one watcher and notes how old each message is.
struct Watcher {
    int socket = -1;
    std::string buffer;

    void readAll(std::vector<float>& ages_ms) {
        char bytes[64 * 1024];
        const auto got = ::recv(socket, bytes, sizeof bytes, MSG_DONTWAIT);
        if (got == 0) fail("a watcher was cut off");
        if (got < 0) return;
        buffer.append(bytes, static_cast<std::size_t>(got));
        const auto now = nowNs();
        std::size_t at = 0;
        while (buffer.size() - at >= 4) {
            std::size_t length = buffer[at + 1] & 0x7f, head = 2;
            if (length == 126) {
                length = static_cast<unsigned char>(buffer[at + 2]) << 8 |
                         static_cast<unsigned char>(buffer[at + 3]);
                head = 4;
            }
            if (buffer.size() - at < head + length) break;
            const std::string_view text(buffer.data() + at + head, length);
            if (const auto mark = text.find("ns="); mark != std::string_view::npos)
                ages_ms.push_back(static_cast<float>(now - std::atoll(text.data() + mark + 3)) / 1e6F);
            at += head + length;
        }
        buffer.erase(0, at);
    }
};

// Connections that callbacks are sent over in turn; answers are read and thrown away.
struct Senders {
    std::vector<int> sockets;
    std::size_t next = 0;

    Senders(int port, int count) {
        for (int i = 0; i < count; ++i) sockets.push_back(connectTo(port));
    }
    void send(const std::string& bytes) { sendAll(sockets[next++ % sockets.size()], bytes); }
    void drain() {
        char bytes[16 * 1024];
        for (const int socket : sockets)
            while (::recv(socket, bytes, sizeof bytes, MSG_DONTWAIT) > 0) {
            }
    }
};

void measureIdle(int port, const std::string& token, const std::string& pid, int count) {
    const double before = memoryMb(pid);
    std::vector<int> sockets;
    const auto start = Clock::now();
    for (int i = 0; i < count; ++i) sockets.push_back(openFeed(port, token, "types=none"));
    const double took = std::chrono::duration<double>(Clock::now() - start).count();
    ::sleep(2);
    const double after = memoryMb(pid);
    std::printf("RESULT idle=%d before_mb=%.1f after_mb=%.1f open_s=%.1f\n", count, before, after, took);
    std::fflush(stdout);
    for (const int socket : sockets) ::close(socket);
    ::sleep(1);
}

void measureLive(int port, const std::string& token, const std::string& secret, int count, int rate,
                 int seconds) {
    const int poll = ::epoll_create1(0);
    std::vector<Watcher> watchers(static_cast<std::size_t>(count));
    for (Watcher& watcher : watchers) {
        watcher.socket = openFeed(port, token, "types=message.received");
        epoll_event event{EPOLLIN, {.ptr = &watcher}};
        ::epoll_ctl(poll, EPOLL_CTL_ADD, watcher.socket, &event);
    }
    Senders senders(port, 16);
    std::vector<float> ages;
    ages.reserve(static_cast<std::size_t>(count) * static_cast<std::size_t>(rate * (seconds + 1)));
    const int total = rate * seconds;
    const auto start = Clock::now();
    int sent = 0;
    std::vector<epoll_event> events(256);
    const auto expected = static_cast<std::size_t>(total) * static_cast<std::size_t>(count);
    while (ages.size() < expected && Clock::now() - start < std::chrono::seconds(seconds + 20)) {
        const auto elapsed = std::chrono::duration<double>(Clock::now() - start).count();
        for (const int due = std::min(total, static_cast<int>(elapsed * rate)); sent < due; ++sent)
            senders.send(callback(secret, sent, nowNs()));
        senders.drain();
        const int ready = ::epoll_wait(poll, events.data(), static_cast<int>(events.size()), 1);
        for (int i = 0; i < ready; ++i)
            static_cast<Watcher*>(events[static_cast<std::size_t>(i)].data.ptr)->readAll(ages);
    }
    const double took = std::chrono::duration<double>(Clock::now() - start).count();
    std::sort(ages.begin(), ages.end());
    const auto at = [&](double part) {
        return ages.empty() ? 0.0F
                            : ages[std::min(ages.size() - 1, static_cast<std::size_t>(part * ages.size()))];
    };
    std::printf("RESULT watchers=%d per_s=%.0f p50_ms=%.1f p99_ms=%.1f max_ms=%.1f seen=%zu expected=%zu\n",
                count, sent / took, at(0.5), at(0.99), at(1.0), ages.size(), expected);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 5) {
        std::fprintf(stderr, "bench_live PORT TOKEN PID SECRET [CONNECTIONS [WATCHERS [RATE [SECONDS]]]]\n");
        return 2;
    }
    const auto number = [&](int at, int fallback) { return argc > at ? std::atoi(argv[at]) : fallback; };
    const int port = std::atoi(argv[1]), idle = number(5, 10'000);
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
    if (idle > 0) measureIdle(port, argv[2], argv[3], idle);
    measureLive(port, argv[2], argv[4], number(6, 200), number(7, 1'000), number(8, 15));
    return 0;
}
