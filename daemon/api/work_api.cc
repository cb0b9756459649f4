#include "daemon/api/work_api.h"

#include <charconv>

#include "hub/access/visibility.h"

namespace signalbox::api {
namespace {

Result<Id> filterId(const Call& call, std::string_view name, std::string_view prefix) {
    const std::string text = call.queryText(name);
    if (text.empty()) return Id{0};
    const auto id = parseId(prefix, text);
    if (!id)
        return Error{ErrorKind::Invalid, std::string(name) + ": not an id (" + std::string(prefix) + "_…)"};
    return *id;
}

std::string authorOf(const Caller& caller) {
    return caller.user == 0 ? idText(kTokenId, caller.token) : idText(kUserId, caller.user);
}

HttpResponse withRevision(int status, const Json& item) {
    HttpResponse response = reply(status, item);
    response.headers.add("etag", '"' + std::to_string(numberAt(item, "revision")) + '"');
    return response;
}

// If-Match: "3" (RFC 9110, 13.1.1); nothing when there is none or it is «*».
Result<std::optional<std::int64_t>> expectedRevision(const HttpRequest& request) {
    std::string_view tag = request.headers.get("if-match");
    if (tag.empty() || tag == "*") return std::optional<std::int64_t>();
    const bool is_quoted = tag.size() > 2 && tag.front() == '"' && tag.back() == '"';
    if (is_quoted) tag = tag.substr(1, tag.size() - 2);
    std::int64_t revision = 0;
    const auto read = std::from_chars(tag.data(), tag.data() + tag.size(), revision);
    if (!is_quoted || read.ec != std::errc() || read.ptr != tag.data() + tag.size())
        return Error{ErrorKind::Invalid, "if-match: use the ETag of the item as it is"};
    return std::optional(revision);
}

HttpResponse getItems(Call& call, const WorkKind& kind, WorkItems& work) {
    const auto page = readPage(call, kind.prefix);
    if (!page) return refuse(page.error());
    const auto assignee = filterId(call, "assignee_id", kUserId);
    if (!assignee) return refuse(assignee.error());
    const auto person = filterId(call, "person_id", kPersonId);
    if (!person) return refuse(person.error());
    const auto conversation = filterId(call, "conversation_id", kConversationId);
    if (!conversation) return refuse(conversation.error());
    const WorkFilter filter{call.queryText("status"), call.queryText("q"), *assignee, *person, *conversation};
    return list(work.list(Visibility(call.caller), kind, filter, *page), kind.prefix);
}

HttpResponse getItem(Call& call, const WorkKind& kind, WorkItems& work) {
    const auto id = readId(call, kind.prefix);
    const auto found = id ? work.find(Visibility(call.caller), kind, *id) : std::nullopt;
    return found ? withRevision(200, *found) : notFound(kind.name);
}

HttpResponse postItem(Call& call, const WorkKind& kind, Store& store, WorkItems& work) {
    auto form = readWorkForm(kind, call.body);
    if (!form) return refuse(form.error());
    const Visibility view(call.caller);
    const auto made = work.prepare(view, kind, std::move(*form), authorOf(call.caller));
    if (!made) return refuse(made.error());
    Id id = 0;
    if (auto written = store.writeAndWait([&](Tx& tx) { id = work.save(tx, *made); }); !written)
        return refuse(written.error());
    const auto item = work.find(view, kind, id);
    return item ? withRevision(201, *item) : notFound(kind.name);
}

HttpResponse patchItem(Call& call, const WorkKind& kind, Store& store, WorkItems& work) {
    const auto id = readId(call, kind.prefix);
    const Visibility view(call.caller);
    if (!id || !work.find(view, kind, *id)) return notFound(kind.name);
    const auto form = readWorkForm(kind, call.body);
    if (!form) return refuse(form.error());
    const auto revision = expectedRevision(call.request);
    if (!revision) return refuse(revision.error());
    if (auto checked = work.check(view, *form); !checked) return refuse(checked.error());
    Status changed = Done{};
    const auto written = store.writeAndWait(
        [&](Tx& tx) { changed = work.change(tx, view, kind, *id, *form, *revision, authorOf(call.caller)); });
    if (!written) return refuse(written.error());
    if (!changed && changed.error().code == "changed_meanwhile")
        return problem(412, "changed_meanwhile", changed.error().message);
    if (!changed) return refuse(changed.error());
    const auto item = work.find(view, kind, *id);
    return item ? withRevision(200, *item) : notFound(kind.name);
}

}  // namespace

void addWorkRoutes(Router& router, Store& store, WorkItems& work) {
    for (const WorkKind& kind : workKinds()) {
        const std::string path = "/api/v1/" + std::string(kind.plural);
        const std::string read = std::string(kind.plural) + ":read",
                          write = std::string(kind.plural) + ":write";
        router.add({"GET", path, read, [&](Call& call) { return getItems(call, kind, work); }});
        router.add({"POST", path, write, [&](Call& call) { return postItem(call, kind, store, work); }});
        router.add({"GET", path + "/{id}", read, [&](Call& call) { return getItem(call, kind, work); }});
        router.add(
            {"PATCH", path + "/{id}", write, [&](Call& call) { return patchItem(call, kind, store, work); }});
    }
}

}  // namespace signalbox::api
