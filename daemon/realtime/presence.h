// Who of the team is there, and who is typing where. In memory only: after a restart everybody says so again,
// and on several nodes each knows those that it serves. Thread-safe.
#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/json.h"

namespace signalbox {

// Something to tell watchers that is in no log.
struct Passing {
    Id org = 0;
    Id conversation = 0;  // 0: of nobody's conversation (presence)
    Id user = 0;          // whom it is about; is not told himself
    std::string type;     // typing, presence
    Json body;
};

class Presence {
public:
    explicit Presence(const Clock& clock) : clock_(clock) {}

    // A window of the user opened or closed; the last one that closes makes him offline.
    void arrive(Id org, Id user);
    void leave(Id org, Id user);
    // online, away, busy. False for another word.
    bool set(Id org, Id user, const std::string& state);
    // Ends by itself after seven seconds, unless it is said again.
    void type(Id org, Id user, Id conversation, bool is_typing);

    // Users of the organization that are not offline: {"user_id", "state", "since"}.
    Json list(Id org) const;
    // Who types in the conversation now: {"user_id", "until"}.
    Json typing(Id org, Id conversation) const;

    // What is to be told since the last call; typing that is over is among it.
    std::vector<Passing> take();

private:
    struct Person {
        int windows = 0;
        std::string state;
        TimePoint since{};
    };
    struct Place {
        Id org = 0, conversation = 0, user = 0;
        auto operator<=>(const Place&) const = default;
    };
    void tell(Passing passing);
    void tellState(Id org, Id user, const std::string& state);
    void tellTyping(const Place& place, bool is_typing);

    const Clock& clock_;
    mutable std::mutex mutex_;
    std::map<std::pair<Id, Id>, Person> people_;  // organization, user
    std::map<Place, TimePoint> typing_;           // until when
    std::deque<Passing> told_;
};

}  // namespace signalbox
