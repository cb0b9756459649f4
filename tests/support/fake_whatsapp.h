// The WhatsApp Cloud API on loopback: takes messages as strictly as the real one and answers like it,
// remembers them, hands out media, signs callbacks, and posts statuses by itself where it is told to. For
// tests and for programs that show signalbox without a provider. Thread-safe.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/bounded_queue.h"
#include "base/clock.h"
#include "base/json.h"
#include "tests/support/loopback_server.h"

namespace signalbox {

class FakeWhatsapp {
public:
    struct Settings {
        std::string app_secret = "fake-app-secret";
        std::string access_token = "fake-access-token";
        std::string phone_number_id = "100000000000001";
        std::string api_version = "v25.0";
        // Where sent, delivered and read are posted for each message that is taken; on 127.0.0.1, empty:
        // nowhere.
        std::string callback_url;
    };
    struct Sent {
        std::string id;
        Json body;
    };

    explicit FakeWhatsapp(Settings settings, const Clock& clock);
    ~FakeWhatsapp();

    // For the account's base_url.
    std::string baseUrl() const { return server_.url(""); }

    // The messages it took, in order, also those whose answer it swallowed.
    std::vector<Sent> messages() const;
    // The read marks.
    std::vector<Json> marks() const;
    // Returns once it took `count` messages; false after a generous while.
    bool waitForMessages(std::size_t count) const;

    // The next POST is refused with this status and Meta's error of this code …
    void refuseNext(int status, int code, const std::string& message = "refused by the fake");
    // … or with these bytes of a gateway …
    void refuseNext(HttpResponse response);
    // … or taken, and the connection closed without an answer …
    void swallowNext();
    // … or taken, and never answered while the client holds the connection.
    void hangNext();

    // A file; gives its media id. Each look-up gives an address; `expireNextUrl` makes the next one stale.
    std::string addMedia(const std::string& bytes, const std::string& mime);
    void expireNextUrl();

    // What Meta would post (target is the path of callback_url), signed: the state of a message, with the
    // error `code` where it is not 0; elements of `messages`, with their `contacts`.
    HttpRequest statusCallback(const Sent& sent, const std::string& status, int code = 0) const;
    HttpRequest inbound(Json messages, Json contacts) const;
    // A text of someone; `id` is the wamid.
    HttpRequest inboundText(const std::string& wa_id, const std::string& id, const std::string& text) const;

private:
    enum class Manner { Refuse, Swallow, Hang };
    struct Trick {
        Manner manner;
        HttpResponse response;
    };
    struct File {
        std::string bytes, mime;
    };

    void serve(LoopbackServer::Peer& peer);
    HttpResponse answer(const HttpRequest& request);
    HttpResponse take(const Json& body);
    HttpResponse lookUp(const std::string& node);
    HttpResponse download(const std::string& token);
    std::optional<Trick> nextTrick(const HttpRequest& request);
    HttpRequest signedPost(const Json& value) const;
    void callBack();

    const Settings settings_;
    const Clock& clock_;
    mutable std::mutex mutex_;
    mutable std::condition_variable took_;
    std::vector<Sent> messages_;
    std::vector<Json> marks_;
    std::deque<Trick> tricks_;
    std::map<std::string, File> media_;        // id → file
    std::map<std::string, std::string> urls_;  // token of an address → media id
    bool is_next_url_stale_ = false;
    int last_id_ = 0;
    BoundedQueue<Sent> to_call_back_{1'000};
    LoopbackServer server_;  // its threads use all of the above
    std::thread callbacks_;
};

}  // namespace signalbox
