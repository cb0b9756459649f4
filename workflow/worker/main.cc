// signalbox-worker: runs scripts for the daemon. Started by workflow/lua with one socket and nothing else;
// answers one request after the other until the socket closes.
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <string>

#include "workflow/worker/confinement.h"
#include "workflow/worker/interpreter.h"
#include "workflow/worker/protocol.h"
#include "workflow/worker/zone_table.h"

namespace signalbox::worker {
namespace {

// Once, for the life of the process; pages that no call has touched cost nothing.
char request_bytes[kMaxRequest];
char response_bytes[kMaxResponse];
char log_bytes[kMaxLog];
constexpr std::size_t kTextAt = sizeof(ResponseHead);

bool readAtLeast(std::size_t& have, std::size_t wanted) {
    while (have < wanted) {
        const ssize_t got = read(kSocket, request_bytes + have, sizeof request_bytes - have);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        have += static_cast<std::size_t>(got);
    }
    return true;
}

// False when the daemon is gone, or speaks nonsense.
bool readRequest(Request& request) {
    RequestHead head{};
    std::size_t have = 0;
    if (!readAtLeast(have, sizeof head)) return false;
    std::memcpy(&head, request_bytes, sizeof head);
    const bool is_sane =
        head.node_id_size <= kMaxNodeId && head.source_size <= kMaxSource && head.item_size <= kMaxItem;
    const std::size_t total = sizeof head + head.node_id_size + head.source_size + head.item_size;
    if (!is_sane || head.size != total - sizeof head.size || !readAtLeast(have, total) || have != total)
        return false;
    const char* const body = request_bytes + sizeof head;
    request.action = head.action;
    request.node_id = {body, head.node_id_size};
    request.source = {body + head.node_id_size, head.source_size};
    request.item = {body + head.node_id_size + head.source_size, head.item_size};
    request.seed = head.seed;
    request.now_us = head.now_us;
    request.cpu_budget_us = head.cpu_budget_us;
    request.memory_limit = head.memory_limit;
    return true;
}

// The text is where the interpreter put it: behind the head.
bool writeResponse(const Response& response) {
    const auto text_size = response.text.size(), log_size = response.log.size();
    if (response.text.data() != response_bytes + kTextAt)
        std::memmove(response_bytes + kTextAt, response.text.data(), text_size);
    std::memcpy(response_bytes + kTextAt + text_size, response.log.data(), log_size);
    const ResponseHead head{static_cast<std::uint32_t>(sizeof head - sizeof head.size + text_size + log_size),
                            response.verdict, static_cast<std::uint32_t>(text_size),
                            static_cast<std::uint32_t>(log_size)};
    std::memcpy(response_bytes, &head, sizeof head);
    const std::size_t total = sizeof head + text_size + log_size;
    for (std::size_t sent = 0; sent < total;) {
        const ssize_t wrote = write(kSocket, response_bytes + sent, total - sent);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote <= 0) return false;
        sent += static_cast<std::size_t>(wrote);
    }
    return true;
}

bool hasSocket() {
    int type = 0;
    socklen_t size = sizeof type;
    return getsockopt(kSocket, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM;
}

bool report(const Confinement& confinement) {
    std::string text;
    if (confinement.failed_step != nullptr)
        text = std::string(confinement.failed_step) + ": errno " + std::to_string(confinement.error);
    else
        text = confinement.landlock_abi > 0
                   ? "seccomp, landlock ABI " + std::to_string(confinement.landlock_abi)
                   : "seccomp, no landlock in this kernel";
    const bool is_ready = confinement.failed_step == nullptr;
    return writeResponse({is_ready ? Verdict::Ready : Verdict::Runtime, text, {}}) && is_ready;
}

void takeZones() {
    struct stat status {};
    if (fstat(kZones, &status) == 0 && status.st_size > 0) {
        const auto size = static_cast<std::size_t>(status.st_size);
        void* const block = mmap(nullptr, size, PROT_READ, MAP_SHARED, kZones, 0);
        if (block != MAP_FAILED) zoneTable() = ZoneTable(block, size);
    }
    close(kZones);
}

int serve() {
    takeZones();
    static Interpreter interpreter(response_bytes + kTextAt, log_bytes);
    // The daemon's end closes with the daemon; the signal is for a worker that is busy then.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (!report(confine())) return 1;
    Request request;
    while (readRequest(request)) {
        if (!writeResponse(interpreter.run(request))) return 1;
        interpreter.rest();
    }
    return 0;
}

}  // namespace
}  // namespace signalbox::worker

int main() {
    if (!signalbox::worker::hasSocket()) {
        std::fputs(
            "signalbox-worker is started by signalboxd and runs its scripts; it does nothing on its own\n",
            stderr);
        return 2;
    }
    // Not exit(): what runs at exit would need system calls that are gone.
    _exit(signalbox::worker::serve());
}
