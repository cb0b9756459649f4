#include "workflow/lua/worker_process.h"

#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstring>
#include <system_error>

#include "workflow/lua/zone_block.h"

namespace signalbox::workflow {
namespace {

using namespace std::chrono;
using namespace std::chrono_literals;
using worker::RequestHead;
using worker::ResponseHead;

// The worker reads its clock every hundred microseconds or so; what is this far over its budget does not come
// back.
constexpr auto kGrace = 25ms;
constexpr auto kTick = 5ms;
constexpr auto kStartTimeout = 5s;

Error unavailable(const std::string& what, int error) {
    return Error{ErrorKind::Unavailable, what + ": " + std::generic_category().message(error)};
}

// What a child takes over from a daemon of many threads: one descriptor, no environment, default signals.
class SpawnPlan {
public:
    explicit SpawnPlan(int socket) {
        posix_spawn_file_actions_init(&files_);
        posix_spawn_file_actions_adddup2(&files_, socket, worker::kSocket);
        const int zones = zoneBlock();
        if (zones >= 0) posix_spawn_file_actions_adddup2(&files_, zones, worker::kZones);
        posix_spawn_file_actions_addclosefrom_np(&files_, zones >= 0 ? worker::kZones + 1 : worker::kZones);
        posix_spawnattr_init(&attributes_);
        sigset_t none, all;
        sigemptyset(&none);
        sigfillset(&all);
        posix_spawnattr_setsigmask(&attributes_, &none);
        posix_spawnattr_setsigdefault(&attributes_, &all);
        // A group of its own: Ctrl-C at the daemon's terminal is for the daemon alone.
        posix_spawnattr_setpgroup(&attributes_, 0);
        posix_spawnattr_setflags(&attributes_,
                                 POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    }
    ~SpawnPlan() {
        posix_spawn_file_actions_destroy(&files_);
        posix_spawnattr_destroy(&attributes_);
    }
    SpawnPlan(const SpawnPlan&) = delete;
    SpawnPlan& operator=(const SpawnPlan&) = delete;

    // 0 or an errno.
    int spawn(const std::string& path, pid_t& pid) const {
        std::string name = "signalbox-worker";
        char* arguments[] = {name.data(), nullptr};
        char* environment[] = {nullptr};
        return posix_spawn(&pid, path.c_str(), &files_, &attributes_, arguments, environment);
    }

private:
    posix_spawn_file_actions_t files_{};
    posix_spawnattr_t attributes_{};
};

void setTimeout(int socket, int which, microseconds timeout) {
    const timeval value{timeout.count() / 1'000'000, timeout.count() % 1'000'000};
    setsockopt(socket, SOL_SOCKET, which, &value, sizeof value);
}

nanoseconds timeOf(clockid_t clock) {
    timespec value{};
    clock_gettime(clock, &value);
    return seconds{value.tv_sec} + nanoseconds{value.tv_nsec};
}

}  // namespace

WorkerProcess::WorkerProcess(pid_t pid, int socket)
    : pid_(pid), socket_(socket), buffer_(new char[worker::kMaxResponse]) {
    clock_getcpuclockid(pid, &cpu_clock_);
    setTimeout(socket_, SO_SNDTIMEO, 2s);
}

WorkerProcess::~WorkerProcess() {
    end();
}

void WorkerProcess::end() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) continue;
    close(socket_);
    pid_ = -1;
}

Result<std::unique_ptr<WorkerProcess>> WorkerProcess::start(const std::string& path) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return unavailable("socketpair", errno);
    pid_t pid = -1;
    const int bad = SpawnPlan(ends[1]).spawn(path, pid);
    close(ends[1]);
    if (bad != 0) {
        close(ends[0]);
        return unavailable("starting " + path, bad);
    }
    std::unique_ptr<WorkerProcess> out(new WorkerProcess(pid, ends[0]));
    const auto ready = out->greeting();
    if (!ready) return withContext("starting " + path, ready.error());
    return out;
}

Result<Answer> WorkerProcess::greeting() {
    Answer answer;
    started_ = steady_clock::now();
    cpu_at_start_ = timeOf(cpu_clock_);
    if (receive(answer, kStartTimeout) != Read::Done)
        return Error{ErrorKind::Unavailable, "it ended or said nothing; run it by hand to see why"};
    if (answer.verdict != worker::Verdict::Ready)
        return Error{ErrorKind::Unavailable, "it cannot confine itself: " + answer.text};
    return answer;
}

Exchange WorkerProcess::ask(const RequestHead& head, const std::vector<std::string_view>& parts) {
    started_ = steady_clock::now();
    cpu_at_start_ = timeOf(cpu_clock_);
    Exchange out{Ending::Died, {}};
    const Read read =
        send(head, parts) ? receive(out.answer, microseconds{head.cpu_budget_us}) : Read::Closed;
    if (read == Read::Done) {
        out.ending = Ending::Answered;
        return out;
    }
    if (read == Read::Overrun) out.ending = Ending::Killed;
    end();
    return out;
}

bool WorkerProcess::send(const RequestHead& head, const std::vector<std::string_view>& parts) {
    std::vector<iovec> pieces{{const_cast<RequestHead*>(&head), sizeof head}};
    for (const auto part : parts)
        if (!part.empty()) pieces.push_back({const_cast<char*>(part.data()), part.size()});
    for (std::size_t next = 0; next < pieces.size();) {
        msghdr message{};
        message.msg_iov = &pieces[next];
        message.msg_iovlen = pieces.size() - next;
        ssize_t sent = sendmsg(socket_, &message, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) return false;
        for (; next < pieces.size() && static_cast<std::size_t>(sent) >= pieces[next].iov_len; ++next)
            sent -= static_cast<ssize_t>(pieces[next].iov_len);
        if (sent == 0) continue;
        pieces[next].iov_base = static_cast<char*>(pieces[next].iov_base) + sent;
        pieces[next].iov_len -= static_cast<std::size_t>(sent);
    }
    return true;
}

WorkerProcess::Read WorkerProcess::receive(Answer& answer, microseconds budget) {
    setReceiveTimeout(budget + kGrace);
    ResponseHead head{};
    std::size_t have = 0;
    if (const auto read = readUntil(have, sizeof head, budget); read != Read::Done) return read;
    std::memcpy(&head, buffer_.get(), sizeof head);
    const std::size_t total = sizeof head + head.text_size + head.log_size;
    if (total > worker::kMaxResponse || head.size != total - sizeof head.size) return Read::Closed;
    if (const auto read = readUntil(have, total, budget); read != Read::Done) return read;
    answer.verdict = head.verdict;
    answer.text.assign(buffer_.get() + sizeof head, head.text_size);
    answer.log.assign(buffer_.get() + sizeof head + head.text_size, head.log_size);
    return Read::Done;
}

WorkerProcess::Read WorkerProcess::readUntil(std::size_t& have, std::size_t wanted, microseconds budget) {
    while (have < wanted) {
        const ssize_t got = recv(socket_, buffer_.get() + have, worker::kMaxResponse - have, 0);
        if (got > 0) have += static_cast<std::size_t>(got);
        if (got > 0 || (got < 0 && errno == EINTR)) continue;
        if (got == 0 || errno != EAGAIN) return Read::Closed;
        while (true) {  // late: now it is watched closely
            if (isOverrun(budget)) return Read::Overrun;
            pollfd answer{socket_, POLLIN, 0};
            if (poll(&answer, 1, static_cast<int>(kTick.count())) > 0) break;
        }
    }
    return Read::Done;
}

bool WorkerProcess::isOverrun(microseconds budget) const {
    if (timeOf(cpu_clock_) - cpu_at_start_ >= budget + kGrace) return true;
    // It neither computes nor answers: stopped, or waiting for something that does not come.
    return steady_clock::now() - started_ >= budget * 20 + 1s;
}

void WorkerProcess::setReceiveTimeout(microseconds timeout) {
    if (timeout == receive_timeout_) return;
    receive_timeout_ = timeout;
    setTimeout(socket_, SO_RCVTIMEO, timeout);
}

}  // namespace signalbox::workflow
