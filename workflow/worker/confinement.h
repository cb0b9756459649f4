// Gives up, for good, everything a process can do but compute and talk over the descriptors it has: no files,
// no network, no new processes, no executable memory. Called once by main before the first byte of a script
// is read.
#pragma once

namespace signalbox::worker {

struct Confinement {
    const char* failed_step = nullptr;  // what could not be done; the process must then end
    int error = 0;                      // its errno
    int landlock_abi = 0;               // 0: the kernel has no Landlock, seccomp stands alone
};

Confinement confine();

}  // namespace signalbox::worker
