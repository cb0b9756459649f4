// What only Gmail's server says, from a server on the loopback that says it.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <thread>

#include "connectors/email/imap_poller.h"
#include "tests/support/fake_clock.h"

namespace signalbox::email {
namespace {

const std::string kMail = "From: ada@example.org\r\nSubject: Offer\r\n\r\nhello\r\n";

// One connection; each command gets its lines and OK.
class GmailScript {
public:
    GmailScript() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof address;
        auto* const generic = reinterpret_cast<sockaddr*>(&address);
        if (::bind(listener_, generic, length) != 0 || ::listen(listener_, 1) != 0 ||
            ::getsockname(listener_, generic, &length) != 0)
            throw std::runtime_error("gmail script: no port");
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] { serve(); });
    }
    ~GmailScript() {
        ::shutdown(listener_, SHUT_RDWR);
        thread_.join();
        ::close(listener_);
    }
    std::uint16_t port() const { return port_; }

private:
    static std::string answerTo(const std::string& command) {
        const auto has = [&](const char* word) { return command.find(word) != std::string::npos; };
        if (has("CAPABILITY")) return "* CAPABILITY IMAP4rev1 UIDPLUS X-GM-EXT-1\r\n";
        if (has("LIST")) return "* LIST (\\HasNoChildren) \"/\" \"INBOX\"\r\n";
        if (has("SELECT"))
            return "* FLAGS (\\Seen)\r\n* 1 EXISTS\r\n* 0 RECENT\r\n* OK [UIDVALIDITY 7] x\r\n"
                   "* OK [UIDNEXT 2] x\r\n";
        if (has("SEARCH")) return "* SEARCH 1\r\n";
        if (has("X-GM-THRID"))
            return "* 1 FETCH (X-GM-THRID 1278455344230334865 UID 1 RFC822.SIZE " +
                   std::to_string(kMail.size()) + " FLAGS ())\r\n";
        if (has("BODY.PEEK"))
            return "* 1 FETCH (UID 1 BODY[] {" + std::to_string(kMail.size()) + "}\r\n" + kMail + ")\r\n";
        return "";
    }
    void serve() {
        const int fd = ::accept(listener_, nullptr, nullptr);
        if (fd < 0) return;
        const auto say = [fd](const std::string& text) {
            [[maybe_unused]] const auto sent = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
        };
        say("* OK ready\r\n");
        std::string pending;
        char bytes[4096];
        for (auto count = ::recv(fd, bytes, sizeof bytes, 0); count > 0;
             count = ::recv(fd, bytes, sizeof bytes, 0)) {
            pending.append(bytes, static_cast<std::size_t>(count));
            for (auto end = pending.find("\r\n"); end != std::string::npos; end = pending.find("\r\n")) {
                const std::string line = pending.substr(0, end);
                pending.erase(0, end + 2);
                say(answerTo(line) + line.substr(0, line.find(' ')) + " OK done\r\n");
            }
        }
        ::close(fd);
    }

    int listener_ = -1;
    std::uint16_t port_ = 0;
    std::thread thread_;
};

}  // namespace

BOOST_AUTO_TEST_CASE(what_gmail_calls_a_conversation_is_kept_with_the_mail) {
    const GmailScript server;
    AccountConfig config;
    config.imap = {"127.0.0.1", server.port(), Security::None};
    config.is_backfilled = true;
    config.max_mail_bytes = 1'000'000;
    SocketOptions options;
    options.policy.allow_any = options.policy.any_port = true;
    options.timeout = std::chrono::seconds(5);
    PasswordSource password("sales", Secret("p"));
    const FakeClock clock;
    ImapPoller poller(config, options, password, clock, [](const std::string& place, std::string, bool) {
        PolledItem item;
        item.place = place;
        item.mail.emplace();
        return item;
    });

    const auto page = poller.poll("", {});

    BOOST_REQUIRE_MESSAGE(page.ok(), (page.ok() ? "" : page.error().message));
    BOOST_REQUIRE(page->items.size() == 1U);
    BOOST_TEST(page->items[0].place == "INBOX 7/1");
    BOOST_TEST(page->items[0].mail->thread_index == "gmail:1278455344230334865");
}

}  // namespace signalbox::email
