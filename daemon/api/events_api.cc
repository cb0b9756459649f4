#include "daemon/api/events_api.h"

#include <charconv>
#include "base/own_json.h"

#include "hub/access/visibility.h"

namespace signalbox::api {
namespace {

constexpr std::size_t kBatch = 256;
constexpr std::size_t kMaxLooked = 20'000;  // records looked through for one page when a type is rare

std::optional<std::int64_t> readOffset(const std::string& text) {
    std::int64_t offset = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), offset);
    if (error != std::errc() || end != text.data() + text.size() || offset < 0) return std::nullopt;
    return offset;
}

// `types`: «message.received,call.*», empty: all.
bool isWanted(std::string_view types, std::string_view type) {
    if (types.empty()) return true;
    while (!types.empty()) {
        const auto end = std::min(types.find(','), types.size());
        const auto one = types.substr(0, end);
        if (one == type || (one.ends_with('*') && type.starts_with(one.substr(0, one.size() - 1))))
            return true;
        types.remove_prefix(std::min(end + 1, types.size()));
    }
    return false;
}

Json eventJson(const LogRecord& record, const Accounts& accounts) {
    const auto account = accounts.byId(record.account);
    const auto data = parseJson(record.payload, kOwnJson);
    return {{"offset", record.offset},
            {"type", record.type},
            {"at", toRfc3339(record.at)},
            {"account", account ? Json(account->name) : Json(nullptr)},
            {"conversation_id",
             record.conversation == 0 ? Json(nullptr) : Json(idText(kConversationId, record.conversation))},
            {"data", data ? *data : Json(nullptr)}};
}

// Of `records`, those that the caller may see.
std::vector<LogRecordRef> seenAmong(Store& store, const Accounts& accounts, const Caller& caller,
                                    const std::vector<LogRecordRef>& records) {
    const Visibility view(caller);
    std::vector<LogRecordRef> seen;
    std::vector<EventKey> keys;
    for (const auto& record : records)
        keys.push_back({record->org, record->account, accounts.privateTo(record->account),
                        record->conversation, record->type});
    store.read([&](Reader& reader) {
        for (std::size_t i = 0; i < records.size(); ++i)
            if (view.maySeeEvent(reader, keys[i], records[i]->payload)) seen.push_back(records[i]);
    });
    return seen;
}

HttpResponse getEvents(Call& call, Store& store, const EventLog& log, const Accounts& accounts) {
    const std::string from =
        call.queryText("cursor").empty() ? call.queryText("from") : call.queryText("cursor");
    const auto start = from.empty() ? std::optional<std::int64_t>(0) : readOffset(from);
    if (!start) return refuse({ErrorKind::Invalid, "from: an offset, 0 or more"});
    call.query = {{"limit", call.queryText("limit")}, {"type", call.queryText("type")}};
    const auto page = readPage(call, kMessageId);
    if (!page) return refuse(page.error());

    const std::string type = call.queryText("type");
    Json items = Json::array();
    std::int64_t at = *start;
    for (std::size_t looked = 0; items.size() < page->limit && looked < kMaxLooked;) {
        const auto records = log.after(at, kBatch);
        if (records.empty()) return ok({{"items", items}, {"next", nullptr}});
        looked += records.size();
        std::vector<LogRecordRef> wanted;
        for (const auto& record : records)
            if (record->org == call.caller.org && isWanted(type, record->type)) wanted.push_back(record);
        at = records.back()->offset;
        for (const auto& record : seenAmong(store, accounts, call.caller, wanted)) {
            if (items.size() == page->limit) {
                at = numberAt(items.back(), "offset", at);
                break;
            }
            items.push_back(eventJson(*record, accounts));
        }
    }
    return ok({{"items", items}, {"next", at < log.head() ? Json(std::to_string(at)) : Json(nullptr)}});
}

}  // namespace

void addEventRoutes(Router& router, Store& store, const EventLog& log, const Accounts& accounts) {
    router.add({"GET", "/api/v1/events", "events:read",
                [&](Call& call) { return getEvents(call, store, log, accounts); }});
}

}  // namespace signalbox::api
