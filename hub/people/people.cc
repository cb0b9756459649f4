#include "hub/people/people.h"

#include <algorithm>

namespace signalbox {
namespace {

constexpr std::size_t kMaxCached = 200'000;

constexpr std::string_view kFind =
    "SELECT i.person, p.met_at FROM identities i JOIN people p ON p.id = i.person"
    " WHERE i.org = $1 AND i.kind = $2 AND i.value = $3";
constexpr std::string_view kCreate =
    "INSERT INTO people (id, org, display_name, created_at, met_at) VALUES ($1, $2, $3, $4, $5)";
constexpr std::string_view kMetByAll = "UPDATE people SET met_at = 0 WHERE id = $1 AND met_at <> 0";
constexpr std::string_view kLink =
    "INSERT INTO identities (org, kind, value, person, value_raw, first_seen_at) VALUES ($1, $2, $3, $4, $3, "
    "$5)"
    " ON CONFLICT (org, kind, value) DO NOTHING";

// Users stay the person they were given and are looked for under the one he became (presentPerson), so that
// taking a merge back gives each his own again. mail_parties says who somebody was when he came in.
constexpr std::string_view kMoves[] = {
    "UPDATE identities SET person = $1 WHERE org = $2 AND person = $3",
    "UPDATE conversations SET person = $1 WHERE org = $2 AND person = $3",
    "UPDATE messages SET person = $1 WHERE person = $3 AND org = $2",
    "UPDATE work_items SET person = $1 WHERE org = $2 AND person = $3",
    "UPDATE crm_records SET person = $1 WHERE org = $2 AND person = $3",
    // Where both are members, one of them is enough; what is linked to both stays linked twice.
    "UPDATE members SET member = $1 WHERE kind = 'person' AND member = $3 AND EXISTS (SELECT 1 FROM"
    " conversations c WHERE c.id = members.conversation AND c.org = $2) AND NOT EXISTS (SELECT 1 FROM "
    "members k"
    " WHERE k.conversation = members.conversation AND k.kind = 'person' AND k.member = $1"
    " AND k.role = members.role)",
    "DELETE FROM members WHERE kind = 'person' AND member = $3 AND EXISTS (SELECT 1 FROM members k WHERE"
    " k.conversation = members.conversation AND k.kind = 'person' AND k.member = $1 AND k.role = "
    "members.role)"
    " AND EXISTS (SELECT 1 FROM conversations c WHERE c.id = members.conversation AND c.org = $2)",
    "UPDATE object_links SET subject = $1 WHERE org = $2 AND subject_kind = 'person' AND subject = $3"
    " AND NOT EXISTS (SELECT 1 FROM object_links k WHERE k.org = $2 AND k.object_kind = "
    "object_links.object_kind"
    " AND k.object_id = object_links.object_id AND k.subject_kind = 'person' AND k.subject = $1)",
    "UPDATE people SET met_at = 0 WHERE id = $1 AND org = $2 AND met_at <> 0 AND EXISTS"
    " (SELECT 1 FROM people g WHERE g.id = $3 AND g.met_at = 0)",
    "UPDATE people SET merged_into = $1 WHERE org = $2 AND (id = $3 OR merged_into = $3)"};

std::string cacheKey(Id org, const Identity& identity) {
    return std::to_string(org) + ' ' + identity.kind + ' ' + identity.value;
}

}  // namespace

People::People(Store& store, Ids& ids, const Clock& clock)
    : ids_(ids), clock_(clock), may_cache_(store.isExclusive()) {
    store.onRollback([this] { known_.clear(); });
}

Id People::resolve(Tx& tx, Id org, const Participant& participant, Id scope) {
    std::optional<Known> person;
    std::vector<const Identity*> unknown;
    for (const Identity& identity : participant.identities) {
        const auto owner = find(tx, org, identity);
        if (!owner) {
            unknown.push_back(&identity);
            continue;
        }
        if (person && person->person != owner->person) {
            const Id kept = std::min(person->person, owner->person);
            merge(tx, org, kept, std::max(person->person, owner->person));
            const bool is_everybodys = person->met_at == 0 || owner->met_at == 0;
            person = Known{kept, is_everybodys ? 0 : scope};
            continue;
        }
        person = owner;
    }
    if (!person) person = Known{create(tx, org, participant.name, scope), scope};
    if (person->met_at != 0 && scope == 0) {
        tx.exec(kMetByAll, {person->person});
        known_.clear();
        person->met_at = 0;
    }
    for (const Identity* identity : unknown) link(tx, org, *person, *identity);
    return person->person;
}

std::optional<People::Known> People::find(Tx& tx, Id org, const Identity& identity) {
    std::string key = cacheKey(org, identity);
    if (const auto it = known_.find(key); it != known_.end()) return it->second;
    std::vector<std::string> spellings{identity.value};
    if (identity.kind == "phone") {
        for (auto& variant : phoneVariants(identity.value)) spellings.push_back(std::move(variant));
    }
    for (const std::string& value : spellings) {
        const Rows rows = tx.query(kFind, {org, identity.kind, value});
        if (rows.empty()) continue;
        const Known known{rows[0].integer(0), rows[0].integer(1)};
        if (may_cache_ && known_.size() < kMaxCached) known_.emplace(std::move(key), known);
        return known;
    }
    return std::nullopt;
}

Id People::create(Tx& tx, Id org, const std::string& name, Id scope) {
    const Id id = ids_.next();
    tx.exec(kCreate, {id, org, name, toMicros(clock_.now()), scope});
    return id;
}

void People::link(Tx& tx, Id org, const Known& known, const Identity& identity) {
    tx.exec(kLink, {org, identity.kind, identity.value, known.person, toMicros(clock_.now())});
    if (known_.size() >= kMaxCached) known_.clear();
    if (may_cache_) known_.insert_or_assign(cacheKey(org, identity), known);
}

void People::merge(Tx& tx, Id org, Id kept, Id gone) {
    for (const auto& move : kMoves) tx.exec(move, {kept, org, gone});
    known_.clear();
}

}  // namespace signalbox
