#include "daemon/realtime/feed.h"

#include <charconv>

#include "base/log.h"
#include "hub/access/visibility.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kBatch = 256;
constexpr std::size_t kMaxQueuedBytes = 128 * 1024;  // half of what the server allows: it closes, we pause
constexpr auto kHelloTime = 10s, kCheckInterval = 4s;
constexpr std::string_view kRight = "feed:read";

std::optional<std::int64_t> readOffset(std::string_view text) {
    std::int64_t offset = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), offset);
    if (error != std::errc() || end != text.data() + text.size() || offset < 0) return std::nullopt;
    return offset;
}

std::vector<std::string> splitTypes(std::string_view text) {
    std::vector<std::string> types;
    while (!text.empty()) {
        const auto end = std::min(text.find(','), text.size());
        if (end > 0) types.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return types;
}

bool wants(const std::vector<std::string>& types, std::string_view type) {
    if (types.empty()) return true;
    return std::any_of(types.begin(), types.end(), [&](const std::string& wanted) {
        if (wanted.ends_with('*'))
            return type.starts_with(std::string_view(wanted).substr(0, wanted.size() - 1));
        return type == wanted;
    });
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

}  // namespace

struct Feed::Watcher {
    std::shared_ptr<http::LiveStream> stream;
    std::vector<std::string> types;
    std::atomic<Id> org{0};                 // 0: has not said who it is yet
    std::atomic<std::int64_t> position{0};  // the last offset that was looked at
    std::atomic<bool> is_closed{false};
    std::mutex mutex;     // guards from here …
    HttpRequest request;  // what says who it is, to ask again now and then
    std::shared_ptr<const Visibility> view;
    // … to here
    std::chrono::steady_clock::time_point since = std::chrono::steady_clock::now(),
                                          checked_at = since;  // feed thread
};

Feed::Feed(const EventLog& log, const Accounts& accounts, api::Router& router, Store& store)
    : log_(log), accounts_(accounts), router_(router), store_(store) {}

Feed::~Feed() {
    stop();
}

http::StreamRoute Feed::route() {
    http::StreamRoute route;
    route.path = "/api/v1/feed";
    route.refuse = [this](const HttpRequest& request) -> std::optional<HttpResponse> {
        const auto query = parseForm(request.query());
        const auto from = findField(query, "from");
        if (from && !readOffset(*from)) return problem(422, "invalid", "from: an offset, 0 or more");
        const HttpRequest with_token = withTokenHeader(request);
        const auto caller = router_.authenticate(with_token, kRight);
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
    const auto query = parseForm(request.query());
    watcher->types = splitTypes(findField(query, "types").value_or(""));
    auto from = findField(query, "from");
    if (!from) from = request.headers.find("last-event-id");
    watcher->position = (from ? readOffset(*from) : std::nullopt).value_or(log_.head());
    const HttpRequest credentials = credentialsOf(withTokenHeader(request));
    if (const auto caller = router_.authenticate(credentials, kRight)) {
        watcher->request = credentials;
        watcher->view = std::make_shared<const Visibility>(*caller);
        watcher->org = caller->org;
    }
    watcher->stream->onClose([weak = std::weak_ptr(watcher)] {
        if (const auto closed = weak.lock()) closed->is_closed = true;
    });
    watcher->stream->onMessage([this, weak = std::weak_ptr(watcher)](const std::string& frame) {
        if (const auto speaking = weak.lock()) hello(speaking, frame);
    });
    std::lock_guard lock(mutex_);
    watchers_.push_back(std::move(watcher));
}

void Feed::hello(const std::shared_ptr<Watcher>& watcher, const std::string& frame) {
    if (watcher->org != 0) return;
    const auto json = parseJson(frame);
    HttpRequest request;
    if (json) request.headers.add("authorization", "Bearer " + textAt(*json, "token"));
    const auto caller = router_.authenticate(request, kRight);
    if (!json || !caller) {
        watcher->stream->close(1008, "the first frame must be {\"token\": …, \"from\": offset}");
        return;
    }
    if (memberAt(*json, "from").is_number())
        watcher->position = std::max<std::int64_t>(numberAt(*json, "from"), 0);
    {
        std::lock_guard lock(watcher->mutex);
        watcher->request = request;
        watcher->view = std::make_shared<const Visibility>(*caller);
    }
    watcher->stream->send(
        dumpJson({{"type", "hello"}, {"from", watcher->position.load()}, {"head", log_.head()}}));
    watcher->org = caller->org;
}

// A watcher's token may be revoked or over by now, and who never said a token does not stay.
void Feed::check(Watcher& watcher) {
    const auto now = std::chrono::steady_clock::now();
    if (watcher.org == 0) {
        if (now - watcher.since > kHelloTime) watcher.stream->close(1008, "no token came");
        return;
    }
    if (now - watcher.checked_at < kCheckInterval) return;
    watcher.checked_at = now;
    HttpRequest request;
    {
        std::lock_guard lock(watcher.mutex);
        request = watcher.request;
    }
    const auto caller = router_.authenticate(request, kRight);
    if (!caller) {
        watcher.stream->close(1008, "the token is no longer good");
        return;
    }
    std::lock_guard lock(watcher.mutex);
    watcher.view = std::make_shared<const Visibility>(*caller);  // its role may have changed
}

void Feed::start() {
    thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
}

void Feed::stop() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
}

std::size_t Feed::watchers() const {
    std::lock_guard lock(mutex_);
    return watchers_.size();
}

void Feed::serve(const std::stop_token& stop) {
    std::int64_t seen = log_.head();
    while (!stop.stop_requested()) {
        std::vector<std::shared_ptr<Watcher>> watchers;
        {
            std::lock_guard lock(mutex_);
            std::erase_if(watchers_, [](const auto& watcher) { return watcher->is_closed.load(); });
            watchers = watchers_;
        }
        bool is_any_behind = false;
        try {
            for (const auto& watcher : watchers) {
                check(*watcher);
                is_any_behind |= pump(*watcher);
            }
        } catch (const StoreError& failure) {
            log::warn("feed_paused", {{"error", failure.message}});
        }
        seen = std::max(seen, log_.head());
        log_.waitBeyond(is_any_behind ? -1 : seen, 50ms, stop);
    }
}

// True when there is more to send at once.
bool Feed::pump(Watcher& watcher) {
    const Id org = watcher.org;
    if (org == 0 || watcher.stream->queuedBytes() > kMaxQueuedBytes) return false;
    const auto records = log_.after(watcher.position, kBatch);
    for (const auto& record : records) {
        if (record->org == org && wants(watcher.types, record->type) && maySee(watcher, *record) &&
            !watcher.stream->send(render(*record), std::to_string(record->offset))) {
            watcher.is_closed = true;
            return false;
        }
        watcher.position = record->offset;
        if (watcher.stream->queuedBytes() > kMaxQueuedBytes) return false;
    }
    return records.size() == kBatch;
}

bool Feed::maySee(Watcher& watcher, const LogRecord& record) const {
    std::shared_ptr<const Visibility> view;
    {
        std::lock_guard lock(watcher.mutex);
        view = watcher.view;
    }
    if (view == nullptr) return false;
    if (view->isEverything()) return true;
    bool may_see = false;
    store_.read([&](Reader& reader) {
        may_see = view->maySeeEvent(reader, record.org, record.conversation, record.type, record.payload);
    });
    return may_see;
}

std::string Feed::render(const LogRecord& record) const {
    const auto account = record.account == 0 ? nullptr : accounts_.byId(record.account);
    std::string text = "{\"offset\":" + std::to_string(record.offset) + ",\"type\":\"" + record.type +
                       "\",\"at\":\"" + toRfc3339(record.at) +
                       "\",\"account\":" + (account ? dumpJson(account->name) : "null") +
                       ",\"conversation_id\":";
    text += record.conversation == 0 ? "null" : '"' + idText(kConversationId, record.conversation) + '"';
    return text + ",\"data\":" + (record.payload.empty() ? "null" : record.payload) + "}";
}

}  // namespace signalbox
