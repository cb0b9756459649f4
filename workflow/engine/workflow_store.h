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
#include "hub/store/store.h"
#include "workflow/graph/compile.h"
#include "workflow/graph/finding.h"
#include "workflow/graph/lint.h"
#include "workflow/lua/lua_runner.h"

namespace signalbox::workflow {

struct WorkflowSummary {
    Id id = 0;
    std::string name;
    std::optional<std::int64_t> published_version;
    TimePoint draft_changed_at{}, created_at{};
};
struct VersionSummary {
    std::int64_t version = 0;
    std::string sha256;  // of the graph's text, in hex
    TimePoint published_at{};
    std::string published_by;
    bool is_current = false;
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

class WorkflowStore {
public:
    static constexpr std::size_t kMaxDraftBytes = 4 * 1024 * 1024;

    // `lua` may be null (scripts are then checked when they run). All outlive the object.
    WorkflowStore(Store& store, Ids& ids, const Clock& clock, LuaRunner* lua, ScriptLibrary scripts = {});

    // Makes the workflow when there is none of that name (1–100 of a–z A–Z 0–9 . _ -). Waits for the commit.
    // JSON, or YAML (see graph/document.h). Errors: Invalid with code bad_name, draft_too_large, json_syntax,
    // yaml_syntax, json_limit.
    Status saveDraft(Id org, const std::string& name, const std::string& text);
    Result<std::string> draft(Id org, const std::string& name) const;
    Result<std::vector<Finding>> lint(Id org, const std::string& name) const;
    std::vector<Finding> lintText(std::string_view text) const;

    // Publishes the draft; the same text as the current version gives that version again. Waits for the
    // commit; afterwards new runs take the new version, running ones keep theirs.
    Result<Publication> publish(Id org, const std::string& name, const std::string& by);
    // The text of a version.
    Result<std::string> graph(Id org, const std::string& name, std::int64_t version) const;

    // By name, behind `after`.
    std::vector<WorkflowSummary> list(Id org, const std::string& after, std::size_t limit) const;
    Result<WorkflowSummary> find(Id org, const std::string& name) const;
    // Newest first, below `before` (0: from the top).
    Result<std::vector<VersionSummary>> versions(Id org, const std::string& name, std::int64_t before,
                                                 std::size_t limit) const;

    // Compiled; read from the database each time (the engine's catalog caches).
    Result<WorkflowRef> compiled(Id workflow, std::int64_t version) const;
    // All current versions. One that does not compile any more is left out and logged.
    std::vector<WorkflowRef> published() const;

    // Called after each publish, on the caller's thread. Registered before use.
    void onPublished(std::function<void(WorkflowRef)> listener) {
        on_published_.push_back(std::move(listener));
    }

private:
    Json usedScripts(const Graph& graph) const;
    LintContext lintContext(const Json& scripts) const;

    Store& store_;
    Ids& ids_;
    const Clock& clock_;
    LuaRunner* lua_;
    ScriptLibrary scripts_;
    std::vector<std::function<void(WorkflowRef)>> on_published_;
};

Json toJson(const WorkflowSummary& workflow);
Json toJson(const VersionSummary& version);

}  // namespace signalbox::workflow
