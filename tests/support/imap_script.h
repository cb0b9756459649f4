// An IMAP server on the loopback that says what a test wants: each command gets its lines, and OK unless a
// line with its tag is among them, or one that asks for more («+ »). A thread for each connection.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace signalbox {

class ImapScript {
public:
    // The untagged lines of a command, each with CRLF; nothing: it hangs up, and so it does behind a piece of
    // a line. Called on many threads.
    using Answer = std::function<std::optional<std::string>(const std::string& command)>;

    explicit ImapScript(Answer answer);
    ~ImapScript();
    std::uint16_t port() const { return port_; }

private:
    void serve(int connection) const;

    const Answer answer_;
    const int listener_;
    std::uint16_t port_ = 0;
    std::mutex mutex_;
    std::vector<int> open_;
    std::vector<std::thread> serving_;
    std::thread accepting_;
};

}  // namespace signalbox
