#include "tests/support/daemon_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace signalbox {
namespace {

using namespace std::chrono_literals;

std::string readFile(const std::string& path) {
    std::ifstream in(path);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

[[noreturn]] void runChild(const std::vector<std::string>& arguments, const std::string& log_file,
                           int output) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int log = open(log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    dup2(output, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    std::vector<char*> argv;
    for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    execv(argv[0], argv.data());
    _exit(127);
}

}  // namespace

ChildProcess::ChildProcess(const std::vector<std::string>& arguments, const std::string& log_file) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe failed");
    pid_ = fork();
    if (pid_ == 0) runChild(arguments, log_file, ends[1]);
    close(ends[1]);
    output_ = ends[0];
    if (pid_ < 0) throw std::runtime_error("fork failed");
}

ChildProcess::~ChildProcess() {
    if (!exit_code_) {
        signal(SIGKILL);
        wait(10s);
    }
    close(output_);
}

std::optional<std::string> ChildProcess::readLine(std::chrono::milliseconds timeout) {
    const auto until = std::chrono::steady_clock::now() + timeout;
    while (true) {
        if (const auto end = buffer_.find('\n'); end != std::string::npos) {
            std::string line = buffer_.substr(0, end);
            buffer_.erase(0, end + 1);
            return line;
        }
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        pollfd ready{output_, POLLIN, 0};
        if (left.count() <= 0 || poll(&ready, 1, static_cast<int>(left.count())) <= 0) return std::nullopt;
        char bytes[4096];
        const ssize_t count = read(output_, bytes, sizeof bytes);
        if (count <= 0) return std::nullopt;
        buffer_.append(bytes, static_cast<std::size_t>(count));
    }
}

void ChildProcess::signal(int number) const {
    kill(pid_, number);
}

std::optional<int> ChildProcess::wait(std::chrono::milliseconds timeout) {
    const auto until = std::chrono::steady_clock::now() + timeout;
    while (!exit_code_) {
        int status = 0;
        if (waitpid(pid_, &status, WNOHANG) == pid_) {
            exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
            break;
        }
        if (std::chrono::steady_clock::now() >= until) return std::nullopt;
        std::this_thread::sleep_for(2ms);
    }
    return exit_code_;
}

DaemonProcess::DaemonProcess(const std::string& config_file, const std::string& data, int port,
                             std::chrono::milliseconds timeout)
    : process_({builtProgram("signalboxd"), "--config", config_file, "--data", data, "--listen",
                "127.0.0.1:" + std::to_string(port)},
               data + "/daemon.log"),
      log_file_(data + "/daemon.log") {
    const std::string expected = "listening on http://127.0.0.1:";
    const auto until = std::chrono::steady_clock::now() + timeout;
    while (std::chrono::steady_clock::now() < until) {
        const auto line = process_.readLine(timeout);
        if (!line) break;
        if (!line->starts_with(expected)) continue;
        port_ = std::stoi(line->substr(expected.size()));
        return;
    }
    throw std::runtime_error("signalboxd did not start:\n" + readFile(log_file_));
}

void DaemonProcess::kill9() {
    process_.signal(SIGKILL);
    process_.wait(10s);
}

int DaemonProcess::stop(std::chrono::milliseconds timeout) {
    process_.signal(SIGTERM);
    const auto code = process_.wait(timeout);
    if (!code) throw std::runtime_error("signalboxd did not stop:\n" + readFile(log_file_));
    return *code;
}

std::string builtProgram(const std::string& name) {
    // Test programs stand in <build>/tests, the programs beside that folder.
    const auto here = std::filesystem::read_symlink("/proc/self/exe").parent_path();
    const auto path = here.parent_path() / name;
    if (!std::filesystem::exists(path)) throw std::runtime_error("not built: " + path.string());
    return path.string();
}

std::string runProgram(const std::vector<std::string>& arguments) {
    const std::string log = "/tmp/signalbox-run-" + std::to_string(getpid()) + ".log";
    ChildProcess process(arguments, log);
    std::string output;
    while (const auto line = process.readLine(60s)) output += *line + '\n';
    const auto code = process.wait(60s);
    const std::string errors = readFile(log);
    std::filesystem::remove(log);
    if (!code || *code != 0) throw std::runtime_error(arguments[0] + " failed:\n" + output + errors);
    return output;
}

}  // namespace signalbox
