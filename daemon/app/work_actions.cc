#include "daemon/app/work_actions.h"

#include <memory>

namespace signalbox {
namespace {

using workflow::ActionRequest;
using workflow::PreparedAction;

constexpr std::chrono::seconds kLongestWalk{10};

// The members without `kind` and without those that an expression left empty.
Json membersOf(const Json& request) {
    Json members = Json::object();
    for (const auto& [name, value] : request.items()) {
        if (name == "kind" || value.is_null()) continue;
        const bool is_empty = value.is_string() && value.get_ref<const std::string&>().empty();
        if (!is_empty) members[name] = value;
    }
    return members;
}

std::string authorOf(const ActionRequest& action) {
    return "workflow:" + action.workflow;
}

Result<PreparedAction> saveItem(const ActionRequest& action, const WorkKind& kind, WorkItems& work) {
    const Json members = membersOf(action.request);
    auto form = readWorkForm(kind, members);
    if (!form) return form.error();
    if (!form->conversation && action.conversation != 0) form->conversation = action.conversation;
    auto made = work.prepare(action.org, kind, std::move(*form), authorOf(action));
    if (!made) return made.error();
    Json output = members;
    output["id"] = idText(kind.prefix, made->id);
    output["kind"] = kind.name;
    const auto item =
        std::make_shared<const NewWorkItem>(std::move(*made));  // shared by repetitions of the write
    return PreparedAction{std::move(output), [item, &work](Tx& tx) { work.save(tx, *item); }};
}

const WorkKind* kindOf(std::string_view id) {
    for (const WorkKind& kind : workKinds()) {
        if (parseId(kind.prefix, id)) return &kind;
    }
    return nullptr;
}

Result<PreparedAction> changeItem(const ActionRequest& action, WorkItems& work) {
    Json members = membersOf(action.request);
    const std::string text = textAt(members, "id");
    const WorkKind* kind = kindOf(text);
    const auto id = kind != nullptr ? parseId(kind->prefix, text) : std::nullopt;
    // What an earlier node of the same walk makes is not in the database yet: its id is as young as the walk.
    const bool is_being_made = id && idTime(*id) + kLongestWalk >= action.now;
    if (!id || (!is_being_made && !work.find(action.org, *kind, *id)))
        return Error{ErrorKind::NotFound, "id: no ticket, task, lead or call " + text.substr(0, 40)};
    members.erase("id");
    auto form = readWorkForm(*kind, members);
    if (!form) return form.error();
    if (auto checked = work.check(action.org, *form); !checked) return checked.error();
    Json output = members;
    output["id"] = text;
    output["kind"] = kind->name;
    auto apply = [&work, kind, id = *id, org = action.org, form = std::move(*form),
                  author = authorOf(action)](Tx& tx) {
        const Status made = work.change(tx, org, *kind, id, form, std::nullopt, author);
        if (!made) throw workflow::ActionRefused(made.error());  // it is gone, or never came to be
    };
    return PreparedAction{std::move(output), std::move(apply)};
}

Result<PreparedAction> upsertRecord(const ActionRequest& action, Store& store, Ids& ids,
                                    CrmRecords& records) {
    auto upsert = readCrmUpsert(membersOf(action.request));
    if (!upsert) return upsert.error();
    upsert->org = action.org;
    upsert->id = ids.next();
    upsert->author = authorOf(action);
    CrmRecords::Change change;
    bool is_person = true;
    store.read([&](Reader& reader) {
        is_person = !upsert->person || Visibility(action.org).maySeePerson(reader, *upsert->person);
        change = records.foresee(reader, *upsert);
    });
    if (!is_person) return Error{ErrorKind::NotFound, "person_id: there is no such person"};
    Json output = {{"id", idText(kCrmRecordId, change.id)},
                   {"is_new", change.change == "created"},
                   {"change", change.change},
                   {"changed", change.changed}};
    const auto shared = std::make_shared<const CrmUpsert>(std::move(*upsert));  // by repetitions of the write
    return PreparedAction{std::move(output), [shared, &records](Tx& tx) { (void)records.put(tx, *shared); }};
}

}  // namespace

void addCrmActions(WorkflowActions& actions, Store& store, Ids& ids, CrmRecords& records) {
    actions.add("crm.upsert",
                [&](const ActionRequest& action) { return upsertRecord(action, store, ids, records); });
}

void addWorkActions(WorkflowActions& actions, WorkItems& work) {
    for (const WorkKind& kind : workKinds()) {
        actions.add(std::string(kind.name) + ".save",
                    [&](const ActionRequest& action) { return saveItem(action, kind, work); });
    }
    actions.add("work.change", [&](const ActionRequest& action) { return changeItem(action, work); });
}

}  // namespace signalbox
