// Drafts and published versions of workflows. A draft is kept as the text that was received and given back
// unchanged, whatever lint says of it; publishing refuses errors and makes a new immutable version. Called by
// the API's handlers on request workers; thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "hub/log/event_log.h"
#include "hub/store/store.h"
#include "workflow/graph/compile.h"
#include "workflow/graph/finding.h"
#include "workflow/graph/lint.h"
#include "workflow/lua/lua_runner.h"

namespace signalbox::workflow {

inline constexpr std::string_view kWorkflowId = "wfl";

struct WorkflowSummary {
    Id id = 0;
    std::string name;
    std::optional<std::int64_t> published_version;
    TimePoint draft_changed_at{}, created_at{};
    std::string draft_changed_by;
};
struct VersionSummary {
    std::int64_t version = 0;
    std::string sha256;  // of the graph's text, in hex
    TimePoint published_at{};
    std::string published_by;
    bool is_current = false;
};
// What a run by hand runs.
struct VersionKey {
    Id workflow = 0;
    std::int64_t version = 0;  // below 0: a draft as it was when a run of it was started
};
// A line of a workflow's history: published, rolled_back, unpublished, renamed, deleted.
struct WorkflowChange {
    Id id = 0;
    std::string action;
    std::optional<std::int64_t> version;
    std::string detail, by;
    TimePoint at{};
};
// What publishing came to: with an error among the findings nothing was published.
struct Publication {
    bool is_published = false;
    std::int64_t version = 0;
    std::string sha256;
    std::vector<Finding> findings;
};
// Scripts that lua nodes refer to by name: {"name": "source"}.
using ScriptLibrary = std::function<Json()>;

struct FoundWorkflow;

class WorkflowStore {
public:
    static constexpr std::size_t kMaxDraftBytes = 4 * 1024 * 1024;

    // `lua` may be null (scripts are then checked when they run). All outlive the object.
    // With a log, every change of what is published is an event of it (workflow.published …).
    WorkflowStore(Store& store, Ids& ids, const Clock& clock, LuaRunner* lua, ScriptLibrary scripts = {},
                  EventLog* log = nullptr);

    // What the check asks about names of accounts, credentials, calendars (see KnowsReference). Before use.
    using References = std::function<bool(Id org, std::string_view kind, const std::string& name)>;
    void lookUpWith(References references) { references_ = std::move(references); }

    // Makes the workflow when there is none of that name (1–100 of a–z A–Z 0–9 . _ -). Waits for the commit.
    // JSON, or YAML (see graph/document.h). Errors: Invalid with code bad_name, draft_too_large, json_syntax,
    // yaml_syntax, json_limit.
    Status saveDraft(Id org, const std::string& name, const std::string& text, const std::string& by = "");
    Result<std::string> draft(Id org, const std::string& name) const;
    Result<std::vector<Finding>> lint(Id org, const std::string& name) const;
    // `org`: whose accounts, credentials … are meant; 0: that is not looked at.
    std::vector<Finding> lintText(std::string_view text, Id org = 0) const;

    // Publishes the draft; the same text as the current version gives that version again. Waits for the
    // commit; afterwards new runs take the new version, running ones keep theirs.
    Result<Publication> publish(Id org, const std::string& name, const std::string& by);
    // The text of a version.
    Result<std::string> graph(Id org, const std::string& name, std::int64_t version) const;

    // The graph of an older version becomes a new one, with the scripts of then; the draft stays. NotFound:
    // no such version.
    Result<Publication> rollback(Id org, const std::string& name, std::int64_t version,
                                 const std::string& by);
    // No new runs; those in progress go on. The draft and all versions stay.
    Status unpublish(Id org, const std::string& name, const std::string& by);
    // Conflict: name_taken, or workflow_in_use when another published workflow starts it by its name.
    Status rename(Id org, const std::string& name, const std::string& new_name, const std::string& by);
    // Conflict: workflow_published, workflow_has_live_runs. Past runs are still shown until retention takes
    // them.
    Status remove(Id org, const std::string& name, const std::string& by);
    // Newest first, below `before` (0: from the top).
    Result<std::vector<WorkflowChange>> history(Id org, const std::string& name, Id before,
                                                std::size_t limit) const;
    // `which` is "draft", "published" or a version's number.
    Result<std::string> text(Id org, const std::string& name, const std::string& which) const;
    Result<Json> diff(Id org, const std::string& name, const std::string& from, const std::string& to) const;
    // `which` as in text. A draft is kept as a version of its own that is never published, so that its runs
    // can be looked at after the next edit. Errors: NotFound (workflow_not_published, version_not_found),
    // Invalid (lint_failed: the draft has errors).
    Result<VersionKey> runnable(Id org, const std::string& name, const std::string& which);
    // {format, name, version, accounts, scripts, secrets_in_text, graph}: credentials are names of accounts,
    // never their secrets. The graph's text is as it was.
    Result<std::string> exported(Id org, const std::string& name, const std::string& which) const;

    // By name, behind `after`.
    std::vector<WorkflowSummary> list(Id org, const std::string& after, std::size_t limit) const;
    Result<WorkflowSummary> find(Id org, const std::string& name) const;
    // Newest first, below `before` (0: from the top).
    Result<std::vector<VersionSummary>> versions(Id org, const std::string& name, std::int64_t before,
                                                 std::size_t limit) const;

    // Compiled; read from the database each time (the engine's catalog caches).
    Result<WorkflowRef> compiled(Id workflow, std::int64_t version) const;
    // What of it runs now; null when nothing does.
    Result<WorkflowRef> current(Id workflow) const;
    // All current versions. One that does not compile any more is left out and logged.
    std::vector<WorkflowRef> published() const;

    // Called after each publish, on the caller's thread. Registered before use.
    void onPublished(std::function<void(WorkflowRef)> listener) {
        on_published_.push_back(std::move(listener));
    }
    // The same for a workflow of which nothing runs any more.
    void onWithdrawn(std::function<void(Id)> listener) { on_withdrawn_.push_back(std::move(listener)); }

private:
    struct Change {
        std::string by, action, detail;
    };
    Result<Publication> release(const FoundWorkflow& found, const std::string& text, const Json& scripts,
                                const Change& change);
    Result<VersionKey> draftVersion(const FoundWorkflow& found);
    void note(Tx& tx, Id org, Id workflow, const std::string& name, const Change& change,
              std::optional<std::int64_t> version);
    void tellPublished(const WorkflowRef& workflow) const;
    std::string userOf(Id org, Id workflow, const std::string& name) const;
    Json usedScripts(const Graph& graph) const;
    LintContext lintContext(const Json& scripts, Id org) const;
    void addPathConflicts(Id org, const std::string& name, const std::string& text,
                          std::vector<Finding>& findings) const;

    Store& store_;
    Ids& ids_;
    const Clock& clock_;
    LuaRunner* lua_;
    ScriptLibrary scripts_;
    References references_;
    EventLog* log_;
    std::vector<std::function<void(WorkflowRef)>> on_published_;
    std::vector<std::function<void(Id)>> on_withdrawn_;
};

Json toJson(const WorkflowChange& change);
Json toJson(const WorkflowSummary& workflow);
Json toJson(const VersionSummary& version);

}  // namespace signalbox::workflow
