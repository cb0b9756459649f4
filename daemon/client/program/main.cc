#include <sys/ioctl.h>
#include <unistd.h>

#include <iostream>

#include "daemon/client/program.h"

namespace {

std::size_t columnsOf(int fd) {
    winsize size{};
    if (::isatty(fd) == 0 || ::ioctl(fd, TIOCGWINSZ, &size) != 0) return 0;
    return size.ws_col;
}

}  // namespace

int main(int argc, char** argv) {
    std::ios::sync_with_stdio(false);
    signalbox::SystemClock clock;
    const signalbox::client::Terminal terminal{std::cout, std::cerr, columnsOf(STDOUT_FILENO)};
    try {
        return signalbox::client::runProgram({argv + 1, argv + argc}, SIGNALBOX_VERSION, terminal, clock);
    } catch (const std::exception& failure) {
        std::cerr << "signalbox: " << failure.what() << '\n';
        return 1;
    }
}
