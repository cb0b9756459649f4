#include "hub/outbox/outbox_queries.h"

#include <algorithm>
#include <limits>

#include "base/http_message.h"
#include "hub/model/webhook_target.h"

namespace signalbox {
namespace {

constexpr std::size_t kMaxPage = 200;

#define ENTRY                                                                                            \
    "SELECT id, account, kind, state, message, conversation, attempts, deferrals, next_at, expires_at, " \
    "error,"                                                                                             \
    " external_id, run_key, created_at, changed_at, endpoint, request, subscription, progress FROM outbox"
#define NOT_OTHERS " AND account NOT IN (SELECT id FROM accounts WHERE private_to <> 0 AND private_to <> "
// The second condition lets the small index of troubled rows serve the three states that people look at.
constexpr std::string_view kTroubled = ENTRY
    " WHERE org = $1 AND state IN ('dead', 'uncertain', 'blocked') AND state = $2 AND ($3 = 0 OR account = "
    "$3)"
    " AND id < $4" NOT_OTHERS "$6) ORDER BY id DESC LIMIT $5";
constexpr std::string_view kAny =
    ENTRY " WHERE org = $1 AND ($2 = '' OR state = $2) AND ($3 = 0 OR account = $3) AND id < $4" NOT_OTHERS
          "$6) ORDER BY id DESC LIMIT $5";
constexpr std::string_view kOfSubscription =
    ENTRY " WHERE subscription = $3 AND org = $1 AND ($2 = '' OR state = $2) AND id < $4" NOT_OTHERS
          "$6) ORDER BY id DESC LIMIT $5";
constexpr std::string_view kOne = ENTRY " WHERE id = $1 AND org = $2" NOT_OTHERS "$3)";
#undef NOT_OTHERS
#undef ENTRY

// The row that has its conversation's turn.
constexpr std::string_view kWaiting =
    "SELECT o.next_at, o.attempts + o.deferrals, o.error FROM messages m JOIN outbox o ON o.account = "
    "m.account"
    " AND o.lane = $2 AND o.turn = 2 WHERE m.id = $1 AND o.message = m.id AND o.state = 'pending'";
constexpr std::string_view kUnfinished = "SELECT COUNT(*), MIN(created_at) FROM outbox WHERE turn > 0";
constexpr std::string_view kTrouble =
    "SELECT state, COUNT(*) FROM outbox WHERE state IN ('dead', 'uncertain', 'blocked') GROUP BY state";
// From one endpoint to the next over the index, however many rows each has.
constexpr std::string_view kNextEndpoint =
    "SELECT account, endpoint FROM outbox WHERE turn = 2 AND state = 'pending' AND account = $1"
    " AND endpoint > $2 ORDER BY account, endpoint LIMIT 1";
constexpr std::string_view kNextAccount =
    "SELECT account, endpoint FROM outbox WHERE turn = 2 AND state = 'pending' AND account > $1"
    " ORDER BY account, endpoint LIMIT 1";

Json entryJson(const Row& row, const Accounts& accounts) {
    const auto account = accounts.byId(row.integer(1));
    Json out = {{"id", idText(kOutboxId, row.integer(0))},
                {"account", account ? account->name : ""},
                {"kind", row.text(2)},
                {"state", row.text(3)},
                {"attempts", row.integer(6)},
                {"deferrals", row.integer(7)},
                {"next_at", toRfc3339(fromMicros(row.integer(8)))},
                {"expires_at", toRfc3339(fromMicros(row.integer(9)))},
                {"created_at", toRfc3339(fromMicros(row.integer(13)))},
                {"changed_at", toRfc3339(fromMicros(row.integer(14)))},
                {"endpoint", row.text(15)}};
    if (!row.isNull(4)) out["message_id"] = idText(kMessageId, row.integer(4));
    if (!row.isNull(5)) out["conversation_id"] = idText(kConversationId, row.integer(5));
    if (!row.text(10).empty()) {
        if (auto error = parseJson(row.text(10))) out["error"] = std::move(*error);
    }
    if (!row.text(11).empty()) out["external_id"] = row.text(11);
    if (!row.text(12).empty()) out["run_key"] = row.text(12);
    if (!row.text(18).empty()) out["recipients"] = progressJson(readProgress(row.text(18)));
    if (!row.isNull(17)) {
        out["subscription_id"] = idText(kWebhookId, row.integer(17));
        const auto request = parseJson(row.text(16));
        if (request) out["event_type"] = textAt(memberAt(memberAt(*request, "content"), "body"), "type");
    }
    return out;
}

// Header fields of a workflow's request often carry credentials; nobody needs them to judge a dead letter.
Json withoutCredentials(Json request) {
    if (!memberAt(memberAt(request, "content"), "headers").is_object()) return request;
    for (auto& [name, value] : request["content"]["headers"].items()) {
        if (!equalsIgnoringCase(name, "content-type") && !equalsIgnoringCase(name, "accept")) value = "***";
    }
    return request;
}

bool isTroubled(const std::string& state) {
    return state == "dead" || state == "uncertain" || state == "blocked";
}

}  // namespace

OutboxPage listOutbox(Store& store, const Accounts& accounts, Id org, const OutboxFilter& filter) {
    const std::size_t limit = std::clamp<std::size_t>(filter.limit, 1, kMaxPage);
    const Id before = filter.before == 0 ? std::numeric_limits<Id>::max() : filter.before;
    Rows rows;
    store.read([&](Reader& reader) {
        const bool is_of_one = filter.subscription != 0;
        rows = reader.query(is_of_one                  ? kOfSubscription
                            : isTroubled(filter.state) ? kTroubled
                                                       : kAny,
                            {org, filter.state, is_of_one ? filter.subscription : filter.account, before,
                             static_cast<std::int64_t>(limit + 1), filter.user});
    });
    OutboxPage page;
    const bool has_more = rows.size() > limit;
    if (has_more) rows.pop_back();
    for (const Row& row : rows) page.items.push_back(entryJson(row, accounts));
    if (has_more) page.next = rows.back().integer(0);
    return page;
}

std::optional<Json> findOutboxEntry(Store& store, const Accounts& accounts, Id org, Id outbox, Id user) {
    Rows rows;
    store.read([&](Reader& reader) { rows = reader.query(kOne, {outbox, org, user}); });
    if (rows.empty()) return std::nullopt;
    Json entry = entryJson(rows[0], accounts);
    if (parseOutboxKind(rows[0].text(2)) == OutboxKind::Letter) return entry;  // it lets somebody in
    if (auto request = parseJson(rows[0].text(16)))
        entry["request"] = withoutCredentials(std::move(*request));
    return entry;
}

void addNextAttempts(Store& store, Json& messages) {
    const auto add = [](Reader& reader, Json& message) {
        if (textAt(message, "status") != "queued") return;
        const auto id = parseId(kMessageId, textAt(message, "id"));
        const auto conversation = parseId(kConversationId, textAt(message, "conversation_id"));
        if (!id || !conversation) return;
        const std::string lane = "c" + std::to_string(*conversation);
        const Rows rows = reader.query(kWaiting, {*id, std::string_view(lane)});
        if (rows.empty() || rows[0].integer(1) == 0) return;
        message["next_attempt_at"] = toRfc3339(fromMicros(rows[0].integer(0)));
        message["attempts"] = rows[0].integer(1);
        if (const auto error = parseJson(rows[0].text(2)))
            message["error"] = {{"code", textAt(*error, "code")}, {"message", textAt(*error, "message")}};
    };
    store.read([&](Reader& reader) {
        if (!messages.is_array()) return add(reader, messages);
        for (Json& message : messages) add(reader, message);
    });
}

OutboxFigures readOutboxFigures(Store& store) {
    OutboxFigures figures;
    store.read([&](Reader& reader) {
        const Rows open = reader.query(kUnfinished);
        figures.pending = open.at(0).integer(0);
        if (!open[0].isNull(1)) figures.oldest_pending = fromMicros(open[0].integer(1));
        for (const Row& row : reader.query(kTrouble)) {
            if (row.text(0) == "dead") figures.dead = row.integer(1);
            if (row.text(0) == "uncertain") figures.uncertain = row.integer(1);
            if (row.text(0) == "blocked") figures.blocked = row.integer(1);
        }
    });
    return figures;
}

std::vector<EndpointKey> readDueEndpoints(Store& store) {
    std::vector<EndpointKey> endpoints;
    store.read([&](Reader& reader) {
        EndpointKey last{std::numeric_limits<Id>::min(), ""};
        while (true) {
            Rows rows = reader.query(kNextEndpoint, {last.account, last.name});
            if (rows.empty()) rows = reader.query(kNextAccount, {last.account});
            if (rows.empty()) return;
            last = {rows[0].integer(0), rows[0].text(1)};
            endpoints.push_back(last);
        }
    });
    return endpoints;
}

std::vector<Outbox::BreakerRow> readBreakers(Store& store) {
    std::vector<Outbox::BreakerRow> breakers;
    store.read([&](Reader& reader) {
        for (const Row& row :
             reader.query("SELECT account, endpoint, open_until, opened_times FROM breakers")) {
            breakers.push_back({{row.integer(0), row.text(1)}, fromMicros(row.integer(2)), row.integer(3)});
        }
    });
    return breakers;
}

}  // namespace signalbox
