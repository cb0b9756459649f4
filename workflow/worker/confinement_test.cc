#include "workflow/worker/confinement.h"

#include <fcntl.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <csignal>
#include <ctime>

namespace signalbox::worker {
namespace {

constexpr int kNotConfined = 99;

// What became of a child that confined itself and then did this: its exit code, or 1000 + the signal.
template <class Probe>
int afterConfinement(Probe probe) {
    const pid_t child = fork();
    if (child == 0) {
        if (confine().failed_step != nullptr) _exit(kNotConfined);
        _exit(probe());
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
    return WIFSIGNALED(status) ? 1000 + WTERMSIG(status) : WEXITSTATUS(status);
}

constexpr int kKilledByFilter = 1000 + SIGSYS;

long landlockVersion() {
    return syscall(444, nullptr, 0, 1u);
}

// As a kernel without Landlock answers.
bool hideLandlock() {
    const scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    for (const int call : {444, 445, 446})
        if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), call, 0) != 0) return false;
    const bool is_loaded = seccomp_load(filter) == 0;
    seccomp_release(filter);
    return is_loaded;
}

}  // namespace

BOOST_AUTO_TEST_CASE(computing_and_talking_go_on) {
    int ends[2];
    BOOST_REQUIRE(pipe(ends) == 0);

    const int got = afterConfinement([&] {
        timespec now{};
        void* pages = mmap(nullptr, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        const bool is_fine = pages != MAP_FAILED && clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) == 0 &&
                             write(ends[1], "x", 1) == 1 && munmap(pages, 1 << 20) == 0;
        return is_fine ? 7 : 8;
    });

    close(ends[0]);
    close(ends[1]);
    BOOST_TEST(got == 7);
}

BOOST_AUTO_TEST_CASE(opening_a_file_ends_the_process) {
    BOOST_TEST(afterConfinement([] { return open("/etc/hostname", O_RDONLY) < 0 ? 1 : 0; }) ==
               kKilledByFilter);
}
BOOST_AUTO_TEST_CASE(creating_a_file_ends_the_process) {
    BOOST_TEST(afterConfinement([] { return creat("/tmp/signalbox-probe", 0600) < 0 ? 1 : 0; }) ==
               kKilledByFilter);
}
BOOST_AUTO_TEST_CASE(a_socket_ends_the_process) {
    BOOST_TEST(afterConfinement([] { return socket(AF_INET, SOCK_STREAM, 0) < 0 ? 1 : 0; }) ==
               kKilledByFilter);
    BOOST_TEST(afterConfinement([] { return socket(AF_UNIX, SOCK_STREAM, 0) < 0 ? 1 : 0; }) ==
               kKilledByFilter);
}
BOOST_AUTO_TEST_CASE(a_new_process_ends_the_process) {
    BOOST_TEST(afterConfinement([] { return static_cast<int>(syscall(SYS_fork)); }) == kKilledByFilter);
    BOOST_TEST(afterConfinement([] { return static_cast<int>(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)); }) ==
               kKilledByFilter);
}
BOOST_AUTO_TEST_CASE(another_program_ends_the_process) {
    BOOST_TEST(afterConfinement([] { return execl("/bin/true", "true", nullptr); }) == kKilledByFilter);
}
BOOST_AUTO_TEST_CASE(executable_memory_ends_the_process) {
    BOOST_TEST(afterConfinement([] {
                   return mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
                          MAP_FAILED;
               }) == kKilledByFilter);
    BOOST_TEST(afterConfinement([] {
                   void* page = mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
                   return mprotect(page, 4096, PROT_READ | PROT_EXEC);
               }) == kKilledByFilter);
}
BOOST_AUTO_TEST_CASE(signals_and_limits_end_the_process) {
    BOOST_TEST(afterConfinement([] { return kill(getppid(), 0); }) == kKilledByFilter);
    BOOST_TEST(afterConfinement([] {
                   const rlimit more{1000, 1000};
                   return setrlimit(RLIMIT_NOFILE, &more);
               }) == kKilledByFilter);
}

BOOST_AUTO_TEST_CASE(landlock_is_in_force_where_the_kernel_has_it) {
    const pid_t child = fork();
    if (child == 0) _exit(confine().landlock_abi);
    int status = 0;
    waitpid(child, &status, 0);

    const long version = landlockVersion();
    BOOST_REQUIRE(WIFEXITED(status));
    BOOST_TEST(WEXITSTATUS(status) == (version > 0 ? version : 0));
}

BOOST_AUTO_TEST_CASE(without_landlock_the_filter_stands_alone) {
    const pid_t child = fork();
    if (child == 0) {
        if (!hideLandlock()) _exit(kNotConfined);
        const auto confinement = confine();
        if (confinement.failed_step != nullptr || confinement.landlock_abi != 0) _exit(kNotConfined);
        _exit(open("/etc/hostname", O_RDONLY) < 0 ? 1 : 0);
    }
    int status = 0;
    waitpid(child, &status, 0);

    BOOST_TEST(WIFSIGNALED(status));
    BOOST_TEST(WTERMSIG(status) == SIGSYS);
}

}  // namespace signalbox::worker
