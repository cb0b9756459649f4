// An SMTP server on the loopback that answers as a test says: 250 to everything that is not scripted. An
// empty answer closes the connection instead. The end of a mail is the command «.», an empty line is «\r\n».
#pragma once

#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <mutex>

namespace signalbox {

class SmtpScript {
public:
    using Answers = std::vector<std::pair<std::string, std::string>>;  // beginning of the command → answer

    explicit SmtpScript(Answers answers);
    ~SmtpScript();
    SmtpScript(const SmtpScript&) = delete;

    int port() const { return port_; }
    // All bytes so far.
    std::string received() const;

private:
    void serve();
    void talk(int fd);
    std::string answerTo(const std::string& line) const;

    const Answers answers_;
    int listener_ = -1, port_ = 0;
    mutable std::mutex mutex_;
    std::string received_;
    std::thread thread_;
};

}  // namespace signalbox
