#include "hub/work/work_item.h"

#include <algorithm>

namespace signalbox {
namespace {

std::optional<TimePoint> timeIn(const Row& row, std::size_t column) {
    if (row.isNull(column)) return std::nullopt;
    return fromMicros(row.integer(column));
}

Json timeJson(const std::optional<TimePoint>& time) {
    return time ? Json(toRfc3339(*time)) : Json(nullptr);
}

Json idJson(std::string_view prefix, Id id) {
    return id == 0 ? Json(nullptr) : Json(idText(prefix, id));
}

template <class T>
void take(const std::optional<T>& given, T& member, const char* name, std::vector<std::string>& changed) {
    if (!given || *given == member) return;
    member = *given;
    changed.emplace_back(name);
}

// What other systems call these members (schemas/events/lead.created, call.ended …).
void addEventMembers(const WorkItem& item, Json& out) {
    if (item.kind->name != "lead" && item.kind->name != "call") return;
    for (const auto& [name, value] : item.fields.items()) {
        if (!out.contains(name)) out[name] = value;
    }
    if (item.kind->name != "lead") return;
    out["name"] = item.title;
    out["stage"] = item.status;
    if (item.assignee != 0) out["owner"] = idText(kUserId, item.assignee);
}

}  // namespace

bool WorkItem::isClosed() const {
    return std::find(kind->closed.begin(), kind->closed.end(), status) != kind->closed.end();
}

WorkItem itemFrom(const Row& row) {
    WorkItem item;
    item.id = row.integer(0);
    item.org = row.integer(1);
    item.kind = findWorkKind(row.text(2));
    item.number = row.integer(3);
    item.title = row.text(4);
    item.text = row.text(5);
    item.status = row.text(6);
    item.priority = row.text(7);
    item.assignee = row.integer(8);
    item.person = row.integer(9);
    item.conversation = row.integer(10);
    item.due_at = timeIn(row, 11);
    item.source = row.text(12);
    item.source_reference = row.text(13);
    if (auto fields = parseJson(row.text(14))) item.fields = std::move(*fields);
    item.revision = row.integer(15);
    item.created_by = row.text(16);
    item.created_at = fromMicros(row.integer(17));
    item.changed_at = fromMicros(row.integer(18));
    item.closed_at = timeIn(row, 19);
    return item;
}

std::vector<std::string> apply(const WorkForm& form, WorkItem& item) {
    std::vector<std::string> changed;
    take(form.title, item.title, "title", changed);
    take(form.text, item.text, "text", changed);
    take(form.status, item.status, "status", changed);
    take(form.priority, item.priority, "priority", changed);
    take(form.source, item.source, "source", changed);
    take(form.source_reference, item.source_reference, "source_reference", changed);
    take(form.assignee, item.assignee, "assignee_id", changed);
    take(form.person, item.person, "person_id", changed);
    take(form.conversation, item.conversation, "conversation_id", changed);
    take(form.due_at, item.due_at, "due_at", changed);
    Json fields = item.fields;
    fields.merge_patch(form.fields);  // RFC 7396: null takes a member away
    if (fields != item.fields) {
        item.fields = std::move(fields);
        changed.emplace_back("fields");
    }
    return changed;
}

Json toJson(const WorkItem& item) {
    return {{"id", idText(item.kind->prefix, item.id)},
            {"kind", item.kind->name},
            {"number", item.number},
            {"title", item.title},
            {"text", item.text},
            {"status", item.status},
            {"priority", item.priority},
            {"assignee_id", idJson(kUserId, item.assignee)},
            {"person_id", idJson(kPersonId, item.person)},
            {"conversation_id", idJson(kConversationId, item.conversation)},
            {"due_at", timeJson(item.due_at)},
            {"source", item.source},
            {"source_reference", item.source_reference.empty() ? Json(nullptr) : Json(item.source_reference)},
            {"fields", item.fields},
            {"revision", item.revision},
            {"created_by", item.created_by},
            {"created_at", toRfc3339(item.created_at)},
            {"changed_at", toRfc3339(item.changed_at)},
            {"closed_at", timeJson(item.closed_at)}};
}

Json eventPayload(const WorkItem& item) {
    Json inner = toJson(item);
    addEventMembers(item, inner);
    Json out = Json::object();
    out[std::string(item.kind->name)] = std::move(inner);
    if (item.person != 0) out["person"] = {{"id", idText(kPersonId, item.person)}};
    return out;
}

}  // namespace signalbox
