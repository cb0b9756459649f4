// The real signalboxd on a free loopback port, with a data folder of its own. Ends with the test, by kill if
// need be.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace signalbox {

// A program started with its standard output read line by line; standard error goes to `log_file`.
class ChildProcess {
public:
    ChildProcess(const std::vector<std::string>& arguments, const std::string& log_file);
    ~ChildProcess();  // kill -9 when it still runs
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    // The next line of standard output; nothing when the program ended or took longer than `timeout`.
    std::optional<std::string> readLine(std::chrono::milliseconds timeout);
    void signal(int number) const;
    // Exit code, or 128 + signal; nothing when it runs on after `timeout`.
    std::optional<int> wait(std::chrono::milliseconds timeout);
    pid_t pid() const { return pid_; }

private:
    pid_t pid_ = -1;
    int output_ = -1;
    std::string buffer_;
    std::optional<int> exit_code_;
};

class DaemonProcess {
public:
    // Throws with the log's text when the daemon does not say «listening on» within `timeout`. `port` 0: a
    // free one.
    DaemonProcess(const std::string& config_file, const std::string& data, int port = 0,
                  std::chrono::milliseconds timeout = std::chrono::seconds(30));

    int port() const { return port_; }
    std::string url(const std::string& path) const {
        return "http://127.0.0.1:" + std::to_string(port_) + path;
    }
    void kill9();
    // SIGTERM and waits; the exit code.
    int stop(std::chrono::milliseconds timeout = std::chrono::seconds(30));
    ChildProcess& process() { return process_; }

private:
    ChildProcess process_;
    std::string log_file_;
    int port_ = 0;
};

// A program of this build: «signalboxd», «signalbox» … as an absolute path.
std::string builtProgram(const std::string& name);
// Runs it to the end and gives its standard output; throws when it exits with anything but 0.
std::string runProgram(const std::vector<std::string>& arguments);

}  // namespace signalbox
