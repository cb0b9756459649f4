#include "tests/support/child_processes.h"

#include <time.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace signalbox {

std::string statusField(pid_t pid, const std::string& field) {
    std::ifstream status("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(status, line);) {
        if (!line.starts_with(field + ":")) continue;
        const auto value = line.find_first_not_of(" \t", field.size() + 1);
        return value == std::string::npos ? "" : line.substr(value);
    }
    return "";
}

std::vector<pid_t> childrenNamed(const std::string& name) {
    std::vector<pid_t> out;
    const auto self = std::to_string(getpid());
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        const std::string text = entry.path().filename();
        if (text.find_first_not_of("0123456789") != std::string::npos) continue;
        const pid_t pid = std::stoi(text);
        if (statusField(pid, "PPid") == self && statusField(pid, "Name") == name.substr(0, 15))
            out.push_back(pid);
    }
    return out;
}

std::chrono::nanoseconds cpuTimeOf(pid_t pid) {
    clockid_t clock{};
    timespec used{};
    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &used) != 0) return {};
    return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

std::size_t countOpenFiles(pid_t pid) {
    std::error_code failed;
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry :
         std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/fd", failed))
        ++count;
    return count;
}

}  // namespace signalbox
