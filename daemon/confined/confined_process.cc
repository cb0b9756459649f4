#include "daemon/confined/confined_process.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <system_error>

namespace signalbox {
namespace {

// Debian's headers are older than the kernels it runs on, so the numbers of linux/landlock.h stand here.
constexpr long kCreateRuleset = 444, kAddRule = 445, kRestrictSelf = 446;
constexpr unsigned kAskVersion = 1, kPathBeneath = 1;
constexpr std::uint64_t kExecute = 1, kWriteFile = 2, kReadFile = 4, kReadFolder = 8;
struct LandlockRules {
    std::uint64_t files, network, scoped;
};
struct __attribute__((packed)) LandlockPath {
    std::uint64_t rights;
    int folder;
};

constexpr int kNotConfined = 126, kNotStarted = 127;
constexpr const char* kReadable[] = {"/usr", "/lib", "/lib64", "/etc/fonts", "/var/cache/fontconfig"};
constexpr const char* kReadableFiles[] = {"/etc/ld.so.cache", "/dev/null", "/dev/urandom", "/proc/meminfo"};

#if defined(__x86_64__)
constexpr unsigned kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr unsigned kArchitecture = AUDIT_ARCH_AARCH64;
#else
#error "confined_process: name the architecture of this processor here"
#endif

// ---- between fork and exec: nothing but system calls
// -------------------------------------------------------

void allow(int ruleset, const char* path, std::uint64_t rights) {
    const int fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0) return;  // what is not there needs no right
    const LandlockPath rule{rights, fd};
    syscall(kAddRule, ruleset, kPathBeneath, &rule, 0);
    close(fd);
}

// True where the kernel knows no Landlock: the rest of the walls stand.
bool restrictFiles(const char* program, const char* folder) {
    const long abi = syscall(kCreateRuleset, nullptr, 0, kAskVersion);
    if (abi <= 0) return true;
    const int known = abi >= 5 ? 16 : abi >= 3 ? 15 : abi >= 2 ? 14 : 13;
    const std::uint64_t all = (std::uint64_t{1} << known) - 1;
    const LandlockRules rules{all, abi >= 4 ? 3u : 0u, abi >= 6 ? 3u : 0u};
    const std::size_t size = abi >= 6 ? sizeof rules : abi >= 4 ? 16 : 8;
    const int ruleset = static_cast<int>(syscall(kCreateRuleset, &rules, size, 0));
    if (ruleset < 0) return false;
    for (const char* path : kReadable) allow(ruleset, path, kExecute | kReadFile | kReadFolder);
    for (const char* path : kReadableFiles) allow(ruleset, path, kReadFile | kWriteFile);
    allow(ruleset, program, kExecute | kReadFile);  // ours may lie elsewhere
    allow(ruleset, folder, all & ~kExecute);
    const bool is_done = syscall(kRestrictSelf, ruleset, 0) == 0;
    close(ruleset);
    return is_done;
}

bool refuseSockets() {
    sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 3, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ptrace, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_process_vm_readv, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
    };
    const sock_fprog program{static_cast<unsigned short>(std::size(filter)), filter};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

bool limit(__rlimit_resource_t resource, rlim_t value) {
    const rlimit both{value, value};
    return setrlimit(resource, &both) == 0;
}

[[noreturn]] void become(const char* program, char* const* arguments, const char* folder,
                         const ProcessLimits& limits) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int null = open("/dev/null", O_RDWR);
    for (int fd = 0; fd < 3; ++fd) dup2(null, fd);
    syscall(SYS_close_range, 3u, ~0u, 0u);
    static char path[] = "PATH=/usr/bin:/bin", threads[] = "VIPS_CONCURRENCY=1", home[] = "HOME=/nonexistent";
    char* const environment[] = {path, threads, home, nullptr};
    const bool is_confined =
        chdir(folder) == 0 && limit(RLIMIT_AS, limits.memory_bytes) &&
        limit(RLIMIT_FSIZE, limits.file_bytes) && limit(RLIMIT_CORE, 0) && limit(RLIMIT_NOFILE, 64) &&
        limit(RLIMIT_CPU, static_cast<rlim_t>(limits.time.count())) &&
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && restrictFiles(program, folder) && refuseSockets();
    if (!is_confined) _exit(kNotConfined);
    execve(program, arguments, environment);
    _exit(kNotStarted);
}

// ---- the daemon's side
// -------------------------------------------------------------------------------------

Error cannotRun(const std::string& program, const std::string& why) {
    return {ErrorKind::Unavailable, program + ": " + why, {}, "not_run"};
}

// False: it did not end in time.
bool waitFor(int process, std::chrono::milliseconds time) {
    const auto until = std::chrono::steady_clock::now() + time;
    while (true) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        pollfd waited{process, POLLIN, 0};
        const int ready = poll(&waited, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
        if (ready > 0) return true;
        if (ready == 0 || errno != EINTR) return false;
    }
}

}  // namespace

Status runConfined(const std::string& program, const std::vector<std::string>& arguments,
                   const std::string& folder, const ProcessLimits& limits) {
    std::vector<std::string> words{program};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    const pid_t child = fork();
    if (child == 0) become(program.c_str(), pointers.data(), folder.c_str(), limits);
    if (child < 0) return cannotRun(program, std::generic_category().message(errno));
    const int handle = static_cast<int>(syscall(SYS_pidfd_open, child, 0));
    const bool is_over = handle >= 0 && waitFor(handle, limits.time + std::chrono::seconds(1));
    if (handle >= 0) close(handle);
    if (!is_over) kill(-child, SIGKILL), kill(child, SIGKILL);
    int how = 0;
    while (waitpid(child, &how, 0) < 0 && errno == EINTR) {
    }
    if (!is_over) return Error{ErrorKind::Unavailable, program + ": took too long", {}, "timeout"};
    if (WIFEXITED(how) && WEXITSTATUS(how) == 0) return Done{};
    if (WIFEXITED(how) && WEXITSTATUS(how) == kNotConfined)
        return cannotRun(program, "could not be confined");
    if (WIFEXITED(how) && WEXITSTATUS(how) == kNotStarted) return cannotRun(program, "could not be started");
    return Error{ErrorKind::Rejected,
                 program + (WIFSIGNALED(how) ? ": ended by signal " + std::to_string(WTERMSIG(how))
                                             : ": ended with " + std::to_string(WEXITSTATUS(how))),
                 {},
                 "failed"};
}

}  // namespace signalbox
