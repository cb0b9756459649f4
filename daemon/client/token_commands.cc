#include "daemon/client/command_groups.h"
#include "daemon/client/session.h"

namespace signalbox::client {
namespace {

Result<Exit> create(Session& session, const Values& values) {
    Json body = {{"name", values.text("--name", "cli")},
                 {"role", values.text("--role")},
                 {"scopes", values.all("--scope")}};
    if (values.has("--expires-at")) body["expires_at"] = values.text("--expires-at");
    const auto token = session.api.postOnce("/tokens", body);
    if (!token) return token.error();
    session.print(*token, [&] { return cell(*token, "token") + '\n'; });
    session.note("keep it now: it is not shown again (" + cell(*token, "id") + ")");
    return Exit::Done;
}

Result<Exit> list(Session& session, const Values&) {
    const auto page = session.api.get("/tokens");
    if (!page) return page.error();
    Table table({"ID", "NAME", "ROLE", "SCOPES", "CREATED (UTC)", "EXPIRES (UTC)"});
    for (const Json& token : memberAt(*page, "items")) {
        std::string scopes;
        for (const Json& scope : memberAt(token, "scopes"))
            if (scope.is_string()) scopes += (scopes.empty() ? "" : " ") + scope.get<std::string>();
        table.add({cell(token, "id"), cell(token, "name"), cell(token, "role"), scopes,
                   timeCell(token, "created_at"), timeCell(token, "expires_at")});
    }
    session.printList(*page, table, "no tokens");
    return Exit::Done;
}

Result<Exit> revoke(Session& session, const Values& values) {
    const std::string id = values.text("id");
    const auto done = session.api.remove("/tokens" + segment(id));
    if (!done) return done.error();
    session.print(Json{{"id", id}, {"revoked", true}}, [&] { return id + ": revoked\n"; });
    return Exit::Done;
}

}  // namespace

std::vector<Command> tokenCommands() {
    return {
        {{"token", "create"},
         "Make an API token; it is printed alone on a line, once",
         {{"--role", "ROLE", "What it may do", true, false, {"viewer", "agent", "admin"}},
          {"--name", "NAME", "What it is for"},
          {"--scope", "RIGHT", "Only this right (messages:send …); may be given several times", false, true},
          {"--expires-at", "TIME", "When it ends (2027-11-21T00:00:00Z); left out: never"}},
         {"signalbox token create --role viewer --name dashboard",
          "signalbox token create --role agent --name shop --scope messages:send > shop.token"},
         create},
        {{"token", "list"}, "API tokens, never the token itself", {}, {"signalbox token list"}, list},
        {{"token", "revoke"},
         "Revoke a token",
         {{"id", "ID", "The token's id (tok_…)", true}},
         {"signalbox token revoke tok_0c3k9q2m4x7v1"},
         revoke}};
}

}  // namespace signalbox::client
