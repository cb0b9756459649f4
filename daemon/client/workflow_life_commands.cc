// Versions of a workflow, and what becomes of it.
#include "daemon/client/command_groups.h"
#include "daemon/client/token_source.h"
#include "daemon/client/workflow_sync.h"

namespace signalbox::client {
namespace {

std::string pathOf(const Values& values, const char* rest = "") {
    return "/workflows" + segment(values.text("name")) + rest;
}

Result<Exit> versions(Session& session, const Values& values) {
    const auto limit = readLimit(values);
    if (!limit) return limit.error();
    const auto page =
        session.api.list(pathOf(values, "/versions"), queryFrom(values, {{"--cursor", "cursor"}}), *limit);
    if (!page) return page.error();
    Table table({"VERSION", "PUBLISHED (UTC)", "BY", "SHA-256"});
    for (const Json& one : memberAt(*page, "items")) {
        table.add({cell(one, "version") + (flagAt(one, "is_current") ? " (runs)" : ""),
                   timeCell(one, "published_at"), cell(one, "published_by"),
                   textAt(one, "sha256").substr(0, 12)});
    }
    session.printList(*page, table, "never published");
    return Exit::Done;
}

Result<Exit> history(Session& session, const Values& values) {
    const auto limit = readLimit(values);
    if (!limit) return limit.error();
    const auto page =
        session.api.list(pathOf(values, "/history"), queryFrom(values, {{"--cursor", "cursor"}}), *limit);
    if (!page) return page.error();
    Table table({"AT (UTC)", "WHAT", "VERSION", "BY", "DETAIL"});
    for (const Json& one : memberAt(*page, "items"))
        table.add({timeCell(one, "at"), cell(one, "action"), cell(one, "version"), cell(one, "by"),
                   cell(one, "detail")});
    session.printList(*page, table, "nothing happened yet");
    return Exit::Done;
}

Result<Exit> rollback(Session& session, const Values& values) {
    const auto version = parseJson(values.text("version"));
    if (!version || !version->is_number_unsigned())
        return usageError("VERSION: a number of `workflow versions`");
    const auto done = session.api.post(pathOf(values, "/rollback"), {{"version", *version}});
    if (!done) return done.error();
    session.print(*done, [&] {
        return findingsText(session, memberAt(*done, "findings")) + values.text("name") + ": version " +
               cell(*done, "version") + " runs from now on, with the graph of version " +
               values.text("version") + '\n';
    });
    return Exit::Done;
}

Result<Exit> unpublish(Session& session, const Values& values) {
    const auto done = session.api.post(pathOf(values, "/unpublish"));
    if (!done) return done.error();
    session.print(*done, [&] { return values.text("name") + ": starts no more runs\n"; });
    return Exit::Done;
}

Result<Exit> rename(Session& session, const Values& values) {
    const auto done = session.api.post(pathOf(values, "/rename"), {{"name", values.text("new")}});
    if (!done) return done.error();
    session.print(*done, [&] { return values.text("name") + ": is " + cell(*done, "name") + " now\n"; });
    return Exit::Done;
}

Result<Exit> remove(Session& session, const Values& values) {
    const auto done = session.api.remove(pathOf(values));
    if (!done) return done.error();
    session.note(values.text("name") + ": removed");
    return Exit::Done;
}

Result<Exit> exportOne(Session& session, const Values& values) {
    const auto text = session.api.getRaw(pathOf(values, "/export") + "?" +
                                         formEncode({{"version", values.text("--version", "draft")}}));
    if (!text) return text.error();
    session.out() << *text << '\n';
    return Exit::Done;
}

Result<Exit> importOne(Session& session, const Values& values) {
    const auto text = readInput(values.text("file"));
    if (!text) return text.error();
    auto document = nlohmann::ordered_json::parse(*text, nullptr, false);
    if (!document.is_object()) return usageError(values.text("file") + ": is no export of a workflow");
    if (values.has("--name")) document["name"] = values.text("--name");
    if (values.has("--replace")) document["replace"] = true;
    for (const std::string& pair : values.all("--account")) {
        const auto sign = pair.find('=');
        if (sign == std::string::npos) return usageError("--account: THERE=HERE");
        document["account_map"][pair.substr(0, sign)] = pair.substr(sign + 1);
    }
    const auto done = session.api.postRaw("/workflows", document.dump());
    if (!done) return done.error();
    session.print(*done, [&] {
        return findingsText(session, memberAt(*done, "findings")) + cell(*done, "name") + ": draft stored\n";
    });
    return Exit::Done;
}

}  // namespace

std::vector<Command> workflowLifeCommands() {
    const Option name{"name", "NAME", "The workflow's name", true};
    std::vector<Option> paged{name};
    addPageOptions(paged);
    return {{{"workflow", "versions"},
             "Published versions, newest first",
             paged,
             {"signalbox workflow versions answer"},
             versions},
            {{"workflow", "history"},
             "Who published, renamed … it and when",
             paged,
             {"signalbox workflow history answer"},
             history},
            {{"workflow", "rollback"},
             "Run the graph of an older version again, as a new version",
             {name, {"version", "VERSION", "Its number", true}},
             {"signalbox workflow rollback answer 3"},
             rollback},
            {{"workflow", "unpublish"},
             "Start no more runs",
             {name},
             {"signalbox workflow unpublish answer"},
             unpublish},
            {{"workflow", "rename"},
             "Give it another name",
             {name, {"new", "NEW", "The new name", true}},
             {"signalbox workflow rename answer answer-guests"},
             rename},
            {{"workflow", "delete"},
             "Remove one that is not published and has no runs in progress",
             {name},
             {"signalbox workflow delete answer"},
             remove},
            {{"workflow", "export"},
             "To take elsewhere: graph, scripts and the names of accounts",
             {name, {"--version", "VERSION", "A number, draft or published; draft unless given"}},
             {"signalbox workflow export answer --version published"},
             exportOne},
            {{"workflow", "import"},
             "Store what `workflow export` gave as a draft",
             {{"file", "FILE", "The export; - is standard input", true},
              {"--name", "NAME", "Another name"},
              {"--account", "THERE=HERE", "What an account is called here", false, true},
              {"--replace", "", "Over the draft of a workflow of that name"}},
             {"signalbox workflow import answer.export.json --account wa=whatsapp_main"},
             importOne}};
}

}  // namespace signalbox::client
