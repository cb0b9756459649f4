// What the kernel knows of this process's children and descriptors, for tests that nothing is left behind.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

namespace signalbox {

// The children whose program is called so (the kernel keeps fifteen characters), zombies included.
std::vector<pid_t> childrenNamed(const std::string& name);
// A field of /proc/<pid>/status, such as "Seccomp"; empty when there is none.
std::string statusField(pid_t pid, const std::string& field);
std::size_t countOpenFiles(pid_t pid);
// CPU time it has used so far; zero when it is gone.
std::chrono::nanoseconds cpuTimeOf(pid_t pid);

}  // namespace signalbox
