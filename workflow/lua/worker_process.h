// One `signalbox-worker`: started, asked, watched, killed. Used by one thread at a time.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "workflow/worker/protocol.h"

namespace signalbox::workflow {

struct Answer {
    worker::Verdict verdict = worker::Verdict::Ok;
    std::string text;
    std::string log;
};

enum class Ending {
    Answered,
    Died,    // by itself: a crash, a forbidden system call, the kernel's memory killer
    Killed,  // by us: over its budget and silent
};

struct Exchange {
    Ending ending;
    Answer answer;  // when Answered
};

class WorkerProcess {
public:
    // The calling thread must outlive the worker: the kernel kills it when that thread ends.
    // Errors: Unavailable.
    static Result<std::unique_ptr<WorkerProcess>> start(const std::string& path);
    ~WorkerProcess();
    WorkerProcess(const WorkerProcess&) = delete;
    WorkerProcess& operator=(const WorkerProcess&) = delete;

    // Sends the parts as one request. The worker keeps its CPU budget itself; what does not answer 50 ms
    // after it is over is killed, as soon as it has really had that time: a loaded machine is no fault of the
    // script. After anything but Answered the worker is of no more use.
    Exchange ask(const worker::RequestHead& head, const std::vector<std::string_view>& parts);

    pid_t pid() const { return pid_; }

private:
    WorkerProcess(pid_t pid, int socket);
    Result<Answer> greeting();
    bool send(const worker::RequestHead& head, const std::vector<std::string_view>& parts);
    enum class Read { Done, Closed, Overrun };
    Read receive(Answer& answer, std::chrono::microseconds budget);
    Read readUntil(std::size_t& have, std::size_t wanted, std::chrono::microseconds budget);
    bool isOverrun(std::chrono::microseconds budget) const;
    void setReceiveTimeout(std::chrono::microseconds timeout);
    void end();

    pid_t pid_;
    int socket_;
    clockid_t cpu_clock_ = 0;
    std::chrono::nanoseconds cpu_at_start_{};
    std::chrono::steady_clock::time_point started_{};
    std::chrono::microseconds receive_timeout_{};
    std::unique_ptr<char[]> buffer_;
};

}  // namespace signalbox::workflow
