#include "daemon/realtime/presence.h"

#include <algorithm>

namespace signalbox {
namespace {

using namespace std::chrono_literals;

constexpr auto kTypingTime = 7s;
constexpr std::size_t kMostTold = 4'096, kMostTyping = 10'000;

}  // namespace

// What is told too fast is dropped, oldest first: it is over by the time anyone could read it.
void Presence::tell(Passing passing) {
    if (told_.size() >= kMostTold) told_.pop_front();
    told_.push_back(std::move(passing));
}

void Presence::tellState(Id org, Id user, const std::string& state) {
    tell({org, 0, user, "presence", {{"user_id", idText(kUserId, user)}, {"state", state}}});
}

void Presence::tellTyping(const Place& place, bool is_typing) {
    tell({place.org,
          place.conversation,
          place.user,
          "typing",
          {{"conversation_id", idText(kConversationId, place.conversation)},
           {"user_id", idText(kUserId, place.user)},
           {"is_typing", is_typing}}});
}

void Presence::arrive(Id org, Id user) {
    std::lock_guard lock(mutex_);
    Person& person = people_[{org, user}];
    if (++person.windows > 1) return;
    person.state = "online";
    person.since = clock_.now();
    tellState(org, user, person.state);
}

void Presence::leave(Id org, Id user) {
    std::lock_guard lock(mutex_);
    const auto found = people_.find({org, user});
    if (found == people_.end() || --found->second.windows > 0) return;
    people_.erase(found);
    std::vector<Place> over;
    for (const auto& [place, until] : typing_)
        if (place.org == org && place.user == user) over.push_back(place);
    for (const Place& place : over) {
        typing_.erase(place);
        tellTyping(place, false);
    }
    tellState(org, user, "offline");
}

bool Presence::set(Id org, Id user, const std::string& state) {
    if (state != "online" && state != "away" && state != "busy") return false;
    std::lock_guard lock(mutex_);
    const auto found = people_.find({org, user});
    if (found == people_.end() || found->second.state == state) return true;
    found->second.state = state;
    found->second.since = clock_.now();
    tellState(org, user, state);
    return true;
}

void Presence::type(Id org, Id user, Id conversation, bool is_typing) {
    std::lock_guard lock(mutex_);
    const Place place{org, conversation, user};
    const bool was_typing = typing_.contains(place);
    if (is_typing && (was_typing || typing_.size() < kMostTyping)) {
        typing_[place] = clock_.now() + kTypingTime;
    } else {
        typing_.erase(place);
    }
    if (was_typing != is_typing) tellTyping(place, is_typing);
}

Json Presence::list(Id org) const {
    std::lock_guard lock(mutex_);
    Json items = Json::array();
    for (auto at = people_.lower_bound({org, 0}); at != people_.end() && at->first.first == org; ++at)
        items.push_back({{"user_id", idText(kUserId, at->first.second)},
                         {"state", at->second.state},
                         {"since", toRfc3339(at->second.since)}});
    return items;
}

Json Presence::typing(Id org, Id conversation) const {
    std::lock_guard lock(mutex_);
    Json items = Json::array();
    for (auto at = typing_.lower_bound({org, conversation, 0}); at != typing_.end(); ++at) {
        if (at->first.org != org || at->first.conversation != conversation) break;
        if (at->second > clock_.now())
            items.push_back({{"user_id", idText(kUserId, at->first.user)}, {"until", toRfc3339(at->second)}});
    }
    return items;
}

std::vector<Passing> Presence::take() {
    std::lock_guard lock(mutex_);
    const TimePoint now = clock_.now();
    for (auto at = typing_.begin(); at != typing_.end();) {
        if (at->second > now) {
            ++at;
            continue;
        }
        tellTyping(at->first, false);
        at = typing_.erase(at);
    }
    std::vector<Passing> told(std::make_move_iterator(told_.begin()), std::make_move_iterator(told_.end()));
    told_.clear();
    return told;
}

}  // namespace signalbox
