// What clients of the live feed say over a WebSocket:
//   {"token", "from", …filters, "heartbeat"}   the first frame, where no header said who it is
//   {"type": "subscribe", "filters": [{…}]}    what to hear of from now on
//   {"type": "typing", "conversation_id", "is_typing"}, {"type": "presence", "state"}
//   {"type": "ping"}                           → {"type": "pong", "offset"}
#include "base/log.h"
#include "daemon/realtime/watcher.h"

namespace signalbox {
namespace {

constexpr int kMostWaiting = 64;
constexpr std::string_view kRight = "feed:read", kPresenceRight = "presence:write";
constexpr const char* kFirstFrame = "the first frame must be {\"token\": …, \"from\": offset}";

// One filter beside the other members, or a list of them.
Result<std::vector<Subscription>> readFilters(const Json& frame) {
    const Json& filters = memberAt(frame, "filters");
    std::vector<Subscription> all;
    if (filters.is_null()) {
        auto one = readSubscription(frame);
        if (!one) return one.error();
        return std::vector<Subscription>{std::move(*one)};
    }
    if (!filters.is_array() || filters.empty() || filters.size() > kMostSubscriptions)
        return Error{ErrorKind::Invalid, "filters: a list of 1 to 50"};
    for (const Json& filter : filters) {
        auto one = readSubscription(filter);
        if (!one) return one.error();
        all.push_back(std::move(*one));
    }
    return all;
}

std::string fault(const std::string& message) {
    return dumpJson({{"type", "error"}, {"message", message}});
}

}  // namespace

// Bounded: who says more than is read is closed.
void Feed::heard(const WatcherRef& watcher, std::string frame) {
    if (watcher->frames_waiting.fetch_add(1) >= kMostWaiting) {
        watcher->stream->close(1008, "too many frames");
        return;
    }
    std::lock_guard lock(mutex_);
    said_.emplace_back(watcher, std::move(frame));
}

void Feed::listen() {
    std::deque<std::pair<WatcherRef, std::string>> said;
    {
        std::lock_guard lock(mutex_);
        said.swap(said_);
    }
    for (const auto& [watcher, text] : said) {
        watcher->frames_waiting.fetch_sub(1);
        if (watcher->is_closed) continue;
        const auto frame = parseJson(text);
        if (frame && frame->is_object() && frame->contains("token")) {
            hello(*watcher, *frame);
        } else if (!watcher->view) {
            close(*watcher, 1008, kFirstFrame);
        } else if (!frame || !frame->is_object()) {
            watcher->send(fault("a frame is a JSON object"));
        } else {
            obey(*watcher, *frame);
        }
    }
}

void Feed::hello(Watcher& watcher, const Json& frame) {
    if (watcher.has_said.exchange(true)) {
        watcher.send(fault("the token was said already"));
        return;
    }
    HttpRequest request;
    request.headers.add("authorization", "Bearer " + textAt(frame, "token"));
    const auto caller = parts_.router.authenticate(request, kRight);
    if (!caller) return close(watcher, 1008, kFirstFrame);
    Json members = frame;
    if (const bool has_filters = frame.size() > 2; has_filters) {
        auto filters = readFilters(members);
        if (!filters) return close(watcher, 1008, filters.error().message.substr(0, 120));
        const bool is_narrower = frame.contains("filters") || frame.contains("types") ||
                                 frame.contains("conversation_id") || frame.contains("person_id") ||
                                 frame.contains("account") || frame.contains("object");
        if (is_narrower) watcher.subscriptions = std::move(*filters);
    }
    if (const auto seconds = numberAt(frame, "heartbeat"); seconds >= 1 && seconds <= 3'600)
        watcher.heartbeat = std::chrono::seconds(seconds);
    if (memberAt(frame, "from").is_number()) {
        watcher.position = std::max<std::int64_t>(numberAt(frame, "from"), 0);
        watcher.asked_from = watcher.position;
    }
    watcher.request = request;
    watcher.caller = *caller;
    watcher.view.emplace(*caller);
    watcher.send(dumpJson({{"type", "hello"}, {"from", watcher.position}, {"head", parts_.log.head()}}));
    resync(watcher);
}

void Feed::obey(Watcher& watcher, const Json& frame) {
    const std::string type = textAt(frame, "type");
    if (type == "ping") {
        watcher.send(dumpJson({{"type", "pong"}, {"offset", watcher.position}}));
    } else if (type == "subscribe") {
        auto filters = readFilters(frame);
        if (!filters) {
            watcher.send(fault(filters.error().message));
            return;
        }
        watcher.subscriptions = std::move(*filters);
        watcher.send(dumpJson({{"type", "subscribed"}, {"offset", watcher.position}}));
    } else if (type == "typing" || type == "presence") {
        if (watcher.caller.user == 0 || !watcher.caller.may(kPresenceRight)) {
            watcher.send(fault(type + ": takes a user's session and the right presence:write"));
            return;
        }
        if (type == "typing") return setTyping(watcher, frame);
        const std::string state = textAt(frame, "state");
        if (!watcher.is_present) parts_.presence.arrive(watcher.org(), watcher.caller.user);
        watcher.is_present = true;
        if (!parts_.presence.set(watcher.org(), watcher.caller.user, state))
            watcher.send(fault("state: online, away or busy"));
    } else {
        watcher.send(fault("type: ping, subscribe, typing or presence"));
    }
}

void Feed::setTyping(Watcher& watcher, const Json& frame) {
    const auto conversation = parseId(kConversationId, textAt(frame, "conversation_id"));
    bool may_see = false;
    if (conversation)
        parts_.store.read([&](Reader& reader) { may_see = watcher.view->maySee(reader, *conversation); });
    if (!may_see) {
        watcher.send(fault("conversation_id: no such conversation"));
        return;
    }
    const bool is_typing = !frame.contains("is_typing") || flagAt(frame, "is_typing");
    parts_.presence.type(watcher.org(), watcher.caller.user, *conversation, is_typing);
}

// Typing and presence are in no log and have no offset: whoever is not there has missed nothing that counts.
void Feed::tellPassing() {
    for (const Passing& passing : parts_.presence.take()) {
        Json frame = passing.body;
        frame["type"] = passing.type;
        const std::string text = dumpJson(frame);
        for (const auto& watcher : watchers_) {
            if (watcher->org() != passing.org || watcher->is_closed) continue;
            if (watcher->caller.user == passing.user) continue;
            const Visibility& view = *watcher->view;
            if (view.isOwnOnly() && !(passing.conversation != 0 && parts_.tells_clients(passing.org)))
                continue;
            if (passing.conversation == 0 && !view.seesAllConversations()) continue;
            const bool is_wanted = std::any_of(
                watcher->subscriptions.begin(), watcher->subscriptions.end(), [&](const auto& wanted) {
                    // An event stream has ids only for events of the log: it must ask for these by name.
                    if (wanted.types.empty() && !watcher->stream->isWebSocket()) return false;
                    return wanted.wantsType(passing.type) && !wanted.asksDatabase() &&
                           (passing.conversation == 0 ? wanted.conversations.empty()
                                                      : wanted.wantsConversation(passing.conversation));
                });
            if (!is_wanted || watcher->stream->queuedBytes() > 64 * 1024) continue;
            bool may_see = passing.conversation == 0;
            if (!may_see)
                parts_.store.read(
                    [&](Reader& reader) { may_see = view.maySee(reader, passing.conversation); });
            if (may_see) watcher->send(text);
        }
    }
}

}  // namespace signalbox
