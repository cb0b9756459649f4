#include <charconv>
#include <filesystem>
#include <fstream>

#include "daemon/client/command_groups.h"
#include "daemon/client/session.h"
#include "daemon/client/token_source.h"
#include "daemon/client/workflow_sync.h"
#include "workflow/graph/document.h"
#include "workflow/graph/lint.h"

namespace signalbox::client {
namespace {

using namespace std::chrono_literals;

Exit report(Session& session, const Json& report) {
    const bool is_good = flagAt(report, "ok");
    session.print(report, [&] {
        return findingsText(session, memberAt(report, "findings")) +
               (is_good ? "ok\n" : "publishing would be refused\n");
    });
    return is_good ? Exit::Done : Exit::Refused;
}

// Scripts are compiled by the daemon only, whose Lua lives in a sandbox.
Result<Exit> lint(Session& session, const Values& values) {
    const std::string file = values.text("file");
    const auto text = readInput(file);
    if (!text) return text.error();
    if (values.has("--remote")) {
        const std::string name = std::filesystem::path(file).stem().string();
        const auto answer =
            session.api.postRaw("/workflows" + segment(name.empty() ? "-" : name) + "/lint", *text);
        if (!answer) return answer.error();
        return report(session, *answer);
    }
    const auto findings = workflow::lintText(*text, {});
    return report(session,
                  {{"ok", !workflow::hasErrors(findings)}, {"findings", workflow::toJson(findings)}});
}

Result<Exit> list(Session& session, const Values& values) {
    const auto limit = readLimit(values);
    if (!limit) return limit.error();
    const auto page = session.api.list("/workflows", queryFrom(values, {{"--cursor", "cursor"}}), *limit);
    if (!page) return page.error();
    Table table({"NAME", "VERSION", "DRAFT OF (UTC)", "CREATED (UTC)"});
    for (const Json& workflow : memberAt(*page, "items")) {
        table.add({cell(workflow, "name"), cell(workflow, "published_version"),
                   timeCell(workflow, "draft_changed_at"), timeCell(workflow, "created_at")});
    }
    session.printList(*page, table, "no workflows");
    return Exit::Done;
}

Result<Exit> push(Session& session, const Values& values) {
    const std::string file = values.text("file");
    if (meansFolder(file)) return pushFolder(session, values.text("name"), file);
    const auto text = readInput(file);
    if (!text) return text.error();
    const auto saved =
        session.api.putRaw("/workflows" + segment(values.text("name")) + "/draft", *text,
                           workflow::looksLikeYaml(*text) ? "application/yaml" : "application/json");
    if (!saved) return saved.error();
    session.print(*saved, [&] {
        return findingsText(session, memberAt(*saved, "findings")) + cell(*saved, "name") +
               ": draft stored; `signalbox workflow publish` makes it run\n";
    });
    return Exit::Done;
}

Result<Exit> pull(Session& session, const Values& values) {
    const std::string file = values.text("file");
    if (meansFolder(file)) return pullFolder(session, values.text("name"), file);
    const auto draft = session.api.getRaw("/workflows" + segment(values.text("name")) + "/draft");
    if (!draft) return draft.error();
    if (file.empty() || file == "-") {
        session.out() << *draft;
        return Exit::Done;
    }
    // Beside the file first: a full disk must not cost the old one.
    const std::string fresh = file + ".new";
    std::ofstream out(fresh, std::ios::binary);
    out << *draft;
    out.close();
    std::error_code error;
    if (out) std::filesystem::rename(fresh, file, error);
    if (!out || error)
        return usageError(file + ": cannot be written" + (error ? ": " + error.message() : ""));
    session.note(file + ": written");
    return Exit::Done;
}

Result<Exit> publish(Session& session, const Values& values) {
    const auto version = session.api.post("/workflows" + segment(values.text("name")) + "/publish");
    if (!version) return version.error();
    session.print(*version, [&] {
        return findingsText(session, memberAt(*version, "findings")) + cell(*version, "workflow") +
               ": version " + cell(*version, "version") + " runs from now on\n";
    });
    return Exit::Done;
}

bool isOver(const Json& run) {
    const std::string status = textAt(run, "status");
    return status != "running" && status != "waiting";
}

Result<Json> waitForEnd(Session& session, Json run, std::chrono::seconds longest) {
    const TimePoint until = session.clock.now() + longest;
    const std::string path = "/runs" + segment(textAt(run, "id"));
    for (auto pause = 20ms; session.clock.now() < until;
         pause = std::min<std::chrono::milliseconds>(pause * 2, 1s)) {
        auto latest = session.api.get(path);
        if (!latest || isOver(*latest)) return latest;
        run = *std::move(latest);
        session.clock.sleepUntil(std::min<TimePoint>(session.clock.now() + pause, until), {});
    }
    session.note("not over after " + std::to_string(longest.count()) +
                 " s; it goes on: signalbox runs show " + textAt(run, "id"));
    return run;
}

Result<Exit> run(Session& session, const Values& values) {
    Json body = Json::object();
    if (values.has("--version")) body["version"] = values.text("--version");
    if (values.text("--version") != "draft" || values.has("--send"))
        body["dry_run"] = values.has("--dry-run") && !values.has("--send");
    if (values.has("--input")) {
        auto input = readJsonArgument("--input", values.text("--input"));
        if (!input) return input.error();
        body["input"] = *std::move(input);
    }
    const std::string longest = values.text("--timeout", "300");
    int seconds = 0;
    const auto [end, error] = std::from_chars(longest.data(), longest.data() + longest.size(), seconds);
    if (error != std::errc() || end != longest.data() + longest.size() || seconds < 1)
        return usageError("--timeout: a number of seconds");
    auto started =
        session.api.post("/workflows" + segment(values.text("name")) + "/run", body, values.text("--key"));
    if (!started) return started.error();
    if (!values.has("--wait")) {
        session.print(*started, [&] { return cell(*started, "id") + ' ' + cell(*started, "status") + '\n'; });
        return Exit::Done;
    }
    const auto ended = waitForEnd(session, *std::move(started), std::chrono::seconds(seconds));
    if (!ended) return ended.error();
    session.print(*ended, [&] { return describeRun(*ended); });
    return exitForRun(*ended);
}

}  // namespace

std::vector<Command> workflowCommands() {
    const Option name{"name", "NAME", "The workflow's name", true};
    std::vector<Option> page_options;
    addPageOptions(page_options);
    return {
        {{"workflow", "list"}, "Workflows, by name", page_options, {"signalbox workflow list"}, list},
        {{"workflow", "lint"},
         "Check a React Flow export; needs no daemon (exit code 1: it has errors)",
         {{"file", "FILE", "The export; - is standard input", true},
          {"--remote", "", "Let the daemon check it, which compiles the Lua scripts too"}},
         {"signalbox workflow lint answer.json", "signalbox workflow lint answer.json --remote"},
         lint},
        {{"workflow", "push"},
         "Store a React Flow export as the draft; the workflow is made when there is none",
         {name, {"file", "FILE", "The export, or a folder of `pull`; - is standard input", true}},
         {"signalbox workflow push answer answer.json", "signalbox workflow push answer flows/answer/"},
         push},
        {{"workflow", "pull"},
         "Get the draft back: byte for byte, or as files that diff well",
         {name,
          {"file", "FILE",
           "Where to; a folder (that is there, or ends with /) gets workflow.json, layout.json and scripts; "
           "left "
           "out: standard output"}},
         {"signalbox workflow pull answer answer.json", "signalbox workflow pull answer flows/answer/",
          "signalbox workflow pull answer | jq .nodes"},
         pull},
        {{"workflow", "publish"},
         "Make the draft the version that runs",
         {name},
         {"signalbox workflow publish answer"},
         publish},
        {{"workflow", "run"},
         "Start a run by hand (with --wait, exit code 1: it failed)",
         {name,
          {"--input", "JSON", "The trigger's data, or @FILE"},
          {"--dry-run", "", "Record what would be sent and send nothing"},
          {"--version", "VERSION", "A number, published or draft; a draft sends nothing"},
          {"--send", "", "Really send, also from a draft"},
          {"--wait", "", "Wait for the end and show what each node did"},
          {"--timeout", "SECONDS", "How long to wait, 300 unless given"},
          {"--key", "KEY", "Idempotency key: the same twice is one run"}},
         {"signalbox workflow run answer --dry-run --wait --input '{\"message\": {\"text\": \"How much is a "
          "room?\"}}'",
          "signalbox workflow run answer --input @message.json"},
         run}};
}

}  // namespace signalbox::client
