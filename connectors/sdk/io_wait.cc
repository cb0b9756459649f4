#include "connectors/sdk/io_wait.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>

namespace signalbox {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

}  // namespace

IoWait::IoWait(const std::stop_token& stop, milliseconds total)
    : stop_(stop), end_(steady_clock::now() + total) {
    if (!stop.stop_possible()) return;
    bell_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    on_stop_.emplace(stop, [fd = bell_] {
        const std::uint64_t one = 1;
        [[maybe_unused]] const auto written = ::write(fd, &one, sizeof one);
    });
}

IoWait::~IoWait() {
    on_stop_.reset();
    if (bell_ >= 0) ::close(bell_);
}

Status IoWait::until(int fd, short events, milliseconds at_most) const {
    const auto end = std::min(end_, steady_clock::now() + at_most);
    while (!stop_.stop_requested()) {
        const auto left = std::chrono::ceil<milliseconds>(end - steady_clock::now());
        if (left.count() <= 0) return Error{ErrorKind::Unavailable, "timed out", {}, "timeout"};
        pollfd watched[] = {{fd, events, 0}, {bell_, POLLIN, 0}};
        const int ready = ::poll(watched, 2, static_cast<int>(std::min<std::int64_t>(left.count(), 60'000)));
        if (ready < 0 && errno != EINTR) return Error{ErrorKind::Unavailable, "poll failed"};
        if (ready > 0 && watched[0].revents != 0) return Done{};
    }
    return Error{ErrorKind::Unavailable, "stopped", {}, "stopped"};
}

}  // namespace signalbox
