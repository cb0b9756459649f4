#include "tests/support/postgres_server.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <stdexcept>
#include <thread>

namespace signalbox {
namespace {

using namespace std::chrono_literals;

// A function, because tests ask before the constants of other files are made.
std::string program(const char* name) {
    return std::string("/usr/lib/postgresql/15/bin/") + name;
}

// PostgreSQL refuses to run as root. Only system calls: this runs between fork and exec.
void becomePostgres(const passwd* user) {
    if (user == nullptr) return;
    if (::initgroups(user->pw_name, user->pw_gid) != 0 || ::setgid(user->pw_gid) != 0 ||
        ::setuid(user->pw_uid) != 0)
        ::_exit(126);
}

const passwd* serverUser() {
    return ::geteuid() == 0 ? ::getpwnam("postgres") : nullptr;
}

// Output goes to `log`.
pid_t spawn(const std::vector<std::string>& command, const passwd* user, const std::string& log) {
    std::vector<char*> words;
    for (const auto& word : command) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    const pid_t child = ::fork();
    if (child != 0) return child;
    const int output = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    becomePostgres(user);
    ::prctl(PR_SET_PDEATHSIG, SIGQUIT);  // also when the test program crashes
    ::execv(words[0], words.data());
    ::_exit(127);
}

int waitFor(pid_t child) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void run(const std::vector<std::string>& command, const passwd* user, const std::string& log) {
    if (const int code = waitFor(spawn(command, user, log)); code != 0)
        throw std::runtime_error(command[0] + " ended with " + std::to_string(code) + ", see " + log);
}

}  // namespace

bool PostgresServer::isInstalled() {
    return std::filesystem::exists(program("postgres")) && std::filesystem::exists(program("initdb"));
}

PostgresServer& PostgresServer::instance() {
    static PostgresServer server;
    return server;
}

PostgresServer::PostgresServer() {
    const auto* user = serverUser();
    if (::geteuid() == 0 && user == nullptr) throw std::runtime_error("postgresql: no user «postgres»");
    if (user != nullptr && ::chown(folder_.path().c_str(), user->pw_uid, user->pw_gid) != 0)
        throw std::runtime_error("postgresql: cannot hand over " + folder_.path().string());
    run({program("initdb"), "-D", folder_.file("data"), "-U", "postgres", "-A", "trust", "-E", "UTF8",
         "--locale=C.UTF-8", "--no-sync"},
        user, folder_.file("log"));
    start();
}

PostgresServer::~PostgresServer() {
    stop(SIGQUIT);
}

void PostgresServer::start() {
    process_ = spawn({program("postgres"), "-D", folder_.file("data"), "-k", folder_.path().string(), "-c",
                      "listen_addresses=", "-c", "fsync=off", "-c", "full_page_writes=off", "-c",
                      "shared_buffers=32MB", "-c", "max_connections=60", "-c", "log_min_messages=fatal"},
                     serverUser(), folder_.file("log"));
    const auto give_up = std::chrono::steady_clock::now() + 30s;
    const std::vector<std::string> ask = {program("pg_isready"), "-q", "-h", folder_.path().string()};
    while (waitFor(spawn(ask, nullptr, "/dev/null")) != 0) {
        if (std::chrono::steady_clock::now() > give_up)
            throw std::runtime_error("postgresql: does not start, see " + folder_.file("log"));
        std::this_thread::sleep_for(10ms);
    }
}

void PostgresServer::kill() {
    stop(SIGQUIT);
}

void PostgresServer::stop(int signal) {
    if (process_ <= 0) return;
    ::kill(process_, signal);
    waitFor(process_);
    process_ = -1;
}

std::string PostgresServer::createDatabase() {
    const auto name = "test" + std::to_string(++databases_);
    const auto folder = folder_.path().string();
    run({program("createdb"), "-h", folder, "-U", "postgres", name}, nullptr, folder_.file("log"));
    return "postgresql://postgres@/" + name + "?host=" + folder;
}

}  // namespace signalbox
