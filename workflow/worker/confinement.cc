#include "workflow/worker/confinement.h"

#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

namespace signalbox::worker {
namespace {

// Debian's headers are older than the kernels it runs on, so the numbers of linux/landlock.h stand here.
constexpr long kCreateRuleset = 444, kRestrictSelf = 446;
constexpr unsigned kAskVersion = 1;
struct LandlockRules {
    std::uint64_t files, network, scoped;
};

// All rights the running kernel knows are taken, none is given back.
LandlockRules allRightsOf(int abi) {
    const int files = abi >= 5 ? 16 : abi >= 3 ? 15 : abi >= 2 ? 14 : 13;
    return {(std::uint64_t{1} << files) - 1, abi >= 4 ? 3u : 0u, abi >= 6 ? 3u : 0u};
}

// The ABI in force, 0 where there is none, -1 when it exists but refuses.
int restrictByLandlock() {
    const long abi = syscall(kCreateRuleset, nullptr, 0, kAskVersion);
    if (abi <= 0) return 0;
    const auto rules = allRightsOf(static_cast<int>(abi));
    const long ruleset = syscall(kCreateRuleset, &rules, sizeof rules, 0);
    if (ruleset < 0) return -1;
    const long restricted = syscall(kRestrictSelf, ruleset, 0);
    close(static_cast<int>(ruleset));
    return restricted == 0 ? static_cast<int>(abi) : -1;
}

bool limit(__rlimit_resource_t resource, rlim_t value) {
    const rlimit both{value, value};
    return setrlimit(resource, &both) == 0;
}

bool limitResources() {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // their shadow memory needs terabytes
    if (!limit(RLIMIT_AS, 512u << 20)) return false;
#endif
    return limit(RLIMIT_NOFILE, 4) && limit(RLIMIT_NPROC, 0) && limit(RLIMIT_FSIZE, 0) &&
           limit(RLIMIT_CORE, 0);
}

// 0 or an errno.
int addRules(scmp_filter_ctx filter) {
    constexpr int kAllowed[] = {SCMP_SYS(read),           SCMP_SYS(write),      SCMP_SYS(recvmsg),
                                SCMP_SYS(sendmsg),        SCMP_SYS(futex),      SCMP_SYS(munmap),
                                SCMP_SYS(mremap),         SCMP_SYS(brk),        SCMP_SYS(madvise),
                                SCMP_SYS(clock_gettime),  SCMP_SYS(exit_group), SCMP_SYS(rt_sigreturn),
                                SCMP_SYS(restart_syscall)};
    for (const int call : kAllowed)
        if (const int bad = seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0); bad != 0) return -bad;
    const auto not_executable = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
    if (const int bad = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, not_executable); bad != 0)
        return -bad;
    return -seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
}

int filterSystemCalls() {
    const scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (filter == nullptr) return ENOMEM;
    int bad = addRules(filter);
    if (bad == 0) bad = -seccomp_load(filter);
    seccomp_release(filter);
    return bad;
}

}  // namespace

Confinement confine() {
    Confinement out;
    const auto failed = [&](const char* step, int error) {
        out.failed_step = step;
        out.error = error;
        return out;
    };
    if (prctl(PR_SET_DUMPABLE, 0) != 0) return failed("PR_SET_DUMPABLE", errno);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return failed("PR_SET_NO_NEW_PRIVS", errno);
    out.landlock_abi = restrictByLandlock();
    if (out.landlock_abi < 0) return failed("landlock", errno);
    if (!limitResources()) return failed("setrlimit", errno);
    if (const int bad = filterSystemCalls(); bad != 0) return failed("seccomp", bad);
    return out;
}

}  // namespace signalbox::worker
