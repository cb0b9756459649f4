#include "hub/access/grants.h"

#include <charconv>

namespace signalbox {
namespace {

std::string subjectText(const std::string& kind, const std::string& subject) {
    Id id = 0;
    const auto [end, error] = std::from_chars(subject.data(), subject.data() + subject.size(), id);
    if (kind == "role" || error != std::errc() || end != subject.data() + subject.size()) return subject;
    return idText(kind == "team" ? kTeamId : kUserId, id);
}

}  // namespace

void giveGrant(Tx& tx, Id org, const Grant& grant, Id granted_by, TimePoint now) {
    tx.exec(
        "INSERT INTO grants (org, subject_kind, subject, object_kind, object, verb, granted_by, created_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
        " ON CONFLICT (org, object_kind, object, subject_kind, subject, verb) DO NOTHING",
        {org, grant.subject_kind, grant.subject, grant.object_kind, grant.object, grant.verb, granted_by,
         toMicros(now)});
}

bool takeGrant(Tx& tx, Id org, const Grant& grant) {
    return tx.exec(
               "DELETE FROM grants WHERE org = $1 AND subject_kind = $2 AND subject = $3 AND object_kind = $4"
               " AND object = $5 AND verb = $6",
               {org, grant.subject_kind, grant.subject, grant.object_kind, grant.object, grant.verb}) != 0;
}

Json listGrants(Reader& reader, Id org, std::string_view object_kind, Id object) {
    Json items = Json::array();
    for (const Row& row : reader.query("SELECT subject_kind, subject, verb, created_at FROM grants"
                                       " WHERE org = $1 AND object_kind = $2 AND object = $3"
                                       " ORDER BY subject_kind, subject, verb",
                                       {org, object_kind, object})) {
        items.push_back({{"subject_kind", row.text(0)},
                         {"subject", subjectText(row.text(0), row.text(1))},
                         {"verb", row.text(2)},
                         {"created_at", toRfc3339(fromMicros(row.integer(3)))}});
    }
    return items;
}

}  // namespace signalbox
