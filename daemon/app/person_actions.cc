#include "daemon/app/person_actions.h"

#include <algorithm>
#include <array>
#include <memory>

#include "hub/access/visibility.h"

namespace signalbox {
namespace {

using workflow::ActionRequest;
using workflow::PreparedAction;

constexpr std::array<std::string_view, 5> kKinds = {"contact", "lead", "crew", "subcontractor", "company"};
constexpr std::string_view kOwner =
    "SELECT person FROM identities WHERE org = $1 AND scope = 0 AND kind = $2 AND value = $3";

Error fault(std::string message) {
    return {ErrorKind::Invalid, std::move(message), {}, "invalid_request"};
}

struct Save {
    Actor by;
    Id person = 0;
    bool is_new = false;
    std::vector<Identity> identities;
    ProfileChange change;
};

Result<std::vector<Identity>> identitiesOf(const Json& request) {
    std::vector<Identity> identities;
    if (const std::string phone = textAt(request, "phone"); !phone.empty()) {
        auto number = normalizePhone(phone, textAt(request, "region"));
        if (!number) return fault("phone: no phone number; write it with its country code, or give region");
        identities.push_back({"phone", std::move(*number)});
    }
    if (const std::string email = textAt(request, "email"); !email.empty()) {
        if (email.find('@') == std::string::npos || email.find_first_of(" \t\r\n,<>") != std::string::npos)
            return fault("email: no e-mail address");
        identities.push_back(normalize(Identity{"email", email}, ""));
    }
    return identities;
}

Result<ProfileChange> changeOf(const Json& request) {
    ProfileChange change;
    if (const std::string name = textAt(request, "name"); !name.empty()) change.name = name;
    if (const std::string kind = textAt(request, "person_kind"); !kind.empty()) {
        if (std::find(kKinds.begin(), kKinds.end(), kind) == kKinds.end())
            return fault("person_kind: contact, lead, crew, subcontractor or company");
        change.kind = kind;
    }
    const Json& fields = memberAt(request, "fields");
    if (!fields.is_null() && !fields.is_object()) return fault("fields: must be an object");
    if (fields.is_object()) change.custom = fields;
    return change;
}

// The one that is named, or known by an identity, or whose conversation started the run; 0: nobody yet.
Result<Id> personOf(const ActionRequest& action, const std::vector<Identity>& identities, Store& store) {
    const std::string text = textAt(action.request, "person_id");
    const auto named = text.empty() ? std::optional<Id>() : parseId(kPersonId, text);
    if (!text.empty() && !named) return fault("person_id: must be an id like " + idText(kPersonId, 1));
    Id found = 0;
    bool is_there = true;
    store.read([&](Reader& reader) {
        if (named) {
            is_there = Visibility(action.org).maySeePerson(reader, *named);
            found = *named;
            return;
        }
        for (const Identity& identity : identities) {
            const Rows rows = reader.query(kOwner, {action.org, identity.kind, identity.value});
            if (!rows.empty()) {
                found = rows[0].integer(0);
                return;
            }
        }
        if (!identities.empty() || action.conversation == 0) return;
        const Rows rows = reader.query("SELECT person FROM conversations WHERE org = $1 AND id = $2",
                                       {action.org, action.conversation});
        if (!rows.empty()) found = rows[0].integer(0);
    });
    if (!is_there) return Error{ErrorKind::NotFound, "person_id: there is no such person", {}, "not_found"};
    return found;
}

void require(const Status& made) {
    if (!made) throw workflow::ActionRefused(made.error());
}

// Whoever was made meanwhile with one of the identities is changed instead; the node has its output already.
// An identity of somebody else is refused.
void apply(Tx& tx, const Save& save, Profiles& profiles) {
    Id person = save.person;
    bool is_there = !save.is_new;
    for (const Identity& identity : save.identities) {
        if (is_there) break;
        const Rows rows = tx.query(kOwner, {save.by.org, identity.kind, identity.value});
        if (rows.empty()) continue;
        person = rows[0].integer(0);
        is_there = true;
    }
    if (!is_there)
        require(profiles.create(tx, save.by, person, save.change.name.value_or(""), save.identities));
    if (is_there) {
        for (const Identity& identity : save.identities)
            require(profiles.addIdentity(tx, save.by, person, identity));
    }
    const bool has_more = save.change.kind || !save.change.custom.empty();
    if (!is_there && !has_more) return;
    if (save.change.name || has_more) require(profiles.update(tx, save.by, person, save.change));
}

Result<PreparedAction> save(const ActionRequest& action, const PersonActionParts& parts) {
    auto identities = identitiesOf(action.request);
    if (!identities) return identities.error();
    auto change = changeOf(action.request);
    if (!change) return change.error();
    const auto person = personOf(action, *identities, parts.store);
    if (!person) return person.error();
    if (*person == 0 && identities->empty())
        return fault("email: give person_id, phone or email; the run was started by no conversation");
    auto save = std::make_shared<Save>();  // shared by repetitions of the write
    save->by = {action.org, 0, 0, "workflow:" + action.workflow};
    save->is_new = *person == 0;
    save->person = save->is_new ? parts.ids.next() : *person;
    save->identities = std::move(*identities);
    save->change = std::move(*change);
    Json output = {{"id", idText(kPersonId, save->person)}, {"is_new", save->is_new}};
    if (save->change.name) output["name"] = *save->change.name;
    return PreparedAction{std::move(output),
                          [save, &profiles = parts.profiles](Tx& tx) { apply(tx, *save, profiles); }};
}

}  // namespace

void addPersonActions(WorkflowActions& actions, PersonActionParts parts) {
    actions.add("person.save", [parts](const ActionRequest& action) { return save(action, parts); });
}

}  // namespace signalbox
