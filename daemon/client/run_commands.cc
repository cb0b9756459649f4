#include <array>

#include "daemon/client/command_groups.h"
#include "daemon/client/session.h"

namespace signalbox::client {
namespace {

// {"kind": "event", "offset": 17} → "event 17"
std::string triggerText(const Json& run) {
    const Json& trigger = memberAt(run, "trigger");
    std::string text = cell(trigger, "kind");
    for (const char* key : {"offset", "run", "key"}) {
        if (const std::string more = cell(trigger, key); !more.empty()) text += ' ' + more;
    }
    return text;
}

std::string stepLine(const Json& step) {
    std::string line =
        "  " + timeCell(step, "started_at") + "  " + cell(step, "node") + " (" + cell(step, "type") + ')';
    if (const std::string port = cell(step, "port"); !port.empty()) line += " → " + port;
    if (numberAt(step, "attempt") > 1) line += "  attempt " + cell(step, "attempt");
    if (const std::string error = failureText(memberAt(step, "error")); !error.empty()) line += "  " + error;
    return line;
}

std::string stepText(const Json& step) {
    Facts facts;
    for (const char* key : {"request", "output"}) {
        if (const Json& value = memberAt(step, key); !value.is_null())
            facts.add(std::string("      ") + key, dumpJson(value));
    }
    for (const Json& line : memberAt(step, "logs"))
        facts.add("      log", line.is_string() ? line.get<std::string>() : dumpJson(line));
    return stepLine(step) + '\n' + facts.render();
}

Result<Exit> list(Session& session, const Values& values) {
    const auto limit = readLimit(values);
    if (!limit) return limit.error();
    const auto page = session.api.list("/runs",
                                       queryFrom(values, {{"--workflow", "workflow"},
                                                          {"--status", "status"},
                                                          {"--person", "person"},
                                                          {"--conversation", "conversation"},
                                                          {"--message", "message"},
                                                          {"--node", "node"},
                                                          {"--error", "error"},
                                                          {"--since", "since"},
                                                          {"--until", "until"},
                                                          {"--cursor", "cursor"}}),
                                       *limit);
    if (!page) return page.error();
    Table table({"STARTED (UTC)", "ID", "WORKFLOW", "VERSION", "STATUS", "TRIGGER", "ERROR"});
    for (const Json& run : memberAt(*page, "items")) {
        table.add({timeCell(run, "started_at"), cell(run, "id"), cell(run, "workflow"), cell(run, "version"),
                   cell(run, "status") + (flagAt(run, "is_dry") ? " (dry)" : ""), triggerText(run),
                   failureText(memberAt(run, "error"))});
    }
    session.printList(*page, table, "no runs");
    return Exit::Done;
}

Result<Exit> show(Session& session, const Values& values) {
    const auto run = session.api.get("/runs" + segment(values.text("id")));
    if (!run) return run.error();
    session.print(*run, [&] { return describeRun(*run); });
    return Exit::Done;
}

Result<Exit> act(Session& session, const Values& values, const char* verb) {
    const auto run = session.api.post("/runs" + segment(values.text("id")) + '/' + verb);
    if (!run) return run.error();
    session.print(*run, [&] { return cell(*run, "id") + ' ' + cell(*run, "status") + '\n'; });
    return Exit::Done;
}

constexpr std::array kSearch = {std::pair{"--workflow", "workflow"},
                                std::pair{"--person", "person"},
                                std::pair{"--conversation", "conversation"},
                                std::pair{"--message", "message"},
                                std::pair{"--node", "node"},
                                std::pair{"--error", "error"},
                                std::pair{"--since", "since"},
                                std::pair{"--until", "until"}};

void addSearchOptions(std::vector<Option>& options) {
    options.push_back({"--person", "ID", "Started by a message of this person (per_…)"});
    options.push_back({"--conversation", "ID", "Started in this conversation (cnv_…)"});
    options.push_back({"--message", "ID", "Started by this message (msg_…)"});
    options.push_back({"--node", "NODE", "This node ran"});
    options.push_back({"--error", "TEXT", "Failed with this in code, message or node"});
    options.push_back({"--since", "TIME", "Started then or later (2026-11-21T07:00:00Z)"});
    options.push_back({"--until", "TIME", "Started before"});
}

std::vector<Option> retryOptions() {
    std::vector<Option> options = {
        {"id", "ID", "One run (run_…)"},
        {"--all", "", "All failed ones that the options take, each once"},
        {"--from", "WHERE", "failure keeps what was done", false, false, {"failure", "start"}},
        {"--workflow", "NAME", "With --all: only of this workflow"}};
    addSearchOptions(options);
    return options;
}

std::vector<Option> listOptions() {
    std::vector<Option> options = {
        {"--workflow", "NAME", "Only of this workflow"},
        {"--status",
         "STATUS",
         "Only in this state",
         false,
         false,
         {"running", "waiting", "succeeded", "failed", "cancelled", "quarantined"}}};
    addSearchOptions(options);
    addPageOptions(options);
    return options;
}

Result<Exit> retry(Session& session, const Values& values) {
    if (values.has("id") == values.has("--all")) return usageError("say which: an ID, or --all");
    if (values.has("id")) return act(session, values, "retry");
    Json body = {{"from", values.text("--from", "failure")}};
    for (const auto& [option, field] : kSearch) {
        if (values.has(option)) body[field] = values.text(option);
    }
    std::int64_t retried = 0, refused = 0;
    for (bool is_more = true; is_more;) {
        const auto outcome = session.api.post("/runs/retry", body);
        if (!outcome) return outcome.error();
        retried += numberAt(*outcome, "retried");
        refused += static_cast<std::int64_t>(memberAt(*outcome, "refused").size());
        is_more = flagAt(*outcome, "more") && numberAt(*outcome, "retried") > 0;
    }
    session.print(Json{{"retried", retried}, {"refused", refused}}, [&] {
        return std::to_string(retried) + " run once more" +
               (refused > 0 ? ", " + std::to_string(refused) + " cannot" : "") + '\n';
    });
    return refused > 0 ? Exit::Refused : Exit::Done;
}

Result<Exit> replay(Session& session, const Values& values) {
    Json body = {{"dry_run", !values.has("--send")}};
    if (values.has("--from-node")) body["from_node"] = values.text("--from-node");
    for (const auto& [option, field] : {std::pair{"--version", "version"}, std::pair{"--pins", "pins"}}) {
        if (!values.has(option)) continue;
        auto value = readJsonArgument(option, values.text(option));
        if (!value) return value.error();
        body[field] = *std::move(value);
    }
    const auto run = session.api.post("/runs" + segment(values.text("id")) + "/replay", body);
    if (!run) return run.error();
    session.print(*run, [&] { return cell(*run, "id") + ' ' + cell(*run, "status") + '\n'; });
    return Exit::Done;
}

}  // namespace

std::string describeRun(const Json& run) {
    Facts facts;
    facts.add("id", cell(run, "id"));
    facts.add("workflow", cell(run, "workflow") + " version " + cell(run, "version") +
                              (flagAt(run, "is_dry") ? " (dry run)" : ""));
    facts.add("status", cell(run, "status"));
    facts.add("error", failureText(memberAt(run, "error")));
    facts.add("trigger", triggerText(run));
    facts.add("started", timeCell(run, "started_at") + " UTC");
    facts.add("ended", timeCell(run, "ended_at"));
    for (const Json& wait : memberAt(run, "waiting")) {
        const std::string until = timeCell(wait, "until");
        facts.add("waits",
                  cell(wait, "node") + ": " + cell(wait, "kind") + (until.empty() ? "" : " until " + until));
    }
    for (const char* key : {"input", "result"}) {
        if (const Json& value = memberAt(run, key); !value.is_null()) facts.add(key, dumpJson(value));
    }
    std::string text = facts.render();
    if (!memberAt(run, "nodes").empty()) text += "nodes (UTC):\n";
    for (const Json& step : memberAt(run, "nodes")) text += stepText(step);
    return text;
}

Exit exitForRun(const Json& run) {
    const std::string status = textAt(run, "status");
    return status == "succeeded" || status == "running" || status == "waiting" ? Exit::Done : Exit::Refused;
}

std::vector<Command> runCommands() {
    const Option id{"id", "ID", "The run (run_…)", true};
    const std::vector<std::string> examples = {"signalbox runs --workflow answer --status failed"};
    return {
        {{"runs"}, "Runs of workflows, newest first", listOptions(), examples, list},
        {{"runs", "list"}, "Runs of workflows, newest first", listOptions(), examples, list},
        {{"runs", "show"},
         "A run with what each node did",
         {id},
         {"signalbox runs show run_0c3k9q2m4x7vf",
          "signalbox runs show run_0c3k9q2m4x7vf --json | jq .nodes"},
         show},
        {{"runs", "retry"},
         "Go on from the node that failed; with --all for every failed run",
         retryOptions(),
         {"signalbox runs retry run_0c3k9q2m4x7vf",
          "signalbox runs retry --all --workflow answer --since 2026-11-21T00:00:00Z"},
         retry},
        {{"runs", "replay"},
         "A past run's input on the current or another version, without sending",
         {id,
          {"--version", "N", "Not the current one"},
          {"--from-node", "NODE", "Only this node and what is behind it"},
          {"--pins", "JSON", "Outputs by node id to take instead of the past ones, or @FILE"},
          {"--send", "", "Really send what it sends"}},
         {"signalbox runs replay run_0c3k9q2m4x7vf",
          "signalbox runs replay run_0c3k9q2m4x7vf --from-node ask --pins '{\"fetch\": {\"status\": 200}}'"},
         replay},
        {{"runs", "cancel"},
         "End a run that is not over",
         {id},
         {"signalbox runs cancel run_0c3k9q2m4x7vf"},
         [](Session& session, const Values& values) { return act(session, values, "cancel"); }}};
}

}  // namespace signalbox::client
