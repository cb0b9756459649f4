#include "daemon/realtime/feed.h"

#include <algorithm>
#include <charconv>
#include <unordered_set>

#include "base/log.h"
#include "daemon/realtime/watcher.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

constexpr std::size_t kBatch = 256;
constexpr std::size_t kMaxQueuedBytes = 128 * 1024;  // half of what the server allows: it closes, we pause
constexpr auto kHelloTime = 10s, kCheckInterval = 4s;
constexpr auto kLongestFull = 30s;  // a reader that takes nothing for so long is cut off
// Between two rounds: what happens meanwhile goes to each watcher in one go.
constexpr auto kPace = 4ms;
constexpr std::string_view kRight = "feed:read";

std::optional<std::int64_t> readOffset(std::string_view text) {
    std::int64_t offset = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), offset);
    if (error != std::errc() || end != text.data() + text.size() || offset < 0) return std::nullopt;
    return offset;
}

// EventSource in a browser cannot send headers: the token may stand in the query as well.
HttpRequest withTokenHeader(const HttpRequest& request) {
    HttpRequest copy = request;
    const auto query = parseForm(request.query());
    const auto token = findField(query, "token");
    if (token && !copy.headers.find("authorization"))
        copy.headers.add("authorization", "Bearer " + std::string(*token));
    return copy;
}

// Only what says who is calling.
HttpRequest credentialsOf(const HttpRequest& request) {
    HttpRequest credentials;
    for (const char* name : {"authorization", "cookie", "upgrade", "origin", "host", "sec-fetch-site"}) {
        if (const auto value = request.headers.find(name)) credentials.headers.add(name, std::string(*value));
    }
    return credentials;
}

bool isWebSocketRequest(const HttpRequest& request) {
    return equalsIgnoringCase(request.headers.get("upgrade"), "websocket");
}

// What is wrong with the query, if anything.
std::optional<HttpResponse> faultOf(const FormFields& query) {
    if (const auto from = findField(query, "from"); from && !readOffset(*from))
        return problem(422, "invalid", "from: an offset, 0 or more");
    if (const auto beat = findField(query, "heartbeat")) {
        const auto seconds = readOffset(*beat);
        if (!seconds || *seconds < 1 || *seconds > 3'600)
            return problem(422, "invalid", "heartbeat: seconds, 1 to 3600");
    }
    if (const auto wanted = readSubscription(query); !wanted)
        return problem(422, "invalid", wanted.error().message);
    return std::nullopt;
}

void makeDistinct(std::vector<Id>& ids) {
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
}

}  // namespace

Feed::Feed(Parts parts) : parts_(std::move(parts)) {}

Feed::~Feed() {
    stop();
}

http::StreamRoute Feed::route() {
    http::StreamRoute route;
    route.path = "/api/v1/feed";
    route.refuse = [this](const HttpRequest& request) -> std::optional<HttpResponse> {
        if (auto fault = faultOf(parseForm(request.query()))) return fault;
        const HttpRequest with_token = withTokenHeader(request);
        const auto caller = parts_.router.authenticate(with_token, kRight);
        if (caller) return std::nullopt;
        // A WebSocket without a token gets the chance to send it as its first frame.
        if (isWebSocketRequest(request) && caller.error().code == "token_missing") return std::nullopt;
        return api::refuse(caller.error());
    };
    route.opened = [this](const HttpRequest& request, std::shared_ptr<http::LiveStream> stream) {
        open(request, std::move(stream));
    };
    return route;
}

void Feed::open(const HttpRequest& request, std::shared_ptr<http::LiveStream> stream) {
    auto watcher = std::make_shared<Watcher>();
    watcher->stream = std::move(stream);
    watcher->since = watcher->checked_at = watcher->spoke_at = Steady::now();
    const auto query = parseForm(request.query());
    if (auto wanted = readSubscription(query)) watcher->subscriptions = {std::move(*wanted)};
    if (const auto beat = findField(query, "heartbeat"))
        watcher->heartbeat = std::chrono::seconds(readOffset(*beat).value_or(0));
    auto from = findField(query, "from");
    if (!from) from = request.headers.find("last-event-id");
    if (from) watcher->asked_from = readOffset(*from);
    watcher->position = watcher->asked_from.value_or(parts_.log.head());
    const HttpRequest credentials = credentialsOf(withTokenHeader(request));
    if (const auto caller = parts_.router.authenticate(credentials, kRight)) {
        watcher->request = credentials;
        watcher->caller = *caller;
        watcher->view.emplace(*caller);
    }
    watcher->stream->onClose([weak = std::weak_ptr(watcher)] {
        if (const auto closed = weak.lock()) closed->is_closed = true;
    });
    watcher->stream->onMessage([this, weak = std::weak_ptr(watcher)](std::string frame) {
        if (const auto speaking = weak.lock()) heard(speaking, std::move(frame));
    });
    std::lock_guard lock(mutex_);
    arriving_.push_back(std::move(watcher));
}

// A watcher's token may be revoked or over by now, and who never said a token does not stay.
void Feed::check(Watcher& watcher, Steady::time_point now) {
    if (!watcher.view) {
        if (now - watcher.since > kHelloTime) close(watcher, 1008, "no token came");
        return;
    }
    if (watcher.heartbeat > 0s && now - watcher.spoke_at >= watcher.heartbeat) {
        watcher.spoke_at = now;
        watcher.send(dumpJson({{"type", "heartbeat"}, {"offset", watcher.position}}));
    }
    if (now - watcher.checked_at < kCheckInterval) return;
    watcher.checked_at = now;
    const auto caller = parts_.router.authenticate(watcher.request, kRight);
    if (!caller) return close(watcher, 1008, "the token is no longer good");
    watcher.caller = *caller;
    watcher.view.emplace(*caller);  // its role may have changed
}

void Feed::close(Watcher& watcher, int code, const std::string& reason) {
    watcher.stream->close(code, reason);
    watcher.is_closed = true;
}

void Feed::start() {
    thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
}

void Feed::stop() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
}

// Takes in who has come and lets go who has left.
void Feed::admit() {
    std::vector<WatcherRef> arrived;
    {
        std::lock_guard lock(mutex_);
        arrived.swap(arriving_);
    }
    for (auto& watcher : arrived) {
        if (watcher->view) resync(*watcher);
        watchers_.push_back(std::move(watcher));
    }
    const auto end = std::partition(watchers_.begin(), watchers_.end(),
                                    [](const auto& watcher) { return !watcher->is_closed; });
    for (auto gone = end; gone != watchers_.end(); ++gone)
        if ((*gone)->is_present) parts_.presence.leave((*gone)->org(), (*gone)->caller.user);
    watchers_.erase(end, watchers_.end());
    watcher_count_ = watchers_.size();
}

// Says so when the log does not reach back to where the watcher wants to go on, or has begun anew.
void Feed::resync(Watcher& watcher) {
    if (!watcher.asked_from) return;
    const std::int64_t from = *watcher.asked_from, head = parts_.log.head();
    watcher.asked_from.reset();
    std::int64_t oldest = 0;
    if (from < head)
        parts_.store.read([&](Reader& reader) {
            const Row row = reader.query("SELECT MIN(log_offset) FROM events", {}).at(0);
            oldest = row.isNull(0) ? head + 1 : row.integer(0);
        });
    if (from <= head && from + 1 >= oldest) return;
    watcher.position = from > head ? head : oldest - 1;
    watcher.send(dumpJson({{"type", "resync"},
                           {"from", from},
                           {"offset", watcher.position},
                           {"reason", from > head ? "ahead_of_log" : "no_longer_kept"}}),
                 std::to_string(watcher.position));
}

void Feed::serve(const std::stop_token& stop) {
    std::int64_t seen = parts_.log.head();
    while (!stop.stop_requested()) {
        bool is_any_behind = false;
        try {
            admit();
            listen();
            tellPassing();
            Batch shared(parts_.log.after(seen, kBatch));
            const auto now = Steady::now();
            const std::int64_t head = parts_.log.head();
            for (const auto& watcher : watchers_) {
                check(*watcher, now);
                if (!watcher->view || watcher->is_closed || isFull(*watcher, now)) continue;
                if (watcher->position >= seen) {
                    deliver(*watcher, shared);
                } else {
                    Batch own(parts_.log.after(watcher->position, kBatch));
                    deliver(*watcher, own);
                }
                is_any_behind |= watcher->position < head && !isFull(*watcher, now);
            }
            if (!shared.isEmpty()) seen = shared.last();
        } catch (const StoreError& failure) {
            log::warn("feed_paused", {{"error", failure.message}});
        }
        if (!is_any_behind) parts_.log.waitBeyond(seen, 50ms, stop);
        parts_.log.waitBeyond(std::numeric_limits<std::int64_t>::max(), kPace, stop);
    }
}

// A reader that takes nothing for long is told where to go on, which comes behind all that is queued for it.
bool Feed::isFull(Watcher& watcher, Steady::time_point now) {
    if (watcher.stream->queuedBytes() <= kMaxQueuedBytes) {
        watcher.full_since.reset();
        return false;
    }
    if (!watcher.full_since) watcher.full_since = now;
    if (now - *watcher.full_since > kLongestFull)
        close(watcher, 1013, "too slow; go on with from=" + std::to_string(watcher.position));
    return true;
}

void Feed::deliver(Watcher& watcher, Batch& batch) {
    if (batch.isEmpty() || batch.last() <= watcher.position) return;
    const Visibility& view = *watcher.view;
    const auto& wanted = watcher.subscriptions;
    // What the view says of each record that may be wanted.
    std::vector<Visibility::Hears> heard(batch.records.size(), Visibility::Hears::No);
    std::vector<Id> conversations, doubtful;
    for (std::size_t at = 0; at < batch.records.size(); ++at) {
        const LogRecord& record = *batch.records[at];
        if (record.offset <= watcher.position || record.org != view.org()) continue;
        if (record.account != 0 && !batch.accounts[at])
            batch.accounts[at] = parts_.accounts.byId(record.account);
        const Account* account = batch.accounts[at].get();
        const std::string_view name = account ? account->name : std::string_view();
        if (std::none_of(wanted.begin(), wanted.end(),
                         [&](const Subscription& one) { return one.mayWant(record, name); }))
            continue;
        heard[at] = view.hears({record.org, record.account, parts_.accounts.privateTo(record.account),
                                record.conversation, record.type},
                               record.payload);
        if (heard[at] == Visibility::Hears::No || record.conversation == 0) continue;
        conversations.push_back(record.conversation);
        if (heard[at] == Visibility::Hears::WithConversation) doubtful.push_back(record.conversation);
    }
    makeDistinct(conversations);
    makeDistinct(doubtful);
    // The database is asked once for all conversations, not for each event.
    std::unordered_set<Id> seen;
    std::vector<std::unordered_set<Id>> matching(wanted.size());
    const bool asks =
        std::any_of(wanted.begin(), wanted.end(), [](const Subscription& one) { return one.asksDatabase(); });
    if (!doubtful.empty() || (asks && !conversations.empty()))
        parts_.store.read([&](Reader& reader) {
            for (const Id one : view.seenAmong(reader, doubtful)) seen.insert(one);
            for (std::size_t i = 0; i < wanted.size(); ++i) {
                if (!wanted[i].asksDatabase()) continue;
                for (const Id one : wanted[i].matching(reader, view.org(), conversations))
                    matching[i].insert(one);
            }
        });
    const auto isWanted = [&](std::size_t at) {
        const LogRecord& record = *batch.records[at];
        const std::string_view name = batch.accounts[at] ? batch.accounts[at]->name : std::string_view();
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            if (!wanted[i].mayWant(record, name)) continue;
            if (!wanted[i].asksDatabase() || matching[i].contains(record.conversation) ||
                wanted[i].isNamedIn(record))
                return true;
        }
        return false;
    };
    const auto maySee = [&](std::size_t at) {
        return heard[at] == Visibility::Hears::Yes || (heard[at] == Visibility::Hears::WithConversation &&
                                                       seen.contains(batch.records[at]->conversation));
    };
    for (std::size_t at = 0; at < batch.records.size(); ++at) {
        const LogRecord& record = *batch.records[at];
        if (record.offset <= watcher.position) continue;
        if (maySee(at) && isWanted(at)) {
            if (batch.texts[at].empty()) batch.texts[at] = render(record);
            if (!watcher.send(batch.texts[at], std::to_string(record.offset))) return;
        }
        watcher.position = record.offset;
        if (watcher.stream->queuedBytes() > kMaxQueuedBytes) return;
    }
}

std::string Feed::render(const LogRecord& record) const {
    const auto account = record.account == 0 ? nullptr : parts_.accounts.byId(record.account);
    std::string text = "{\"offset\":" + std::to_string(record.offset) + ",\"type\":\"" + record.type +
                       "\",\"at\":\"" + toRfc3339(record.at) +
                       "\",\"account\":" + (account ? dumpJson(account->name) : "null") +
                       ",\"conversation_id\":";
    text += record.conversation == 0 ? "null" : '"' + idText(kConversationId, record.conversation) + '"';
    return text + ",\"data\":" + (record.payload.empty() ? "null" : record.payload) + "}";
}

}  // namespace signalbox
