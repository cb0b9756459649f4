// Twilio on loopback: takes messages at Messages.json as strictly as the real one, remembers them, hands out
// media, and signs callbacks. Its requests and answers have the shape of the published ones. Thread-safe.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/http_message.h"
#include "tests/support/loopback_server.h"

namespace signalbox {

class FakeTwilio {
public:
    struct Sent {
        std::string sid;
        FormFields form;
    };

    FakeTwilio(std::string account_sid, std::string auth_token);

    // For the account's base_url.
    std::string baseUrl() const;

    // The messages it took, in order, also those whose answer it swallowed.
    std::vector<Sent> messages() const;
    // Returns once it took `count` messages; false after a generous while.
    bool waitForMessages(std::size_t count) const;

    // The next message is refused with this status and error code, and these headers …
    void refuseNext(int status, int code, Headers headers = {});
    // … or is taken, and the connection closed without an answer.
    void swallowNext();

    // A file; the URL to it redirects, as at Twilio, to a storage host that refuses our credentials.
    std::string addMedia(const std::string& bytes, const std::string& mime);

    // What Twilio would post (target is the absolute URL), signed: the state of a message, to the
    // StatusCallback it came with; a message that someone sent to us, to `url`.
    HttpRequest statusCallback(const Sent& sent, const std::string& status,
                               const std::string& error_code = "") const;
    HttpRequest inbound(const std::string& url, FormFields form) const;

private:
    struct Refusal {
        int status, code;  // status 0: taken, without an answer
        Headers headers;
    };

    void serve(LoopbackServer::Peer& peer);
    void serveStorage(LoopbackServer::Peer& peer);
    std::string answer(const HttpRequest& request);  // empty: none
    std::string takeMessage(const FormFields& form);
    HttpRequest signedPost(const std::string& url, const FormFields& form) const;

    const std::string account_sid_, auth_token_;
    mutable std::mutex mutex_;
    mutable std::condition_variable took_;
    std::vector<Sent> messages_;
    std::deque<Refusal> refusals_;
    std::map<std::string, std::pair<std::string, std::string>> media_;  // path → bytes, mime
    LoopbackServer storage_;
    LoopbackServer server_;  // last: its threads use all of the above
};

}  // namespace signalbox
