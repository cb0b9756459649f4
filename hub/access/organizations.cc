#include "hub/access/organizations.h"

namespace signalbox {

std::optional<Id> findOrganization(Reader& reader, std::string_view name_or_id) {
    const Rows rows = reader.query("SELECT id FROM orgs WHERE name = $1", {name_or_id});
    if (!rows.empty()) return rows[0].integer(0);
    const auto id = parseId(kOrgId, name_or_id);
    if (!id || reader.query("SELECT id FROM orgs WHERE id = $1", {*id}).empty()) return std::nullopt;
    return id;
}

std::string organizationName(Reader& reader, Id org) {
    const Rows rows = reader.query("SELECT name FROM orgs WHERE id = $1", {org});
    return rows.empty() ? "" : rows[0].text(0);
}

std::vector<Id> allOrganizations(Reader& reader) {
    std::vector<Id> all;
    for (const Row& row : reader.query("SELECT id FROM orgs ORDER BY id")) all.push_back(row.integer(0));
    return all;
}

Result<MadeOrganization> makeOrganization(Store& store, Ids& ids, const Clock& clock,
                                          const std::string& name) {
    const bool is_blank = name.find_first_not_of(" \t") == std::string::npos;
    if (is_blank || name.size() > 200)
        return Error{ErrorKind::Invalid, "an organization's name has 1 to 200 characters"};
    const Id fresh = ids.next();
    MadeOrganization made;
    const auto written = store.writeAndWait([&](Tx& tx) {
        made.is_new = tx.exec(
                          "INSERT INTO orgs (id, name, created_at) VALUES ($1, $2, $3)"
                          " ON CONFLICT (name) DO NOTHING",
                          {fresh, name, toMicros(clock.now())}) == 1;
        made.id = tx.query("SELECT id FROM orgs WHERE name = $1", {name}).at(0).integer(0);
    });
    if (!written) return withContext("create organization", written.error());
    return made;
}

}  // namespace signalbox
