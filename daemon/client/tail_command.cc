#include <array>
#include <charconv>

#include "base/backoff.h"
#include "base/crypto.h"
#include "daemon/client/command_groups.h"
#include "daemon/client/feed_reader.h"
#include "daemon/client/session.h"
#include "daemon/client/text_width.h"

namespace signalbox::client {
namespace {

using namespace std::chrono_literals;

constexpr std::array kWaits = {1s, 2s, 5s, 10s};

// What a person wants to know of an event at a glance.
std::string summaryOf(const Json& data) {
    const Json& message = memberAt(data, "message");
    if (message.is_object()) {
        const bool is_in = textAt(message, "direction", "in") == "in";
        const std::string type = textAt(message, "type", "text");
        return (is_in ? "← " : "→ ") + (type == "text" ? "" : '[' + type + "] ") + textAt(message, "text");
    }
    const std::string id = textAt(data, "message_id", textAt(data, "run_id"));
    if (const std::string status = textAt(data, "status", textAt(data, "state")); !status.empty())
        return status + (id.empty() ? "" : ' ' + id);
    return data.is_null() ? "" : dumpJson(data);
}

class Tail {
public:
    Tail(Session& session, FeedRequest request, std::int64_t count)
        : session_(session), request_(std::move(request)), left_(count) {}

    Result<Exit> run() {
        const Backoff backoff(kWaits);
        for (int failures = 0;;) {
            const std::int64_t before = seen_;
            const Status end =
                followFeed(request_, [&](const std::string& event) { return take(event); }, {});
            if (end) return Exit::Done;
            if (end.error().kind != ErrorKind::Unavailable) return end.error();
            failures = seen_ > before ? 1 : failures + 1;
            const auto pause = backoff.after(failures, end.error().retry_after, randomNumber());
            session_.note("feed: " + end.error().message + "; going on behind " +
                          std::to_string(*request_.from));
            session_.clock.sleepUntil(session_.clock.now() + pause, {});
        }
    }

    // Is there a daemon at all? And without an offset to begin at, what happens between two connections would
    // be lost.
    Status begin() {
        const auto status = session_.api.get("/status");
        const bool may_do_without = request_.from && !status && exitFor(status.error()) == Exit::Refused;
        if (!status && !may_do_without) return status.error();
        if (!request_.from) request_.from = numberAt(memberAt(*status, "log"), "head");
        return Done{};
    }

private:
    bool take(const std::string& text) {
        const auto event = parseJson(text);
        if (!event) return true;
        ++seen_;
        request_.from = std::max(*request_.from, numberAt(*event, "offset"));
        if (session_.is_json) {
            session_.out() << text << '\n';
        } else {
            const std::string line = cell(*event, "offset") + "  " + timeCell(*event, "at") + "  " +
                                     cell(*event, "type") + "  " + cell(*event, "account") + "  " +
                                     summaryOf(memberAt(*event, "data"));
            const std::string safe = printable(line);
            session_.out() << (session_.columns() == 0 ? safe : fitTo(safe, session_.columns())) << '\n';
        }
        session_.out().flush();
        // Whoever read our output may have gone.
        return session_.out().good() && --left_ != 0;
    }

    Session& session_;
    FeedRequest request_;
    std::int64_t left_;  // 0 and below: no end
    std::int64_t seen_ = 0;
};

Result<std::optional<std::int64_t>> readNumber(const Values& values, const char* name) {
    const std::string text = values.text(name);
    if (text.empty()) return std::optional<std::int64_t>();
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number < 0)
        return usageError(std::string(name) + ": a number, 0 or more");
    return std::optional<std::int64_t>(number);
}

Result<Exit> tail(Session& session, const Values& values) {
    const auto from = readNumber(values, "--from");
    if (!from) return from.error();
    const auto count = readNumber(values, "--count");
    if (!count) return count.error();
    Tail tail(session, {session.api.url(), session.token, *from, values.text("--types")}, count->value_or(0));
    if (const Status begun = tail.begin(); !begun) return begun.error();
    return tail.run();
}

}  // namespace

std::vector<Command> tailCommands() {
    return {{{"tail"},
             "Follow what happens; goes on by itself after a lost connection, without a gap",
             {{"--from", "OFFSET", "Begin behind this offset (0: everything); left out: from now on"},
              {"--types", "TYPES", "Only these, with commas between; message.* means all that begin so"},
              {"--count", "N", "End after so many events"}},
             {"signalbox tail", "signalbox tail --from 0 --types 'message.*'",
              "signalbox tail --json | jq -c 'select(.account == \"wa\")'"},
             tail}};
}

}  // namespace signalbox::client
