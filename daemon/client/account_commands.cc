#include "daemon/client/command_groups.h"
#include "daemon/client/session.h"

namespace signalbox::client {
namespace {

Result<Exit> list(Session& session, const Values&) {
    const auto page = session.api.get("/accounts");
    if (!page) return page.error();
    Table table({"NAME", "TYPE", "CHANNEL", "STATE", "CALLBACKS", "REASON"});
    for (const Json& account : memberAt(*page, "items")) {
        table.add({cell(account, "name"), cell(account, "type"), cell(account, "channel"),
                   cell(account, "state"), cell(account, "hook_path"), cell(account, "state_reason")});
    }
    session.printList(*page, table, "no accounts are configured");
    return Exit::Done;
}

Result<Exit> check(Session& session, const Values& values) {
    const std::string name = values.text("name");
    const auto outcome = session.api.post("/accounts" + segment(name) + "/check");
    if (!outcome) return outcome.error();
    const bool is_good = flagAt(*outcome, "ok");
    session.print(*outcome, [&] {
        return name + (is_good ? ": the provider accepts it\n"
                               : ": " + failureText(memberAt(*outcome, "error")) + '\n');
    });
    return is_good ? Exit::Done : Exit::Refused;
}

Result<Exit> fetch(Session& session, const Values& values) {
    const std::string name = values.text("name");
    const auto account = session.api.post("/accounts" + segment(name) + "/fetch");
    if (!account) return account.error();
    session.print(*account, [&] { return name + ": " + cell(*account, "state") + '\n'; });
    return Exit::Done;
}

Result<Exit> resume(Session& session, const Values& values) {
    const std::string name = values.text("name");
    const auto account = session.api.post("/accounts" + segment(name) + "/resume");
    if (!account) return account.error();
    session.print(*account, [&] { return name + ": " + cell(*account, "state") + '\n'; });
    return Exit::Done;
}

Result<Exit> disable(Session& session, const Values& values) {
    const std::string name = values.text("name");
    const auto account =
        session.api.post("/accounts" + segment(name) + "/disable", {{"reason", values.text("--reason")}});
    if (!account) return account.error();
    session.print(*account, [&] { return name + ": " + cell(*account, "state") + '\n'; });
    return Exit::Done;
}

}  // namespace

std::vector<Command> accountCommands() {
    const Option name{"name", "NAME", "The account's name in the configuration", true};
    return {
        {{"accounts"}, "Accounts at providers and their states", {}, {"signalbox accounts"}, list},
        {{"accounts", "check"},
         "Ask the provider whether the account's credentials work (exit code 1: they do not)",
         {name},
         {"signalbox accounts check wa"},
         check},
        {{"accounts", "fetch"}, "Look for new mail now", {name}, {"signalbox accounts fetch sales"}, fetch},
        {{"accounts", "disable"},
         "Send and fetch nothing until it is resumed",
         {name, {"--reason", "WHY", "Shown to whoever looks at the account", false}},
         {"signalbox accounts disable sales --reason 'moves on Monday'"},
         disable},
        {{"accounts", "resume"},
         "The account was repaired or is wanted again: send what waits for it",
         {name},
         {"signalbox accounts resume wa"},
         resume}};
}

}  // namespace signalbox::client
