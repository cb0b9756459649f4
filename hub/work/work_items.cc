#include "hub/work/work_items.h"

#include "hub/inbox/query.h"

namespace signalbox {
namespace {

constexpr std::string_view kNextNumber =
    "INSERT INTO work_numbers (org, kind, last) VALUES ($1, $2, 1)"
    " ON CONFLICT (org, kind) DO UPDATE SET last = work_numbers.last + 1 RETURNING last";
constexpr std::string_view kInsert =
    "INSERT INTO work_items (id, org, kind, number, title, text, status, priority, assignee, person, "
    "conversation,"
    " due_at, source, source_reference, fields, revision, created_by, created_at, changed_at, closed_at)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)";
constexpr std::string_view kUpdate =
    "UPDATE work_items SET title = $1, text = $2, status = $3, priority = $4, assignee = $5, person = $6,"
    " conversation = $7, due_at = $8, source = $9, source_reference = $10, fields = $11, revision = $12,"
    " changed_at = $13, closed_at = $14 WHERE id = $15 AND org = $16";
constexpr std::string_view kPersonOfConversation =
    "SELECT person FROM conversations WHERE id = $1 AND org = $2";
constexpr std::string_view kUser = "SELECT 1 FROM users WHERE id = $1 AND org = $2";

// The whole item, for a Tx as well as for a reader.
std::optional<WorkItem> findById(Reader& reader, Id org, const WorkKind& kind, Id item) {
    const std::string sql =
        "SELECT " + std::string(kWorkColumns) + " FROM work_items WHERE id = $1 AND org = $2 AND kind = $3";
    const Rows rows = reader.query(sql, {item, org, kind.name});
    if (rows.empty()) return std::nullopt;
    return itemFrom(rows[0]);
}

std::optional<WorkItem> findBySource(Reader& reader, Id org, const WorkKind& kind, const WorkForm& form) {
    if (!form.source_reference || form.source_reference->empty()) return std::nullopt;
    const std::string sql =
        "SELECT " + std::string(kWorkColumns) +
        " FROM work_items WHERE org = $1 AND kind = $2 AND source = $3 AND source_reference = $4";
    const std::string source = form.source.value_or("");
    const Rows rows = reader.query(
        sql, {org, kind.name, std::string_view(source), std::string_view(*form.source_reference)});
    if (rows.empty()) return std::nullopt;
    return itemFrom(rows[0]);
}

Value orNull(Id id) {
    return id == 0 ? Value(nullptr) : Value(id);
}
Value orNull(const std::string& text) {
    return text.empty() ? Value(nullptr) : Value(std::string_view(text));
}
Value orNull(const std::optional<TimePoint>& time) {
    return time ? Value(toMicros(*time)) : Value(nullptr);
}

Error missingLink(const char* member, const char* what) {
    return {ErrorKind::Invalid, std::string(member) + ": no such " + what};
}

// The event of a status: calls have one for each.
std::string movedType(const WorkKind& kind, const std::string& status) {
    std::string type(kind.moved);
    if (const auto at = type.find('*'); at != std::string::npos) type.replace(at, 1, status);
    return type;
}

}  // namespace

Status WorkItems::check(const Visibility& view, const WorkForm& form) const {
    Status checked = Done{};
    store_.read([&](Reader& reader) {
        if (form.person.value_or(0) != 0 && !view.maySeePerson(reader, *form.person))
            checked = missingLink("person_id", "person");
        if (form.conversation.value_or(0) != 0 && !view.maySee(reader, *form.conversation))
            checked = missingLink("conversation_id", "conversation");
        if (form.assignee.value_or(0) != 0 && reader.query(kUser, {*form.assignee, view.org()}).empty())
            checked = missingLink("assignee_id", "user");
    });
    return checked;
}

Result<NewWorkItem> WorkItems::prepare(const Visibility& view, const WorkKind& kind, WorkForm form,
                                       std::string author) const {
    const Id org = view.org();
    if (auto checked = check(view, form); !checked) return checked.error();
    NewWorkItem item{ids_.next(), org, &kind, std::move(form), std::move(author)};
    bool is_known = false;
    store_.read([&](Reader& reader) {
        if (const auto known = findBySource(reader, org, kind, item.form)) {
            item.id = known->id;
            is_known = true;
        }
        if (item.form.conversation.value_or(0) == 0 || item.form.person) return;
        item.form.person =
            reader.query(kPersonOfConversation, {*item.form.conversation, org}).at(0).integer(0);
    });
    if (is_known && !find(view, kind, item.id))
        return Error{ErrorKind::Conflict,
                     "source_reference: it is taken by a " + std::string(kind.name) +
                         " that is not shown to you; choose another",
                     {},
                     "already_exists"};
    if (!is_known && item.form.title.value_or("").empty())
        return Error{ErrorKind::Invalid, "title: a " + std::string(kind.name) + " needs one"};
    return item;
}

std::int64_t WorkItems::nextNumber(Tx& tx, Id org, const WorkKind& kind) {
    return tx.query(kNextNumber, {org, kind.name}).at(0).integer(0);
}

Id WorkItems::save(Tx& tx, const NewWorkItem& made) {
    if (auto known = findBySource(tx, made.org, *made.kind, made.form)) {
        const Id id = known->id;
        update(tx, std::move(*known), made.form, made.author);
        return id;
    }
    WorkItem item;
    item.kind = made.kind;
    item.id = made.id;
    item.org = made.org;
    item.status = made.kind->first;
    item.created_by = made.author;
    item.created_at = item.changed_at = clock_.now();
    apply(made.form, item);
    if (item.isClosed()) item.closed_at = item.created_at;
    item.number = nextNumber(tx, made.org, *made.kind);
    insert(tx, item);
    Json payload = eventPayload(item);
    payload["by"] = made.author;
    // A call tells each of its states by an event of its own, also the first.
    const bool has_own = made.kind->moved.find('*') != std::string_view::npos;
    tell(tx, item, has_own ? movedType(*item.kind, item.status) : std::string(item.kind->name) + ".created",
         std::move(payload));
    return item.id;
}

void WorkItems::insert(Tx& tx, const WorkItem& item) {
    const std::string fields = dumpJson(item.fields);
    tx.exec(kInsert, {item.id,
                      item.org,
                      item.kind->name,
                      item.number,
                      std::string_view(item.title),
                      std::string_view(item.text),
                      std::string_view(item.status),
                      std::string_view(item.priority),
                      orNull(item.assignee),
                      orNull(item.person),
                      orNull(item.conversation),
                      orNull(item.due_at),
                      std::string_view(item.source),
                      orNull(item.source_reference),
                      std::string_view(fields),
                      item.revision,
                      std::string_view(item.created_by),
                      toMicros(item.created_at),
                      toMicros(item.changed_at),
                      orNull(item.closed_at)});
}

Status WorkItems::change(Tx& tx, const Visibility& view, const WorkKind& kind, Id id, const WorkForm& form,
                         std::optional<std::int64_t> revision, const std::string& author) {
    auto item = findById(tx, view.org(), kind, id);
    std::vector<Value> values{id};
    const std::string shown = "SELECT 1 FROM work_items w WHERE w.id = $1 AND " + view.workItems("w", values);
    if (!item || tx.query(shown, std::span<const Value>(values)).empty())
        return Error{ErrorKind::NotFound, "no such " + std::string(kind.name)};
    if (revision && *revision != item->revision)
        return Error{ErrorKind::Conflict,
                     std::string(kind.name) + " was changed meanwhile: it has revision " +
                         std::to_string(item->revision) + "; read it again",
                     {},
                     "changed_meanwhile"};
    update(tx, std::move(*item), form, author);
    return Done{};
}

// Writes nothing when nothing became different.
void WorkItems::update(Tx& tx, WorkItem item, const WorkForm& form, const std::string& author) {
    const std::string old_status = item.status;
    const auto changed = apply(form, item);
    if (changed.empty()) return;
    item.changed_at = clock_.now();
    ++item.revision;
    if (!item.isClosed()) item.closed_at.reset();
    if (item.isClosed() && !item.closed_at) item.closed_at = item.changed_at;
    const std::string fields = dumpJson(item.fields);
    tx.exec(kUpdate, {std::string_view(item.title), std::string_view(item.text),
                      std::string_view(item.status), std::string_view(item.priority), orNull(item.assignee),
                      orNull(item.person), orNull(item.conversation), orNull(item.due_at),
                      std::string_view(item.source), orNull(item.source_reference), std::string_view(fields),
                      item.revision, toMicros(item.changed_at), orNull(item.closed_at), item.id, item.org});
    Json payload = eventPayload(item);
    payload["by"] = author;
    if (item.status != old_status) {
        const bool is_lead = item.kind->name == "lead";
        Json moved = payload;
        moved[is_lead ? "from_stage" : "from_status"] = old_status;
        moved[is_lead ? "to_stage" : "to_status"] = item.status;
        tell(tx, item, movedType(*item.kind, item.status), std::move(moved));
        if (changed.size() == 1) return;
    }
    payload["changed"] = changed;
    tell(tx, item, std::string(item.kind->name) + ".updated", std::move(payload));
}

void WorkItems::tell(Tx& tx, const WorkItem& item, const std::string& type, Json payload) {
    // What is about a private mailbox is told to whom that is private.
    Id account = 0;
    if (item.conversation != 0)
        for (const Row& row : tx.query("SELECT a.id FROM conversations c JOIN accounts a ON a.id = c.account"
                                       " WHERE c.id = $1 AND a.private_to <> 0",
                                       {item.conversation}))
            account = row.integer(0);
    log_.append(tx, {item.org, type, account, item.conversation, dumpJson(payload)});
}

PageOfItems WorkItems::list(const Visibility& view, const WorkKind& kind, const WorkFilter& filter,
                            const PageRequest& page) const {
    PageOfItems result;
    store_.read([&](Reader& reader) {
        Query query{"SELECT " + std::string(kWorkColumns) + " FROM work_items w WHERE w.org = $1"};
        const std::string pattern = containsPattern(filter.text);
        query.first(view.org());
        query.whereVisible([&](auto& values) { return view.workItems("w", values); });
        query.where("kind =", kind.name);
        query.whereText("status =", filter.status);
        query.whereId("assignee =", filter.assignee);
        query.whereId("person =", filter.person);
        query.whereId("conversation =", filter.conversation);
        if (!filter.text.empty())
            query.where("LOWER(title) LIKE LOWER(", std::string_view(pattern), ") ESCAPE '\\'");
        Rows rows = query.page(reader, "id", page);
        result.next = cutPage(rows, page);
        for (const Row& row : rows) result.items.push_back(toJson(itemFrom(row)));
    });
    return result;
}

std::optional<Json> WorkItems::find(const Visibility& view, const WorkKind& kind, Id id) const {
    std::optional<Json> found;
    store_.read([&](Reader& reader) {
        Query query{"SELECT " + std::string(kWorkColumns) + " FROM work_items w WHERE w.id = $1"};
        query.first(id);
        query.where("w.kind =", kind.name);
        query.whereVisible([&](auto& values) { return view.workItems("w", values); });
        const Rows rows = query.page(reader, "w.id", {});
        if (!rows.empty()) found = toJson(itemFrom(rows[0]));
    });
    return found;
}

}  // namespace signalbox
