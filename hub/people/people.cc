#include "hub/people/people.h"

#include <algorithm>

namespace signalbox {
namespace {

constexpr std::size_t kMaxCached = 200'000;

constexpr std::string_view kFind =
    "SELECT person FROM identities WHERE org = $1 AND scope = $4 AND kind = $2 AND value = $3";
constexpr std::string_view kCreate =
    "INSERT INTO people (id, org, display_name, created_at, scope) VALUES ($1, $2, $3, $4, $5)";
constexpr std::string_view kLink =
    "INSERT INTO identities (org, kind, value, person, value_raw, first_seen_at, scope)"
    " VALUES ($1, $2, $3, $4, $3, $5, $6) ON CONFLICT (org, scope, kind, value) DO NOTHING";

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
    "UPDATE people SET merged_into = $1 WHERE org = $2 AND (id = $3 OR merged_into = $3)"};

std::string cacheKey(Id org, Id scope, const Identity& identity) {
    return std::to_string(org) + ' ' + std::to_string(scope) + ' ' + identity.kind + ' ' + identity.value;
}

}  // namespace

People::People(Store& store, Ids& ids, const Clock& clock)
    : ids_(ids), clock_(clock), may_cache_(store.isExclusive()) {
    store.onRollback([this] { known_.clear(); });
}

Id People::resolve(Tx& tx, Id org, const Participant& participant, Id scope) {
    std::optional<Id> person;
    std::vector<const Identity*> unknown;
    for (const Identity& identity : participant.identities) {
        const auto owner = find(tx, org, scope, identity);
        if (!owner) {
            unknown.push_back(&identity);
            continue;
        }
        if (person && *person != *owner) {
            const Id kept = std::min(*person, *owner);
            merge(tx, org, kept, std::max(*person, *owner));
            person = kept;
            continue;
        }
        person = owner;
    }
    if (!person) person = create(tx, org, scope, participant.name);
    for (const Identity* identity : unknown) link(tx, org, scope, *person, *identity);
    return *person;
}

std::optional<Id> People::find(Tx& tx, Id org, Id scope, const Identity& identity) {
    std::string key = cacheKey(org, scope, identity);
    if (const auto it = known_.find(key); it != known_.end()) return it->second;
    std::vector<std::string> spellings{identity.value};
    if (identity.kind == "phone") {
        for (auto& variant : phoneVariants(identity.value)) spellings.push_back(std::move(variant));
    }
    for (const std::string& value : spellings) {
        const Rows rows = tx.query(kFind, {org, identity.kind, value, scope});
        if (rows.empty()) continue;
        if (may_cache_ && known_.size() < kMaxCached) known_.emplace(std::move(key), rows[0].integer(0));
        return rows[0].integer(0);
    }
    return std::nullopt;
}

Id People::create(Tx& tx, Id org, Id scope, const std::string& name) {
    const Id id = ids_.next();
    tx.exec(kCreate, {id, org, name, toMicros(clock_.now()), scope});
    return id;
}

void People::link(Tx& tx, Id org, Id scope, Id person, const Identity& identity) {
    tx.exec(kLink, {org, identity.kind, identity.value, person, toMicros(clock_.now()), scope});
    if (known_.size() >= kMaxCached) known_.clear();
    if (may_cache_) known_.insert_or_assign(cacheKey(org, scope, identity), person);
}

void People::merge(Tx& tx, Id org, Id kept, Id gone) {
    for (const auto& move : kMoves) tx.exec(move, {kept, org, gone});
    known_.clear();
}

}  // namespace signalbox
