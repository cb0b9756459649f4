#include "hub/work/crm_records.h"

#include "hub/inbox/query.h"

namespace signalbox {
namespace {

constexpr std::string_view kFind =
    "SELECT id, fields, person FROM crm_records WHERE org = $1 AND system = $2 AND object = $3"
    " AND external_id = $4";
constexpr std::string_view kInsert =
    "INSERT INTO crm_records (id, org, system, object, external_id, fields, person, revision, changed_by,"
    " created_at, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $9, $9)";
constexpr std::string_view kUpdate =
    "UPDATE crm_records SET fields = $1, person = $2, revision = revision + 1, changed_by = $3,"
    " changed_at = $4 WHERE id = $5";
constexpr std::string_view kShow =
    "SELECT r.id, r.system, r.object, r.external_id, r.fields, r.person, r.revision, r.changed_by,"
    " r.created_at, r.changed_at FROM crm_records r WHERE TRUE";
constexpr std::size_t kMaxWord = 64, kMaxId = 256, kMaxFields = 64 * 1024;

Json toJson(const Row& row) {
    const auto fields = parseJson(row.text(4));
    return {{"id", idText(kCrmRecordId, row.integer(0))},
            {"system", row.text(1)},
            {"object", row.text(2)},
            {"external_id", row.text(3)},
            {"fields", fields ? *fields : Json::object()},
            {"person_id", row.isNull(5) ? Json(nullptr) : Json(idText(kPersonId, row.integer(5)))},
            {"revision", row.integer(6)},
            {"changed_by", row.text(7)},
            {"created_at", toRfc3339(fromMicros(row.integer(8)))},
            {"changed_at", toRfc3339(fromMicros(row.integer(9)))}};
}

Error fault(const std::string& member, const std::string& what) {
    return {ErrorKind::Invalid, member + ": " + what, {}, "invalid_request"};
}

struct Known {
    Id id = 0;
    Json fields = Json::object();
    Id person = 0;
};
std::optional<Known> known(Reader& reader, const CrmUpsert& upsert) {
    const Rows rows = reader.query(kFind, {upsert.org, upsert.system, upsert.object, upsert.external_id});
    if (rows.empty()) return std::nullopt;
    auto fields = parseJson(rows[0].text(1));
    return Known{rows[0].integer(0), fields ? std::move(*fields) : Json::object(), rows[0].integer(2)};
}

// The names of the members that differ.
Json differences(const Json& before, const Json& after) {
    Json names = Json::array();
    for (const auto& [name, value] : after.items())
        if (memberAt(before, name) != value) names.push_back(name);
    for (const auto& [name, value] : before.items())
        if (!after.contains(name)) names.push_back(name);
    return names;
}

CrmRecords::Change changeOf(const std::optional<Known>& old, const CrmUpsert& upsert, const Json& fields) {
    if (!old) return {upsert.id, "created", differences(Json::object(), fields)};
    CrmRecords::Change change{old->id, "unchanged", differences(old->fields, fields)};
    if (upsert.person && *upsert.person != old->person) change.changed.push_back("person_id");
    if (!change.changed.empty()) change.change = "updated";
    return change;
}

Json mergedFields(const std::optional<Known>& old, const CrmUpsert& upsert) {
    Json fields = old ? old->fields : Json::object();
    fields.merge_patch(upsert.fields);
    return fields;
}

}  // namespace

Result<CrmUpsert> readCrmUpsert(const Json& form) {
    if (!form.is_object()) return fault("body", "must be an object with object and external_id");
    CrmUpsert upsert;
    for (const auto& [name, value] : form.items()) {
        if (name == "system" || name == "object") {
            if (!value.is_string() || value.get_ref<const std::string&>().size() > kMaxWord)
                return fault(name, "must be a text of at most 64 bytes");
            (name == "system" ? upsert.system : upsert.object) = value.get<std::string>();
        } else if (name == "external_id") {
            upsert.external_id = value.is_number_integer() ? dumpJson(value) : textAt(form, name);
        } else if (name == "fields") {
            if (!value.is_object() || dumpJson(value).size() > kMaxFields)
                return fault(name, "must be an object of at most 65536 bytes");
            upsert.fields = value;
        } else if (name == "person_id") {
            if (value.is_null() || value == "") continue;
            const auto id =
                value.is_string() ? parseId(kPersonId, value.get_ref<const std::string&>()) : std::nullopt;
            if (!id) return fault(name, "must be an id like " + idText(kPersonId, 1));
            upsert.person = *id;
        } else {
            return fault(name.substr(0, 40), "is no member of a record");
        }
    }
    if (upsert.object.empty()) return fault("object", "is missing");
    if (upsert.external_id.empty() || upsert.external_id.size() > kMaxId)
        return fault("external_id", "must be 1 to 256 bytes");
    return upsert;
}

CrmRecords::Change CrmRecords::foresee(Reader& reader, const CrmUpsert& upsert) const {
    const auto old = known(reader, upsert);
    return changeOf(old, upsert, mergedFields(old, upsert));
}

CrmRecords::Change CrmRecords::put(Tx& tx, const CrmUpsert& upsert) {
    const auto old = known(tx, upsert);
    const Json fields = mergedFields(old, upsert);
    const Change change = changeOf(old, upsert, fields);
    if (change.change == "unchanged") return change;
    const std::string text = dumpJson(fields);
    const std::int64_t now = toMicros(clock_.now());
    const Id person = upsert.person.value_or(old ? old->person : 0);
    const Value person_value = person == 0 ? Value(nullptr) : Value(person);
    if (old) {
        tx.exec(kUpdate, {text, person_value, upsert.author, now, old->id});
    } else {
        tx.exec(kInsert, {upsert.id, upsert.org, upsert.system, upsert.object, upsert.external_id, text,
                          person_value, upsert.author, now});
    }
    Json previous = Json::object();
    for (const Json& name : change.changed) {
        const auto& member = name.get_ref<const std::string&>();
        if (old && old->fields.contains(member)) previous[member] = old->fields[member];
    }
    Json payload = {{"system", upsert.system},
                    {"object", upsert.object},
                    {"id", upsert.external_id},
                    {"change", change.change},
                    {"record_id", idText(kCrmRecordId, change.id)},
                    {"record", fields},
                    {"changed", change.changed},
                    {"previous", previous},
                    {"by", upsert.author}};
    if (person != 0) payload["person_id"] = idText(kPersonId, person);
    log_.append(tx, {upsert.org, "crm.record_changed", 0, 0, dumpJson(payload)});
    return change;
}

PageOfItems CrmRecords::list(Id org, const CrmFilter& filter, const PageRequest& page) const {
    PageOfItems result;
    store_.read([&](Reader& reader) {
        Query query{std::string(kShow)};
        query.where("r.org =", org);
        query.whereText("r.system =", filter.system);
        query.whereText("r.object =", filter.object);
        query.whereText("r.external_id =", filter.external_id);
        query.whereId("r.person =", filter.person);
        Rows rows = query.page(reader, "r.id", page);
        result.next = cutPage(rows, page);
        for (const Row& row : rows) result.items.push_back(toJson(row));
    });
    return result;
}

std::optional<Json> CrmRecords::find(Id org, Id record) const {
    std::optional<Json> found;
    store_.read([&](Reader& reader) {
        const Rows rows = reader.query(std::string(kShow) + " AND r.org = $1 AND r.id = $2", {org, record});
        if (!rows.empty()) found = toJson(rows[0]);
    });
    return found;
}

}  // namespace signalbox
