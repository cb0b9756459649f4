#include "hub/people/profiles.h"

namespace signalbox {
namespace {

constexpr std::string_view kLink =
    "INSERT INTO identities (org, kind, value, person, value_raw, first_seen_at, scope)"
    " VALUES ($1, $2, $3, $4, $3, $5, $6) ON CONFLICT (org, scope, kind, value) DO NOTHING";
constexpr std::string_view kOwner =
    "SELECT person FROM identities WHERE org = $1 AND scope = $4 AND kind = $2 AND value = $3";
// Both in one scope, or in scopes of accounts that are the organization's: nobody can take those back.
constexpr std::string_view kApart =
    "SELECT 1 FROM people k JOIN people g ON g.id = $2 WHERE k.id = $1 AND k.scope <> g.scope AND EXISTS"
    " (SELECT 1 FROM accounts a WHERE a.id IN (k.scope, g.scope) AND a.owner <> 0)";
constexpr std::string_view kMerge =
    "INSERT INTO merges (id, org, kind, kept, gone, was, merged_by, created_at)"
    " VALUES ($1, $2, 'person', $3, $4, '', $5, $6)";
// What will move is written down first, so that it can go back.
constexpr std::string_view kNoteIdentities =
    "INSERT INTO merge_moves (merge, row_kind, row_id, name, was) SELECT $1, 'identity', 0, kind || ' ' || "
    "value,"
    " person FROM identities WHERE org = $2 AND person = $3";
constexpr std::string_view kNoteConversations =
    "INSERT INTO merge_moves (merge, row_kind, row_id, name, was) SELECT $1, 'conversation', id, '', person"
    " FROM conversations WHERE org = $2 AND person = $3";
constexpr std::string_view kNoteMessages =
    "INSERT INTO merge_moves (merge, row_kind, row_id, name, was) SELECT $1, 'message', id, '', person"
    " FROM messages WHERE org = $2 AND person = $3";
constexpr std::string_view kNoteWork =
    "INSERT INTO merge_moves (merge, row_kind, row_id, name, was) SELECT $1, 'work_item', id, '', person"
    " FROM work_items WHERE org = $2 AND person = $3";
constexpr std::string_view kNoteRecords =
    "INSERT INTO merge_moves (merge, row_kind, row_id, name, was) SELECT $1, 'crm_record', id, '', person"
    " FROM crm_records WHERE org = $2 AND person = $3";
constexpr std::string_view kNoteLinks =
    "INSERT INTO merge_moves (merge, row_kind, row_id, name, was) SELECT $1, 'object_link', 0,"
    " object_kind || ' ' || object_id, subject FROM object_links WHERE org = $2 AND subject_kind = 'person'"
    " AND subject = $3";
// was: whether the one who is kept was there in the same role.
constexpr std::string_view kNoteMembers =
    "INSERT INTO merge_moves (merge, row_kind, row_id, name, was) SELECT $1, 'member', m.conversation, "
    "m.role,"
    " CASE WHEN EXISTS (SELECT 1 FROM members k WHERE k.conversation = m.conversation AND k.kind = 'person'"
    " AND k.member = $4 AND k.role = m.role) THEN 1 ELSE 0 END FROM members m JOIN conversations c"
    " ON c.id = m.conversation AND c.org = $2 WHERE m.kind = 'person' AND m.member = $3";
constexpr std::string_view kMembersAgain =
    "INSERT INTO members (conversation, kind, member, role, added_by, created_at)"
    " SELECT k.conversation, k.kind, v.gone, k.role, k.added_by, k.created_at FROM merges v"
    " JOIN merge_moves w ON w.merge = v.id AND w.row_kind = 'member' JOIN members k"
    " ON k.conversation = w.row_id AND k.role = w.name AND k.kind = 'person' AND k.member = v.kept"
    " WHERE v.id = $1 ON CONFLICT (conversation, kind, member, role) DO NOTHING";
constexpr std::string_view kMembersAway =
    "DELETE FROM members WHERE kind = 'person' AND member = $2 AND EXISTS (SELECT 1 FROM merge_moves w"
    " WHERE w.merge = $1 AND w.row_kind = 'member' AND w.was = 0 AND w.row_id = members.conversation"
    " AND w.name = members.role)";
constexpr std::string_view kNotePeople =
    "INSERT INTO merge_moves (merge, row_kind, row_id, name, was) SELECT $1, 'person', id, '',"
    " COALESCE(merged_into, 0) FROM people WHERE org = $2 AND (id = $3 OR merged_into = $3)";
constexpr std::string_view kMovesBack[] = {
    "UPDATE identities SET person = $3 WHERE org = $2 AND person = $4 AND kind || ' ' || value IN"
    " (SELECT name FROM merge_moves WHERE merge = $1 AND row_kind = 'identity')",
    "UPDATE conversations SET person = $3 WHERE org = $2 AND person = $4 AND id IN"
    " (SELECT row_id FROM merge_moves WHERE merge = $1 AND row_kind = 'conversation')",
    "UPDATE messages SET person = $3 WHERE org = $2 AND person = $4 AND id IN"
    " (SELECT row_id FROM merge_moves WHERE merge = $1 AND row_kind = 'message')",
    "UPDATE work_items SET person = $3 WHERE org = $2 AND person = $4 AND id IN"
    " (SELECT row_id FROM merge_moves WHERE merge = $1 AND row_kind = 'work_item')",
    "UPDATE crm_records SET person = $3 WHERE org = $2 AND person = $4 AND id IN"
    " (SELECT row_id FROM merge_moves WHERE merge = $1 AND row_kind = 'crm_record')",
    "UPDATE object_links SET subject = $3 WHERE org = $2 AND subject_kind = 'person' AND subject = $4"
    " AND object_kind || ' ' || object_id IN (SELECT name FROM merge_moves WHERE merge = $1"
    " AND row_kind = 'object_link') AND NOT EXISTS (SELECT 1 FROM object_links k WHERE k.org = $2"
    " AND k.object_kind = object_links.object_kind AND k.object_id = object_links.object_id"
    " AND k.subject_kind = 'person' AND k.subject = $3)",
    "UPDATE people SET merged_into = $3 WHERE org = $2 AND merged_into = $4 AND id <> $3 AND id IN"
    " (SELECT row_id FROM merge_moves WHERE merge = $1 AND row_kind = 'person')"};

Error taken() {
    return {ErrorKind::Conflict, "this identity is another person's; merge the two", {}, "identity_taken"};
}

Id scopeOf(Reader& reader, Id person) {
    const Rows rows = reader.query("SELECT scope FROM people WHERE id = $1", {person});
    return rows.empty() ? 0 : rows[0].integer(0);
}

}  // namespace

Status Profiles::check(Reader& reader, Id org, Id person) const {
    const Rows rows =
        reader.query("SELECT merged_into FROM people WHERE id = $1 AND org = $2", {person, org});
    if (rows.empty() || !rows[0].isNull(0))
        return Error{ErrorKind::NotFound, "no such person", {}, "not_found"};
    return Done{};
}

void Profiles::tell(Tx& tx, const Actor& by, Id person, std::string_view type, Json payload) {
    payload["person_id"] = idText(kPersonId, person);
    payload["by"] = by.name;
    // Who is known to a user's own account alone is for that user's eyes.
    log_.append(tx, {by.org, type, scopeOf(tx, person), 0, dumpJson(payload)});
}

Status Profiles::update(Tx& tx, const Actor& by, Id person, const ProfileChange& change) {
    if (auto checked = check(tx, by.org, person); !checked) return checked;
    const Rows rows =
        tx.query("SELECT display_name, kind, custom, revision FROM people WHERE id = $1", {person});
    const Row& old = rows.at(0);
    if (change.revision && *change.revision != old.integer(3)) {
        return Error{ErrorKind::Conflict,
                     "somebody changed it meanwhile: it is at revision " + std::to_string(old.integer(3)),
                     {},
                     "changed_meanwhile"};
    }
    const auto known = parseJson(old.text(2));
    Json custom = known ? *known : Json::object();
    custom.merge_patch(change.custom);
    const std::string name = change.name.value_or(old.text(0)), kind = change.kind.value_or(old.text(1)),
                      fields = dumpJson(custom);
    tx.exec(
        "UPDATE people SET display_name = $1, kind = $2, custom = $3, revision = revision + 1 WHERE id = $4",
        {name, kind, fields, person});
    tell(tx, by, person, "person.updated", {{"name", name}, {"kind", kind}, {"custom", custom}});
    return Done{};
}

Status Profiles::create(Tx& tx, const Actor& by, Id person, const std::string& name,
                        const std::vector<Identity>& identities) {
    constexpr Id kEverybodys = 0;
    for (const Identity& identity : identities)
        if (!tx.query(kOwner, {by.org, identity.kind, identity.value, kEverybodys}).empty()) return taken();
    const std::int64_t now = toMicros(clock_.now());
    tx.exec("INSERT INTO people (id, org, display_name, created_at) VALUES ($1, $2, $3, $4)",
            {person, by.org, name, now});
    for (const Identity& identity : identities)
        tx.exec(kLink, {by.org, identity.kind, identity.value, person, now, kEverybodys});
    tell(tx, by, person, "person.created", {{"name", name}});
    return Done{};
}

Status Profiles::addIdentity(Tx& tx, const Actor& by, Id person, const Identity& identity) {
    if (auto checked = check(tx, by.org, person); !checked) return checked;
    const Id scope = scopeOf(tx, person);
    const Rows owner = tx.query(kOwner, {by.org, identity.kind, identity.value, scope});
    if (!owner.empty() && owner[0].integer(0) != person) return taken();
    if (!owner.empty()) return Done{};
    tx.exec(kLink, {by.org, identity.kind, identity.value, person, toMicros(clock_.now()), scope});
    people_.forget();
    tell(tx, by, person, "person.identity_added", {{"kind", identity.kind}, {"value", identity.value}});
    return Done{};
}

Status Profiles::removeIdentity(Tx& tx, const Actor& by, Id person, const Identity& identity) {
    if (auto checked = check(tx, by.org, person); !checked) return checked;
    if (tx.exec("DELETE FROM identities WHERE org = $1 AND kind = $2 AND value = $3 AND person = $4",
                {by.org, identity.kind, identity.value, person}) == 0)
        return Error{ErrorKind::NotFound, "the person has no such identity", {}, "not_found"};
    people_.forget();
    tell(tx, by, person, "person.identity_removed", {{"kind", identity.kind}, {"value", identity.value}});
    return Done{};
}

Status Profiles::merge(Tx& tx, const Actor& by, Id merge, Id kept, Id gone) {
    if (kept == gone) return Error{ErrorKind::Invalid, "with: these are one person already"};
    for (const Id person : {kept, gone})
        if (auto checked = check(tx, by.org, person); !checked) return checked;
    if (!tx.query(kApart, {kept, gone}).empty())
        return Error{ErrorKind::Conflict,
                     "with: whom somebody's own mailbox knows stays apart from the organization's contacts",
                     {},
                     "account_private"};
    tx.exec(kMerge, {merge, by.org, kept, gone, by.name, toMicros(clock_.now())});
    for (const auto& note : {kNoteIdentities, kNoteConversations, kNoteMessages, kNoteWork, kNoteRecords,
                             kNoteLinks, kNotePeople})
        tx.exec(note, {merge, by.org, gone});
    tx.exec(kNoteMembers, {merge, by.org, gone, kept});
    people_.merge(tx, by.org, kept, gone);
    tell(tx, by, kept, "person.merged",
         {{"merged_id", idText(kPersonId, gone)}, {"merge_id", idText(kMergeId, merge)}});
    return Done{};
}

Status Profiles::unmerge(Tx& tx, const Actor& by, Id merge) {
    const Rows rows =
        tx.query("SELECT kept, gone, undone_at FROM merges WHERE id = $1 AND org = $2 AND kind = 'person'",
                 {merge, by.org});
    if (rows.empty()) return Error{ErrorKind::NotFound, "no such merge", {}, "not_found"};
    if (!rows[0].isNull(2)) return Error{ErrorKind::Conflict, "it was undone already", {}, "merge_undone"};
    const Id kept = rows[0].integer(0), gone = rows[0].integer(1);
    if (!check(tx, by.org, kept)) {
        return Error{
            ErrorKind::Conflict, "the person was merged again since; undo that first", {}, "merge_buried"};
    }
    for (const auto& back : kMovesBack) tx.exec(back, {merge, by.org, gone, kept});
    tx.exec(kMembersAgain, {merge});
    tx.exec(kMembersAway, {merge, kept});
    tx.exec("UPDATE people SET merged_into = NULL WHERE id = $1 AND org = $2", {gone, by.org});
    tx.exec("UPDATE merges SET undone_at = $1 WHERE id = $2", {toMicros(clock_.now()), merge});
    people_.forget();
    tell(tx, by, kept, "person.unmerged",
         {{"merged_id", idText(kPersonId, gone)}, {"merge_id", idText(kMergeId, merge)}});
    return Done{};
}

Id presentPerson(Reader& reader, Id org, Id person) {
    const Rows rows = reader.query("SELECT COALESCE(merged_into, id) FROM people WHERE id = $1 AND org = $2",
                                   {person, org});
    return rows.empty() ? 0 : rows[0].integer(0);
}

Json listMerges(Reader& reader, Id org, Id person) {
    Json items = Json::array();
    for (const Row& row : reader.query("SELECT id, kept, gone, merged_by, created_at, undone_at FROM merges "
                                       "WHERE org = $1 AND kind = 'person'"
                                       " AND (kept = $2 OR gone = $2 OR $2 = 0) ORDER BY id DESC LIMIT 200",
                                       {org, person})) {
        items.push_back(
            {{"id", idText(kMergeId, row.integer(0))},
             {"kept_id", idText(kPersonId, row.integer(1))},
             {"merged_id", idText(kPersonId, row.integer(2))},
             {"by", row.text(3)},
             {"created_at", toRfc3339(fromMicros(row.integer(4)))},
             {"undone_at", row.isNull(5) ? Json(nullptr) : Json(toRfc3339(fromMicros(row.integer(5))))}});
    }
    return items;
}

}  // namespace signalbox
