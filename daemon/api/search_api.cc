#include "daemon/api/search_api.h"

#include <algorithm>

#include "daemon/api/inbox_parts.h"
#include "hub/inbox/tags.h"

namespace signalbox::api {
namespace {

using search::Filters;

Error invalid(std::string_view field, const std::string& what) {
    return {ErrorKind::Invalid, std::string(field) + ": " + what};
}

Status setWord(std::string& field, std::string_view name, std::string_view value,
               std::initializer_list<std::string_view> words) {
    if (std::find(words.begin(), words.end(), value) == words.end()) {
        std::string known;
        for (const auto word : words) known += (known.empty() ? "" : ", ") + std::string(word);
        return invalid(name, "one of " + known);
    }
    field = value;
    return Done{};
}

Status setId(Id& field, std::string_view name, std::string_view prefix, std::string_view value) {
    const auto id = parseId(prefix, value);
    if (!id) return invalid(name, "an id of that kind (" + std::string(prefix) + "_…)");
    field = *id;
    return Done{};
}

Status setMoment(std::optional<TimePoint>& field, std::string_view name, std::string_view value) {
    field = search::parseMoment(value);
    if (!field) return invalid(name, "a date (2026-11-26) or a time (2026-11-26T07:00:00Z)");
    return Done{};
}

Status setText(std::string& field, std::string_view name, std::string_view value) {
    if (value.empty() || value.size() > 200) return invalid(name, "1 to 200 bytes");
    field = value;
    return Done{};
}

// A user, «me», or «none»: whose conversation it is.
Status setAgent(Filters& filters, const Caller& caller, std::string_view name, std::string_view value) {
    if (value == "me" && caller.user == 0) return invalid(name, "this token belongs to no user; name one");
    Id agent = 0;
    if (value == "me") {
        agent = caller.user;
    } else if (value != "none") {
        if (auto done = setId(agent, name, kUserId, value); !done) return done;
    }
    filters.agent = agent;
    return Done{};
}

// The names of the URL's parameters are those of the query's fields.
Status setField(const Accounts& accounts, const Caller& caller, Filters& filters, std::string_view name,
                std::string_view value) {
    const bool is_of_the_team = name == "priority" || name == "tag" || name == "agent";
    if (is_of_the_team && !Visibility(caller).seesNotes())
        return Error{ErrorKind::Forbidden,
                     std::string(name) + ": this filter takes the right notes:read",
                     {},
                     "right_missing"};
    if (name == "type") return setWord(filters.kind, name, value, {"message", "person", "file"});
    if (name == "direction") return setWord(filters.direction, name, value, {"in", "out", "internal"});
    if (name == "channel") return setText(filters.channel, name, value);
    if (name == "file_type") return setText(filters.file_type, name, value);
    if (name == "status")
        return setWord(filters.status, name, value,
                       {"open", "pending", "resolved", "closed", "snoozed", "spam"});
    if (name == "priority") return setWord(filters.priority, name, value, {"normal", "high", "urgent"});
    if (name == "tag") {
        auto tag = normalizeTag(std::string(value));
        if (!tag) return tag.error();
        filters.tag = std::move(*tag);
        return Done{};
    }
    if (name == "agent") return setAgent(filters, caller, name, value);
    if (name == "unread") {
        if (value != "true" && value != "false") return invalid(name, "true or false");
        filters.is_unread = value == "true";
        return Done{};
    }
    if (name == "person_id" || name == "person") return setId(filters.person, name, kPersonId, value);
    if (name == "conversation_id" || name == "conversation")
        return setId(filters.conversation, name, kConversationId, value);
    if (name == "from") return setMoment(filters.from, name, value);
    if (name == "to") return setMoment(filters.to, name, value);
    if (name == "account") {
        const auto account = accounts.everByName(caller.org, value);
        if (!account) return invalid(name, "no account is named " + std::string(value));
        filters.account = account->id;
        return Done{};
    }
    return invalid("q", "no field «" + std::string(name) +
                            "»; there is type, channel, account, direction, person, conversation, status, "
                            "priority, tag, agent, unread, file_type, from and to. In quotes it is text");
}

constexpr std::string_view kParameters[] = {"type",     "direction", "channel",         "file_type", "status",
                                            "account",  "person_id", "conversation_id", "from",      "to",
                                            "priority", "tag",       "agent",           "unread"};

Result<search::SearchRequest> readRequest(const Call& call, const Accounts& accounts) {
    const search::SetField set = [&](Filters& filters, std::string_view name, std::string_view value) {
        return setField(accounts, call.caller, filters, name, value);
    };
    Filters filters;
    for (const std::string_view name : kParameters) {
        const std::string value = call.queryText(name);
        if (value.empty()) continue;
        if (const auto done = set(filters, name, value); !done) return done.error();
    }
    auto query = search::parseQuery(call.queryText("q"), std::move(filters), set);
    if (!query) return query.error();
    search::SearchRequest request{*std::move(query), search::Order::Newest, 50, call.queryText("cursor"),
                                  actorOf(call.caller).id};
    if (const std::string sort = call.queryText("sort"); sort == "best") {
        request.order = search::Order::Best;
    } else if (!sort.empty() && sort != "newest") {
        return invalid("sort", "newest or best");
    }
    if (const std::string limit = call.queryText("limit"); !limit.empty()) {
        const bool is_number =
            limit.size() <= 3 && limit.find_first_not_of("0123456789") == std::string::npos;
        request.limit = is_number ? std::stoul(limit) : 0;
        if (request.limit < 1 || request.limit > 200) return invalid("limit", "a number from 1 to 200");
    }
    return request;
}

HttpResponse getSearch(Call& call, const search::Search& search, const Accounts& accounts) {
    const auto request = readRequest(call, accounts);
    if (!request) return refuse(request.error());
    const auto page = search.find(Visibility(call.caller), *request);
    if (!page) return refuse(page.error());
    return ok({{"items", page->items}, {"next", page->next.empty() ? Json(nullptr) : Json(page->next)}});
}

}  // namespace

void addSearchRoutes(Router& router, const search::Search& search, const Accounts& accounts) {
    router.add(visible({"GET", "/api/v1/search", "search:read",
                        [&](Call& call) { return getSearch(call, search, accounts); }}));
}

}  // namespace signalbox::api
