#include "daemon/client/command_groups.h"
#include "daemon/client/session.h"

namespace signalbox::client {
namespace {

Result<Exit> list(Session& session, const Values& values) {
    const auto limit = readLimit(values);
    if (!limit) return limit.error();
    const auto page = session.api.list(
        "/dead-letters",
        queryFrom(values, {{"--account", "account"}, {"--state", "state"}, {"--cursor", "cursor"}}), *limit);
    if (!page) return page.error();
    Table table({"CHANGED (UTC)", "ID", "ACCOUNT", "KIND", "STATE", "TRIES", "MESSAGE", "ERROR"});
    for (const Json& letter : memberAt(*page, "items")) {
        table.add({timeCell(letter, "changed_at"), cell(letter, "id"), cell(letter, "account"),
                   cell(letter, "kind"), cell(letter, "state"), cell(letter, "attempts"),
                   cell(letter, "message_id"), failureText(memberAt(letter, "error"))});
    }
    session.printList(*page, table, "no dead letters");
    return Exit::Done;
}

Result<Exit> act(Session& session, const std::string& id, const char* verb) {
    const auto letter = session.api.post("/dead-letters" + segment(id) + '/' + verb);
    if (!letter) return letter.error();
    session.print(*letter, [&] { return cell(*letter, "id") + ' ' + cell(*letter, "state") + '\n'; });
    return Exit::Done;
}

Result<Exit> retry(Session& session, const Values& values) {
    if (values.has("id") == values.has("--all")) return usageError("say which: an ID, or --all");
    if (values.has("id")) return act(session, values.text("id"), "retry");
    Json body = Json::object();
    if (values.has("--account")) body["account"] = values.text("--account");
    std::int64_t retried = 0;
    for (bool is_more = true; is_more;) {
        const auto outcome = session.api.post("/dead-letters/retry", body);
        if (!outcome) return outcome.error();
        retried += numberAt(*outcome, "retried");
        is_more = flagAt(*outcome, "more") && numberAt(*outcome, "retried") > 0;
    }
    session.print(Json{{"retried", retried}},
                  [&] { return std::to_string(retried) + " are sent once more\n"; });
    return Exit::Done;
}

std::vector<Option> listOptions() {
    std::vector<Option> options = {{"--account", "NAME", "Only of this account"},
                                   {"--state",
                                    "STATE",
                                    "Which state; dead unless given",
                                    false,
                                    false,
                                    {"dead", "uncertain", "blocked"}}};
    addPageOptions(options);
    return options;
}

}  // namespace

std::vector<Command> deadLetterCommands() {
    const std::string summary = "What could not be sent, or may not have been sent";
    return {
        {{"dead-letters"}, summary, listOptions(), {"signalbox dead-letters"}, list},
        {{"dead-letters", "list"},
         summary,
         listOptions(),
         {"signalbox dead-letters list --state uncertain"},
         list},
        {{"dead-letters", "retry"},
         "Send once more; an uncertain one may then arrive twice",
         {{"id", "ID", "One letter (out_…)"},
          {"--all", "", "All dead ones; uncertain ones are left for a person"},
          {"--account", "NAME", "With --all: only those of this account"}},
         {"signalbox dead-letters retry out_0c3k9q2m4x7v6",
          "signalbox dead-letters retry --all --account wa"},
         retry},
        {{"dead-letters", "discard"},
         "Give one up for good",
         {{"id", "ID", "The letter (out_…)", true}},
         {"signalbox dead-letters discard out_0c3k9q2m4x7v6"},
         [](Session& session, const Values& values) { return act(session, values.text("id"), "discard"); }}};
}

}  // namespace signalbox::client
