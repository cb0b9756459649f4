#include "daemon/api/crm_api.h"

#include "daemon/api/inbox_parts.h"

namespace signalbox::api {
namespace {

HttpResponse getRecords(Call& call, const CrmRecords& records) {
    const auto page = readPage(call, kCrmRecordId);
    if (!page) return refuse(page.error());
    const std::string text = call.queryText("person_id");
    const auto person = text.empty() ? std::optional<Id>(0) : parseId(kPersonId, text);
    if (!person) return refuse(Error{ErrorKind::Invalid, "person_id: not an id (per_…)"});
    const CrmFilter filter{call.queryText("system"), call.queryText("object"), call.queryText("external_id"),
                           *person};
    return list(records.list(call.caller.org, filter, *page), kCrmRecordId);
}

HttpResponse getRecord(Call& call, const CrmRecords& records) {
    const auto id = readId(call, kCrmRecordId);
    const auto found = id ? records.find(call.caller.org, *id) : std::nullopt;
    return found ? ok(*found) : notFound("record");
}

HttpResponse putRecord(Call& call, Store& store, Ids& ids, CrmRecords& records) {
    auto upsert = readCrmUpsert(call.body);
    if (!upsert) return refuse(upsert.error());
    upsert->org = call.caller.org;
    upsert->id = ids.next();
    upsert->author = actorOf(call.caller).name;
    bool is_person = true;
    CrmRecords::Change change;
    const auto written = store.writeAndWait([&](Tx& tx) {
        // Records are the organization's: they name nobody whom only a private mailbox knows.
        is_person = !upsert->person || (Visibility(call.caller).maySeePerson(tx, *upsert->person) &&
                                        Visibility(call.caller.org).maySeePerson(tx, *upsert->person));
        if (is_person) change = records.put(tx, *upsert);
    });
    if (!written) return refuse(written.error());
    if (!is_person) return refuse(Error{ErrorKind::Invalid, "person_id: there is no such person"});
    const auto found = records.find(call.caller.org, change.id);
    return found ? reply(change.change == "created" ? 201 : 200, *found) : notFound("record");
}

}  // namespace

void addCrmRoutes(Router& router, Store& store, Ids& ids, CrmRecords& records) {
    router.add(
        {"GET", "/api/v1/crm/records", "work:read", [&](Call& call) { return getRecords(call, records); }});
    router.add({"PUT", "/api/v1/crm/records", "work:write",
                [&](Call& call) { return putRecord(call, store, ids, records); }});
    router.add({"GET", "/api/v1/crm/records/{id}", "work:read",
                [&](Call& call) { return getRecord(call, records); }});
}

}  // namespace signalbox::api
