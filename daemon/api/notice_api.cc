#include "daemon/api/notice_api.h"

#include "daemon/api/inbox_parts.h"

namespace signalbox::api {
namespace {

HttpResponse getNotices(Call& call, Store& store) {
    const auto page = readPage(call, kNoticeId);
    if (!page) return refuse(page.error());
    const bool only_unread = call.queryText("unread") == "true";
    const auto found = listNotices(store, call.caller.user, only_unread, *page);
    return ok({{"items", found.items},
               {"next", found.next ? Json(idText(kNoticeId, *found.next)) : Json(nullptr)},
               {"unread", countUnreadNotices(store, call.caller.user)}});
}

HttpResponse readOne(Call& call, Store& store, Notices& notices) {
    const auto id = readId(call, kNoticeId);
    if (!id) return notFound("notice");
    const auto written =
        store.writeAndWait([&](Tx& tx) { (void)notices.markRead(tx, call.caller.user, *id); });
    return written ? HttpResponse{204, {}, ""} : refuse(written.error());
}

HttpResponse readAll(Call& call, Store& store, Notices& notices) {
    std::int64_t read = 0;
    const auto written =
        store.writeAndWait([&](Tx& tx) { read = notices.markAllRead(tx, call.caller.user); });
    return written ? ok({{"read", read}}) : refuse(written.error());
}

HttpResponse getEscalations(Call& call, const Escalations& escalations) {
    const auto page = readPage(call, kEscalationId);
    if (!page) return refuse(page.error());
    const std::string state = call.queryText("state");
    if (!state.empty() && state != "open" && state != "acknowledged" && state != "over")
        return refuse({ErrorKind::Invalid, "state: open, acknowledged or over"});
    return list(escalations.list(call.caller.org, state, *page), kEscalationId);
}

HttpResponse getEscalation(Call& call, const Escalations& escalations) {
    const auto id = readId(call, kEscalationId);
    const auto found = id ? escalations.find(call.caller.org, *id) : std::nullopt;
    return found ? ok(*found) : notFound("escalation");
}

HttpResponse takeEscalation(Call& call, Store& store, Escalations& escalations) {
    const auto id = readId(call, kEscalationId);
    if (!id) return notFound("escalation");
    const Actor by = actorOf(call.caller);
    if (auto refused = runChange(store, [&](Tx& tx) { return escalations.acknowledge(tx, by, *id); }))
        return *refused;
    return getEscalation(call, escalations);
}

}  // namespace

void addNoticeRoutes(Router& router, Store& store, Notices& notices, Escalations& escalations) {
    router.add(visible(
        {"GET", "/api/v1/notices", "self:notices", [&](Call& call) { return getNotices(call, store); }}));
    router.add(visible({"POST", "/api/v1/notices/read", "self:notices",
                        [&](Call& call) { return readAll(call, store, notices); }}));
    router.add(visible({"POST", "/api/v1/notices/{id}/read", "self:notices",
                        [&](Call& call) { return readOne(call, store, notices); }}));
    router.add({"GET", "/api/v1/escalations", "runs:read",
                [&](Call& call) { return getEscalations(call, escalations); }});
    router.add({"GET", "/api/v1/escalations/{id}", "runs:read",
                [&](Call& call) { return getEscalation(call, escalations); }});
    router.add({"POST", "/api/v1/escalations/{id}/acknowledge", "runs:answer",
                [&](Call& call) { return takeEscalation(call, store, escalations); }});
}

}  // namespace signalbox::api
