#include "daemon/client/workflow_sync.h"

#include <charconv>
#include <map>
#include <set>

#include "daemon/client/command_groups.h"
#include "workflow/graph/diff.h"
#include "workflow/graph/document.h"

namespace signalbox::client {
namespace {

using namespace std::chrono_literals;

constexpr auto kLook = 300ms;

std::string draftPath(const std::string& name) {
    return "/workflows" + segment(name) + "/draft";
}

// Folders of workflows below one, or the one itself.
std::vector<std::filesystem::path> foldersIn(const std::filesystem::path& root) {
    if (isWorkflowFolder(root)) return {root};
    std::set<std::filesystem::path> found;
    std::error_code error;
    for (std::filesystem::directory_iterator it(root, error), end; !error && it != end; it.increment(error)) {
        if (isWorkflowFolder(it->path())) found.insert(it->path());
    }
    return {found.begin(), found.end()};
}

Result<Exit> pullAll(Session& session, const Values& values) {
    const auto page = session.api.list("/workflows", {}, 100'000);
    if (!page) return page.error();
    const std::filesystem::path root = values.text("dir");
    for (const Json& one : memberAt(*page, "items")) {
        const std::string name = textAt(one, "name");
        const auto pulled = pullFolder(session, name, root / name);
        if (!pulled) return pulled.error();
    }
    return Exit::Done;
}

Result<Exit> pushAll(Session& session, const Values& values) {
    const auto folders = foldersIn(values.text("dir"));
    if (folders.empty())
        return usageError(values.text("dir") + ": holds no workflow, and no folders of them");
    Exit worst = Exit::Done;
    for (const auto& folder : folders) {
        const auto pushed = pushFolder(session, workflowName(folder), folder);
        if (!pushed) return pushed.error();
        worst = std::max(worst, *pushed);
    }
    return worst;
}

Result<Exit> publishNow(Session& session, const std::string& name) {
    const auto version = session.api.post("/workflows" + segment(name) + "/publish");
    if (!version) return version.error();
    session.out() << name << ": version " << cell(*version, "version") << " runs from now on\n";
    return Exit::Done;
}

// What was refused is printed and watching goes on: the next change may mend it. Only a daemon that is not
// there ends it.
Status pushChanged(Session& session, const std::filesystem::path& folder, bool publishes) {
    auto done = pushFolder(session, workflowName(folder), folder);
    if (done && *done == Exit::Done && publishes) done = publishNow(session, workflowName(folder));
    session.out().flush();
    if (done) return Done{};
    if (exitFor(done.error()) == Exit::Unreachable) return done.error();
    session.note(folder.string() + ": " + done.error().message);
    return Done{};
}

Result<Exit> watch(Session& session, const Values& values) {
    const std::filesystem::path root = values.text("dir");
    std::int64_t left = -1;
    if (const std::string text = values.text("--count"); !text.empty()) {
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), left);
        if (error != std::errc() || end != text.data() + text.size() || left < 1)
            return usageError("--count: a number of changes");
    }
    if (foldersIn(root).empty())
        return usageError(root.string() + ": holds no workflow, and no folders of them");
    session.note("watching " + root.string() + "; each change is pushed");
    // What was pushed, and what was seen last: a change is pushed when it was seen twice, so never half
    // written.
    std::map<std::filesystem::path, FolderFiles> pushed, seen;
    if (!values.has("--now")) {
        for (const auto& folder : foldersIn(root)) {
            if (auto files = readFolder(folder)) pushed[folder] = seen[folder] = std::move(*files);
        }
    }
    while (left != 0) {
        for (const auto& folder : foldersIn(root)) {
            auto files = readFolder(folder);
            if (!files) continue;  // in the middle of being written
            const bool is_settled = seen.contains(folder) && seen[folder] == *files;
            const bool is_new = !pushed.contains(folder) || pushed[folder] != *files;
            if (is_settled && is_new) {
                if (const Status done = pushChanged(session, folder, values.has("--publish")); !done)
                    return done.error();
                pushed[folder] = *files;
                if (left > 0 && --left == 0) return Exit::Done;
            }
            seen[folder] = std::move(*files);
        }
        session.clock.sleepUntil(session.clock.now() + kLook, {});
    }
    return Exit::Done;
}

// "node b (if)", "edge a → b"
std::string nameOf(const char* what, const Json& one) {
    std::string text = std::string(what) + ' ' + cell(one, "id");
    if (const std::string type = cell(one, "type"); !type.empty()) text += " (" + type + ")";
    if (one.contains("source")) {
        const std::string port = cell(one, "sourceHandle");
        text += ": " + cell(one, "source") + (port.empty() ? "" : ":" + port) + " → " + cell(one, "target");
    }
    return text;
}

std::string changeLines(const Json& changes, const std::string& indent) {
    std::string text;
    for (const Json& one : changes) {
        text += indent + cell(one, "path") + ": ";
        text += one.contains("from") ? dumpJson(one["from"]) : std::string("–");
        text += " → ";
        text += one.contains("to") ? dumpJson(one["to"]) : std::string("–");
        text += '\n';
    }
    return text;
}

std::string diffText(const Json& diff) {
    std::string text;
    for (const auto& [list, what] : {std::pair{"nodes", "node"}, std::pair{"edges", "edge"}}) {
        const Json& lists = memberAt(diff, list);
        for (const Json& one : memberAt(lists, "added")) text += "+ " + nameOf(what, one) + '\n';
        for (const Json& one : memberAt(lists, "removed")) text += "- " + nameOf(what, one) + '\n';
        for (const Json& one : memberAt(lists, "changed"))
            text += "~ " + nameOf(what, one) + '\n' + changeLines(memberAt(one, "changes"), "    ");
    }
    text += changeLines(memberAt(diff, "settings"), "~ ");
    const Json& layout = memberAt(diff, "layout");
    const auto moved = memberAt(layout, "nodes").size() + memberAt(layout, "edges").size();
    if (text.empty()) text = "the logic is the same\n";
    if (moved > 0) text += "layout: " + std::to_string(moved) + " nodes and edges look different\n";
    return text;
}

// Exit code 1: there is a difference, as diff says it.
Result<Exit> diff(Session& session, const Values& values) {
    const std::string name = values.text("name");
    const std::string folder = values.text("dir");
    const std::string from = values.text("--from", folder.empty() ? "published" : "draft");
    Result<Json> found = Json();
    if (folder.empty()) {
        found = session.api.get("/workflows" + segment(name) + "/diff",
                                {{"from", from}, {"to", values.text("--to", "draft")}});
    } else {
        const auto files = readFolder(folder);
        if (!files) return files.error();
        const auto here = joinWorkflow(*files);
        if (!here) return here.error();
        const auto there = session.api.getRaw(
            from == "draft" ? draftPath(name) : "/workflows" + segment(name) + "/versions" + segment(from));
        if (!there) return there.error();
        found = workflow::diffGraphs(*there, *here);
    }
    if (!found) return found.error();
    session.print(*found, [&] { return diffText(*found); });
    return flagAt(*found, "is_same") ? Exit::Done : Exit::Refused;
}

}  // namespace

bool meansFolder(const std::string& path) {
    std::error_code ignored;
    return path.ends_with('/') || std::filesystem::is_directory(path, ignored);
}

std::string workflowName(const std::filesystem::path& folder) {
    const auto whole = std::filesystem::absolute(folder).lexically_normal();
    return (whole.has_filename() ? whole : whole.parent_path()).filename().string();
}

Result<Exit> pullFolder(Session& session, const std::string& name, const std::filesystem::path& folder) {
    const auto draft = session.api.getRaw(draftPath(name));
    if (!draft) return draft.error();
    if (const Status written = writeFolder(folder, splitWorkflow(*draft)); !written) return written.error();
    session.note(folder.string() + ": written");
    return Exit::Done;
}

Result<Exit> pushFolder(Session& session, const std::string& name, const std::filesystem::path& folder) {
    const auto files = readFolder(folder);
    if (!files) return files.error();
    const auto text = joinWorkflow(*files);
    if (!text) return withContext(folder.string(), text.error());
    const auto saved = session.api.putRaw(
        draftPath(name), *text, workflow::looksLikeYaml(*text) ? "application/yaml" : "application/json");
    if (!saved) return saved.error();
    bool is_good = true;
    for (const Json& finding : memberAt(*saved, "findings"))
        is_good = is_good && textAt(finding, "severity") != "error";
    session.print(*saved, [&] {
        return findingsText(session, memberAt(*saved, "findings")) + name + ": draft stored" +
               (is_good ? "" : "; publishing would be refused") + "\n";
    });
    return is_good ? Exit::Done : Exit::Refused;
}

std::string findingsText(Session& session, const Json& findings) {
    Table table({"", "CODE", "WHERE", "WHAT", "WHAT TO DO"});
    for (const Json& finding : findings) {
        std::string where = cell(finding, "node");
        if (const std::string edge = cell(finding, "edge"); !edge.empty())
            where += (where.empty() ? "edge " : ", edge ") + edge;
        table.add({cell(finding, "severity"), cell(finding, "code"), where, cell(finding, "message"),
                   cell(finding, "remedy")});
    }
    return table.empty() ? "" : session.render(table);
}

std::vector<Command> workflowSyncCommands() {
    const Option dir{"dir", "DIR", "A folder of workflows, each in a folder of its name", true};
    return {{{"workflow", "pull-all"},
             "Get every draft as files: workflow.json, layout.json and scripts",
             {dir},
             {"signalbox workflow pull-all flows"},
             pullAll},
            {{"workflow", "push-all"},
             "Store every workflow of a folder as draft (exit code 1: one has errors)",
             {dir},
             {"signalbox workflow push-all flows"},
             pushAll},
            {{"workflow", "watch"},
             "Push a workflow whenever its files change, until stopped",
             {{"dir", "DIR", "A workflow's folder, or a folder of them", true},
              {"--publish", "", "Publish what has no errors, too"},
              {"--now", "", "Push everything at the start"},
              {"--count", "N", "End after N changes"}},
             {"signalbox workflow watch flows", "signalbox workflow watch flows/answer --publish"},
             watch},
            {{"workflow", "diff"},
             "What differs, logic by node and edge (exit code 1: something does)",
             {{"name", "NAME", "The workflow's name", true},
              {"dir", "DIR", "Compare with these files"},
              {"--from", "VERSION", "A number, draft or published"},
              {"--to", "VERSION", "The same, without DIR; draft unless given"}},
             {"signalbox workflow diff answer", "signalbox workflow diff answer --from 3 --to 4",
              "signalbox workflow diff answer flows/answer"},
             diff}};
}

}  // namespace signalbox::client
