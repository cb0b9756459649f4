#include "workflow/engine/workflow_store.h"

#include <algorithm>
#include <cctype>

#include "base/crypto.h"
#include "base/log.h"
#include "workflow/engine/path_conflicts.h"
#include "workflow/engine/workflow_rows.h"
#include "workflow/graph/document.h"

namespace signalbox::workflow {
namespace {

constexpr std::string_view kSaveDraft =
    "INSERT INTO workflows (id, org, name, draft, draft_changed_at, published_version, created_at, "
    "draft_changed_by)"
    " VALUES ($1, $2, $3, $4, $5, NULL, $5, $6)"
    " ON CONFLICT (org, name) DO UPDATE SET draft = $4, draft_changed_at = $5, draft_changed_by = $6";
constexpr std::string_view kFind =
    "SELECT id, name, published_version, draft_changed_at, created_at, draft, draft_changed_by, org FROM "
    "workflows WHERE org = $1 AND name = $2 AND deleted_at IS NULL";
constexpr std::string_view kVersion =
    "SELECT w.org, w.name, v.graph, v.scripts, v.sha256 FROM workflow_versions v JOIN workflows w ON w.id = "
    "v.workflow"
    " WHERE v.workflow = $1 AND v.version = $2";
constexpr std::string_view kNextVersion =
    "SELECT COALESCE(MAX(version), 0) + 1 FROM workflow_versions WHERE workflow = $1 AND version > 0";
constexpr std::string_view kInsertVersion =
    "INSERT INTO workflow_versions (workflow, version, graph, scripts, sha256, published_at, published_by)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7)";
constexpr std::string_view kSetPublished =
    "UPDATE workflows SET published_version = $2, retention_days = $3 WHERE id = $1";

}  // namespace

bool isWorkflowName(const std::string& name) {
    return !name.empty() && name.size() <= 100 && std::all_of(name.begin(), name.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-';
    });
}

Error badName() {
    return {ErrorKind::Invalid, "a workflow's name has 1 to 100 of a-z A-Z 0-9 . _ -", {}, "bad_name"};
}

Error noVersion(const std::string& name, std::int64_t version) {
    return {ErrorKind::NotFound,
            "workflow " + name + " has no version " + std::to_string(version),
            {},
            "version_not_found"};
}

Error noWorkflow(const std::string& name) {
    return {ErrorKind::NotFound,
            "there is no workflow \"" + name.substr(0, 100) + "\"",
            {},
            "workflow_not_found"};
}

std::optional<FoundWorkflow> findWorkflow(Store& store, Id org, const std::string& name) {
    std::optional<FoundWorkflow> found;
    store.read([&](Reader& reader) {
        const Rows rows = reader.query(kFind, {org, name});
        if (rows.empty()) return;
        const Row& row = rows[0];
        found = FoundWorkflow{{row.integer(0),
                               row.text(1),
                               {},
                               fromMicros(row.integer(3)),
                               fromMicros(row.integer(4)),
                               row.text(6)},
                              row.text(5),
                              row.integer(7)};
        if (!row.isNull(2)) found->summary.published_version = row.integer(2);
    });
    return found;
}

std::optional<StoredVersion> readVersion(Reader& reader, Id workflow, std::int64_t version) {
    const Rows rows = reader.query(kVersion, {workflow, version});
    if (rows.empty()) return std::nullopt;
    const Row& row = rows[0];
    return StoredVersion{
        {row.integer(0), workflow, version, row.text(1)}, row.text(2), row.text(3), row.text(4)};
}

Result<WorkflowRef> compileStored(const StoredVersion& stored) {
    const auto graph = parseGraph(stored.graph);
    if (!graph) return graph.error();
    const auto scripts = parseJson(stored.scripts);
    return compile(*graph, scripts ? *scripts : Json::object(), stored.identity);
}

WorkflowStore::WorkflowStore(Store& store, Ids& ids, const Clock& clock, LuaRunner* lua,
                             ScriptLibrary scripts, EventLog* log)
    : store_(store), ids_(ids), clock_(clock), lua_(lua), scripts_(std::move(scripts)), log_(log) {}

Status WorkflowStore::saveDraft(Id org, const std::string& name, const std::string& text,
                                const std::string& by) {
    if (!isWorkflowName(name)) return badName();
    if (text.size() > kMaxDraftBytes)
        return Error{ErrorKind::Invalid, "draft: longer than 4 MiB", {}, "draft_too_large"};
    if (const auto read = parseDocument(text, kGraphLimits); !read) return withContext("draft", read.error());
    const Id id = ids_.next();
    const std::int64_t now = toMicros(clock_.now());
    return store_.writeAndWait([&](Tx& tx) { tx.exec(kSaveDraft, {id, org, name, text, now, by}); });
}

Result<std::string> WorkflowStore::draft(Id org, const std::string& name) const {
    auto found = findWorkflow(store_, org, name);
    if (!found) return noWorkflow(name);
    return std::move(found->draft);
}

Result<WorkflowSummary> WorkflowStore::find(Id org, const std::string& name) const {
    auto found = findWorkflow(store_, org, name);
    if (!found) return noWorkflow(name);
    return std::move(found->summary);
}

Json WorkflowStore::usedScripts(const Graph& graph) const {
    Json used = Json::object();
    const Json all = scripts_ ? scripts_() : Json::object();
    for (const auto& node : graph.nodes) {
        const std::string name = textAt(node.data, "script");
        if (!name.empty() && all.contains(name)) used[name] = all[name];
    }
    return used;
}

LintContext WorkflowStore::lintContext(const Json& scripts, Id org) const {
    LintContext context{lua_, &scripts, {}, clock_.now()};
    if (org == 0 || !references_) return context;
    context.knows = [this, org](std::string_view kind, const std::string& name) {
        if (kind != "workflow") return references_(org, kind, name);
        const auto found = find(org, name);
        return found && found->published_version.has_value();
    };
    return context;
}

std::vector<Finding> WorkflowStore::lintText(std::string_view text, Id org) const {
    const Json scripts = scripts_ ? scripts_() : Json::object();
    return workflow::lintText(text, lintContext(scripts, org));
}

void WorkflowStore::addPathConflicts(Id org, const std::string& name, const std::string& text,
                                     std::vector<Finding>& findings) const {
    const auto graph = parseGraph(text);
    if (!graph) return;  // said already
    const auto conflicts = pathConflicts(store_, org, name, *graph);
    findings.insert(findings.end(), conflicts.begin(), conflicts.end());
}

Result<std::vector<Finding>> WorkflowStore::lint(Id org, const std::string& name) const {
    const auto text = draft(org, name);
    if (!text) return text.error();
    auto findings = lintText(*text, org);
    addPathConflicts(org, name, *text, findings);
    return findings;
}

Result<Publication> WorkflowStore::publish(Id org, const std::string& name, const std::string& by) {
    const auto found = findWorkflow(store_, org, name);
    if (!found) return noWorkflow(name);
    const auto graph = parseGraph(found->draft);
    const Json scripts = graph ? usedScripts(*graph) : Json::object();
    return release(*found, found->draft, scripts, {by, "published", ""});
}

Result<Publication> WorkflowStore::release(const FoundWorkflow& found, const std::string& text,
                                           const Json& scripts, const Change& change) {
    const std::string& name = found.summary.name;
    const Id id = found.summary.id;
    const Id org = found.org;
    Publication out;
    // Against what it may use, also what is not there any more.
    const Json all = scripts_ ? scripts_() : Json::object();
    out.findings =
        workflow::lintText(text, lintContext(change.action == "published" ? all : scripts, found.org));
    addPathConflicts(org, name, text, out.findings);
    if (hasErrors(out.findings)) return out;
    const auto graph = parseGraph(text);
    if (!graph) return graph.error();
    const std::string scripts_text = dumpJson(scripts);
    out.sha256 = toHex(hash(HashAlgorithm::Sha256, text));
    // Tried before anything is written: what is published compiles.
    if (const auto tried = compile(*graph, scripts, {org, id, 0, name}); !tried) return tried.error();
    const std::int64_t now = toMicros(clock_.now());
    const auto retention = std::max<std::int64_t>(0, numberAt(graph->settings, "retention_days"));
    std::int64_t version = 0;
    const Status written = store_.writeAndWait([&](Tx& tx) {
        const Rows current = tx.query("SELECT published_version FROM workflows WHERE id = $1", {id});
        version = current.empty() || current[0].isNull(0) ? 0 : current[0].integer(0);
        const auto stored = version == 0 ? std::nullopt : readVersion(tx, id, version);
        if (stored && stored->sha256 == out.sha256 && stored->scripts == scripts_text) return;
        version = tx.query(kNextVersion, {id}).at(0).integer(0);
        tx.exec(kInsertVersion, {id, version, text, scripts_text, out.sha256, now, change.by});
        tx.exec(kSetPublished, {id, version, retention});
        note(tx, org, id, name, change, version);
    });
    if (!written) return withContext("publish " + name, written.error());
    out.is_published = true;
    out.version = version;
    auto compiled = compile(*graph, scripts, {org, id, version, name});
    if (!compiled) return compiled.error();
    tellPublished(*compiled);
    return out;
}

void WorkflowStore::tellPublished(const WorkflowRef& workflow) const {
    for (const auto& listener : on_published_) listener(workflow);
}

Result<std::string> WorkflowStore::graph(Id org, const std::string& name, std::int64_t version) const {
    const auto found = findWorkflow(store_, org, name);
    if (!found) return noWorkflow(name);
    std::optional<StoredVersion> stored;
    store_.read([&](Reader& reader) { stored = readVersion(reader, found->summary.id, version); });
    if (stored) return std::move(stored->graph);
    return noVersion(name, version);
}

std::vector<WorkflowSummary> WorkflowStore::list(Id org, const std::string& after, std::size_t limit) const {
    std::vector<WorkflowSummary> out;
    store_.read([&](Reader& reader) {
        for (const Row& row :
             reader.query("SELECT id, name, published_version, draft_changed_at, created_at, "
                          "draft_changed_by FROM workflows"
                          " WHERE org = $1 AND name > $2 AND deleted_at IS NULL ORDER BY name LIMIT $3",
                          {org, after, static_cast<std::int64_t>(limit)})) {
            WorkflowSummary one{
                row.integer(0), row.text(1), {}, fromMicros(row.integer(3)), fromMicros(row.integer(4)),
                row.text(5)};
            if (!row.isNull(2)) one.published_version = row.integer(2);
            out.push_back(std::move(one));
        }
    });
    return out;
}

Result<std::vector<VersionSummary>> WorkflowStore::versions(Id org, const std::string& name,
                                                            std::int64_t before, std::size_t limit) const {
    const auto found = findWorkflow(store_, org, name);
    if (!found) return noWorkflow(name);
    std::vector<VersionSummary> out;
    store_.read([&](Reader& reader) {
        for (const Row& row :
             reader.query("SELECT version, sha256, published_at, published_by FROM "
                          "workflow_versions WHERE workflow = $1"
                          " AND version > 0 AND ($2 = 0 OR version < $2) ORDER BY version DESC LIMIT $3",
                          {found->summary.id, before, static_cast<std::int64_t>(limit)})) {
            out.push_back({row.integer(0), row.text(1), fromMicros(row.integer(2)), row.text(3),
                           found->summary.published_version == row.integer(0)});
        }
    });
    return out;
}

Result<WorkflowRef> WorkflowStore::compiled(Id workflow, std::int64_t version) const {
    std::optional<StoredVersion> stored;
    store_.read([&](Reader& reader) { stored = readVersion(reader, workflow, version); });
    if (stored) return compileStored(*stored);
    return Error{ErrorKind::NotFound,
                 "workflow version " + std::to_string(version) + " is gone",
                 {},
                 "version_not_found"};
}

std::vector<WorkflowRef> WorkflowStore::published() const {
    std::vector<StoredVersion> stored;
    store_.read([&](Reader& reader) {
        for (const Row& row : reader.query(
                 "SELECT w.org, w.id, w.published_version, w.name, v.graph, v.scripts FROM workflows w"
                 " JOIN workflow_versions v ON v.workflow = w.id AND v.version = w.published_version"
                 " ORDER BY w.id")) {
            stored.push_back({{row.integer(0), row.integer(1), row.integer(2), row.text(3)},
                              row.text(4),
                              row.text(5),
                              ""});
        }
    });
    std::vector<WorkflowRef> out;
    for (const auto& one : stored) {
        auto made = compileStored(one);
        if (made) {
            out.push_back(std::move(*made));
            continue;
        }
        log::error("workflow_not_loaded", {{"workflow", one.identity.name}, {"error", made.error().message}});
    }
    return out;
}

Json toJson(const WorkflowSummary& workflow) {
    Json out = {{"name", workflow.name},
                {"published_version", nullptr},
                {"draft_changed_at", toRfc3339(workflow.draft_changed_at)},
                {"draft_changed_by", workflow.draft_changed_by},
                {"created_at", toRfc3339(workflow.created_at)}};
    if (workflow.published_version) out["published_version"] = *workflow.published_version;
    return out;
}

Json toJson(const VersionSummary& version) {
    return {{"version", version.version},
            {"sha256", version.sha256},
            {"published_at", toRfc3339(version.published_at)},
            {"published_by", version.published_by},
            {"is_current", version.is_current}};
}

}  // namespace signalbox::workflow
