// An SMTP server on the loopback that answers as a test says: 250 to everything that is not scripted. An
// empty answer closes the connection instead, kHang says nothing until the other side has gone (the first
// time; then the command is answered). The end of a mail is the command «.», an empty line is «\r\n».
#pragma once

#include <atomic>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <mutex>

namespace signalbox {

class SmtpScript {
public:
    using Answers = std::vector<std::pair<std::string, std::string>>;  // beginning of the command → answer

    static constexpr const char* kHang = "(hang)";

    explicit SmtpScript(Answers answers);
    ~SmtpScript();
    SmtpScript(const SmtpScript&) = delete;

    int port() const { return port_; }
    // All bytes so far.
    std::string received() const;
    bool isHanging() const { return is_hanging_; }

private:
    void serve();
    void talk(int fd);
    std::string answerTo(const std::string& line) const;

    const Answers answers_;
    std::atomic<bool> is_hanging_ = false, has_hung_ = false;
    int listener_ = -1, port_ = 0;
    mutable std::mutex mutex_;
    std::string received_;
    std::thread thread_;
};

}  // namespace signalbox
