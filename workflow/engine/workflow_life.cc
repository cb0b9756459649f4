// What becomes of a workflow besides its draft: versions set free, taken back, renamed, removed, and who did
// it.
#include <set>

#include "base/crypto.h"
#include "hub/store/urgent_writes.h"
#include "workflow/engine/workflow_rows.h"
#include "workflow/engine/workflow_store.h"
#include "workflow/graph/diff.h"
#include "workflow/graph/document.h"

namespace signalbox::workflow {
namespace {

Error conflict(std::string code, std::string message) {
    return {ErrorKind::Conflict, std::move(message), {}, std::move(code)};
}

// Names of accounts that a graph sends through or listens to; expressions are decided when it runs.
void collectAccounts(const Json& value, std::set<std::string>& out) {
    if (!value.is_structured()) return;
    for (auto at = value.begin(); at != value.end(); ++at) {
        if (value.is_object() && at.key() == "account") {
            for (const auto& name : at->is_array() ? *at : Json::array({*at})) {
                if (name.is_string() && name.get_ref<const std::string&>().find("{{") == std::string::npos)
                    out.insert(name.get<std::string>());
            }
        }
        collectAccounts(*at, out);
    }
}

}  // namespace

Result<Publication> WorkflowStore::rollback(Id org, const std::string& name, std::int64_t version,
                                            const std::string& by) {
    const auto found = findWorkflow(store_, org, name);
    if (!found) return noWorkflow(name);
    std::optional<StoredVersion> stored;
    store_.read([&](Reader& reader) { stored = readVersion(reader, found->summary.id, version); });
    if (!stored) return noVersion(name, version);
    const auto scripts = parseJson(stored->scripts);
    return release(*found, stored->graph, scripts ? *scripts : Json::object(),
                   {by, "rolled_back", "to version " + std::to_string(version)});
}

// Whose published graph starts this one by its name; "" when none does.
std::string WorkflowStore::userOf(Id org, Id workflow, const std::string& name) const {
    for (const auto& other : published()) {
        if (other->org != org || other->id == workflow) continue;
        for (const auto& node : other->nodes) {
            if (textAt(node.params, "workflow") == name) return other->name;
        }
    }
    return "";
}

Status WorkflowStore::unpublish(Id org, const std::string& name, const std::string& by) {
    const auto found = findWorkflow(store_, org, name);
    if (!found) return noWorkflow(name);
    const Id id = found->summary.id;
    if (!found->summary.published_version) return Done{};
    const UrgentWrites urgent;
    const Status written = store_.writeAndWait([&](Tx& tx) {
        tx.exec("UPDATE workflows SET published_version = NULL WHERE id = $1", {id});
        note(tx, org, id, name, {by, "unpublished", ""}, found->summary.published_version);
    });
    if (!written) return written;
    for (const auto& listener : on_withdrawn_) listener(id);
    return Done{};
}

Status WorkflowStore::rename(Id org, const std::string& name, const std::string& new_name,
                             const std::string& by) {
    if (!isWorkflowName(new_name)) return badName();
    const auto found = findWorkflow(store_, org, name);
    if (!found) return noWorkflow(name);
    const Id id = found->summary.id;
    if (new_name == name) return Done{};
    if (const std::string user = userOf(org, id, name); !user.empty())
        return conflict("workflow_in_use", "workflow \"" + user + "\" starts \"" + name +
                                               "\" by this name; change and publish that one first");
    bool is_taken = false;
    const Status written = store_.writeAndWait([&](Tx& tx) {
        is_taken =
            !tx.query("SELECT id FROM workflows WHERE org = $1 AND name = $2", {org, new_name}).empty();
        if (is_taken) return;
        tx.exec("UPDATE workflows SET name = $2 WHERE id = $1", {id, new_name});
        note(tx, org, id, new_name, {by, "renamed", "from " + name}, found->summary.published_version);
    });
    if (!written) return written;
    if (is_taken) return conflict("name_taken", "there is a workflow \"" + new_name + "\" already");
    if (!found->summary.published_version) return Done{};
    if (const auto now = compiled(id, *found->summary.published_version)) tellPublished(*now);
    return Done{};
}

Status WorkflowStore::remove(Id org, const std::string& name, const std::string& by) {
    const auto found = findWorkflow(store_, org, name);
    if (!found) return noWorkflow(name);
    const Id id = found->summary.id;
    const std::int64_t now = toMicros(clock_.now());
    bool is_published = false, is_live = false;
    const Status written = store_.writeAndWait([&](Tx& tx) {
        const Rows rows = tx.query("SELECT published_version FROM workflows WHERE id = $1", {id});
        is_published = !rows.empty() && !rows[0].isNull(0);
        is_live =
            !tx.query("SELECT id FROM runs WHERE workflow = $1 AND status IN ('running', 'waiting') LIMIT 1",
                      {id})
                 .empty();
        if (is_published || is_live) return;
        // The name is free again; the row stays for as long as there are runs to be looked at.
        tx.exec("UPDATE workflows SET name = $2, deleted_at = $3 WHERE id = $1",
                {id, name + "~" + std::to_string(id), now});
        note(tx, org, id, name, {by, "deleted", ""}, std::nullopt);
    });
    if (!written) return written;
    if (is_published)
        return conflict("workflow_published", "workflow \"" + name + "\" is published; unpublish it first");
    if (is_live)
        return conflict("workflow_has_live_runs",
                        "workflow \"" + name + "\" has runs that are not over; cancel them first");
    return Done{};
}

Result<std::vector<WorkflowChange>> WorkflowStore::history(Id org, const std::string& name, Id before,
                                                           std::size_t limit) const {
    const auto found = findWorkflow(store_, org, name);
    if (!found) return noWorkflow(name);
    std::vector<WorkflowChange> out;
    store_.read([&](Reader& reader) {
        for (const Row& row :
             reader.query("SELECT id, action, version, detail, changed_by, changed_at FROM workflow_history"
                          " WHERE workflow = $1 AND ($2 = 0 OR id < $2) ORDER BY id DESC LIMIT $3",
                          {found->summary.id, before, static_cast<std::int64_t>(limit)})) {
            WorkflowChange one{row.integer(0), row.text(1), {},
                               row.text(3),    row.text(4), fromMicros(row.integer(5))};
            if (!row.isNull(2)) one.version = row.integer(2);
            out.push_back(std::move(one));
        }
    });
    return out;
}

Result<std::string> WorkflowStore::text(Id org, const std::string& name, const std::string& which) const {
    const auto found = findWorkflow(store_, org, name);
    if (!found) return noWorkflow(name);
    if (which == "draft") return found->draft;
    std::int64_t version = found->summary.published_version.value_or(0);
    if (which != "published") {
        const bool is_number =
            !which.empty() && which.size() < 18 && which.find_first_not_of("0123456789") == std::string::npos;
        if (!is_number)
            return Error{
                ErrorKind::Invalid, "a version is a number, \"draft\" or \"published\"", {}, "bad_version"};
        version = std::stoll(which);
    }
    if (version == 0)
        return Error{
            ErrorKind::NotFound, "workflow \"" + name + "\" is not published", {}, "version_not_found"};
    return graph(org, name, version);
}

Result<VersionKey> WorkflowStore::runnable(Id org, const std::string& name, const std::string& which) {
    const auto found = findWorkflow(store_, org, name);
    if (!found) return noWorkflow(name);
    const Id id = found->summary.id;
    if (which == "draft") return draftVersion(*found);
    if (which == "published") {
        if (found->summary.published_version) return VersionKey{id, *found->summary.published_version};
        return Error{ErrorKind::NotFound,
                     "workflow \"" + name +
                         "\" is not published; publish it first, or run its draft dry with "
                         "\"version\": \"draft\"",
                     {},
                     "workflow_not_published"};
    }
    const auto known = text(org, name, which);
    if (!known) return known.error();
    return VersionKey{id, std::stoll(which)};
}

Result<VersionKey> WorkflowStore::draftVersion(const FoundWorkflow& found) {
    for (const auto& finding : lintText(found.draft)) {
        if (finding.severity != Severity::Error) continue;
        return Error{ErrorKind::Invalid,
                     "the draft has errors, such as " + finding.code +
                         (finding.node.empty() ? "" : " at node " + finding.node) + ": " + finding.message,
                     {},
                     "lint_failed"};
    }
    const auto graph = parseGraph(found.draft);
    if (!graph) return graph.error();
    const std::string scripts = dumpJson(usedScripts(*graph));
    const std::string sha256 = toHex(hash(HashAlgorithm::Sha256, found.draft));
    const Id id = found.summary.id;
    std::int64_t version = 0;
    const Status written = store_.writeAndWait([&](Tx& tx) {
        const Rows same = tx.query(
            "SELECT version FROM workflow_versions WHERE workflow = $1 AND version < 0"
            " AND sha256 = $2 AND scripts = $3",
            {id, sha256, scripts});
        if (!same.empty()) {
            version = same[0].integer(0);
            return;
        }
        version = tx.query(
                        "SELECT COALESCE(MIN(version), 0) - 1 FROM workflow_versions WHERE workflow = $1"
                        " AND version < 0",
                        {id})
                      .at(0)
                      .integer(0);
        tx.exec(
            "INSERT INTO workflow_versions (workflow, version, graph, scripts, sha256, published_at,"
            " published_by) VALUES ($1, $2, $3, $4, $5, $6, '')",
            {id, version, found.draft, scripts, sha256, toMicros(clock_.now())});
    });
    if (!written) return written.error();
    return VersionKey{id, version};
}

Result<Json> WorkflowStore::diff(Id org, const std::string& name, const std::string& from,
                                 const std::string& to) const {
    const auto before = text(org, name, from);
    if (!before) return before.error();
    const auto after = text(org, name, to);
    if (!after) return after.error();
    auto out = diffGraphs(*before, *after);
    if (!out) return out;
    (*out)["from"] = from;
    (*out)["to"] = to;
    return out;
}

Result<std::string> WorkflowStore::exported(Id org, const std::string& name, const std::string& which) const {
    const auto source = text(org, name, which);
    if (!source) return source.error();
    Json head = {{"format", kExportFormat}, {"name", name}, {"version", which}};
    std::set<std::string> accounts;
    Json scripts = Json::object();
    if (const auto graph = parseGraph(*source)) {
        for (const auto& node : graph->nodes) collectAccounts(node.data, accounts);
        scripts = usedScripts(*graph);
    }
    head["accounts"] = accounts;
    head["scripts"] = std::move(scripts);
    Json secrets = Json::array();
    for (const auto& finding : lintText(*source)) {
        if (finding.code == "secret_in_text") secrets.push_back(toJson(finding));
    }
    head["secrets_in_text"] = std::move(secrets);
    // The graph as it stands, so that importing gives the same text.
    std::string out = dumpJson(head);
    out.pop_back();
    if (looksLikeYaml(*source)) return out + ",\"graph_yaml\":" + dumpJson(Json(*source)) + "}";
    return out + ",\"graph\":" + *source + "}";
}

Result<WorkflowRef> WorkflowStore::current(Id workflow) const {
    std::optional<StoredVersion> stored;
    store_.read([&](Reader& reader) {
        const Rows rows = reader.query("SELECT published_version FROM workflows WHERE id = $1", {workflow});
        if (!rows.empty() && !rows[0].isNull(0)) stored = readVersion(reader, workflow, rows[0].integer(0));
    });
    if (!stored) return WorkflowRef();
    return compileStored(*stored);
}

// History and log event of a change, in its commit: other nodes learn of it through the log.
void WorkflowStore::note(Tx& tx, Id org, Id workflow, const std::string& name, const Change& change,
                         std::optional<std::int64_t> version) {
    tx.exec(
        "INSERT INTO workflow_history (id, org, workflow, action, version, detail, changed_by, changed_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        {ids_.next(), org, workflow, change.action, version ? Value(*version) : Value(nullptr), change.detail,
         change.by, toMicros(clock_.now())});
    if (log_ == nullptr) return;
    Json payload = {{"workflow", name},
                    {"workflow_id", idText(kWorkflowId, workflow)},
                    {"version", nullptr},
                    {"by", change.by}};
    if (version) payload["version"] = *version;
    const std::string text = dumpJson(payload);
    const std::string type =
        "workflow." + (change.action == "rolled_back" ? std::string("published") : change.action);
    log_->append(tx, Event{org, type, 0, 0, text});
}

Json toJson(const WorkflowChange& change) {
    Json out = {{"action", change.action},
                {"version", nullptr},
                {"detail", change.detail},
                {"by", change.by},
                {"at", toRfc3339(change.at)}};
    if (change.version) out["version"] = *change.version;
    return out;
}

}  // namespace signalbox::workflow
