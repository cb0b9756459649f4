#include <fcntl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <filesystem>
#include <iostream>

#include "daemon/client/command_groups.h"
#include "daemon/client/session.h"
#include "daemon/client/token_source.h"

namespace signalbox::client {
namespace {

// A line of standard input; a terminal does not show it.
Secret readPassword(Session& session) {
    termios shown{};
    const bool is_terminal = tcgetattr(STDIN_FILENO, &shown) == 0;
    if (is_terminal) {
        session.note("password:");
        termios hidden = shown;
        hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        tcsetattr(STDIN_FILENO, TCSANOW, &hidden);
    }
    std::string line;
    std::getline(std::cin, line);
    if (is_terminal) tcsetattr(STDIN_FILENO, TCSANOW, &shown);
    return Secret(std::move(line));
}

Status saveToken(const std::string& token) {
    const auto file = ownTokenFile();
    if (!file) return usageError("--save: neither XDG_CONFIG_HOME nor HOME says where");
    std::error_code failure;
    std::filesystem::create_directories(file->parent_path(), failure);
    const int opened = ::open(file->c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const std::string line = token + '\n';
    const bool is_written = opened >= 0 && ::fchmod(opened, 0600) == 0 &&
                            ::write(opened, line.data(), line.size()) == static_cast<ssize_t>(line.size());
    if (opened >= 0) ::close(opened);
    return is_written ? Status(Done{}) : usageError("--save: " + file->string() + " cannot be written");
}

Result<Exit> login(Session& session, const Values& values) {
    Json body = {{"org", values.text("--org")}, {"email", values.text("--email")}};
    if (values.has("--totp")) body["totp"] = values.text("--totp");
    body["password"] = readPassword(session).reveal();
    const auto answer = session.api.postOnce("/sessions", body);
    if (!answer) return answer.error();
    const std::string token = cell(*answer, "token");
    if (!values.has("--save")) {
        session.print(*answer, [&] { return token + '\n'; });
        session.note("the session's token; it ends " + cell(*answer, "ends_at"));
        return Exit::Done;
    }
    if (auto saved = saveToken(token); !saved) return saved.error();
    session.note("signed in; the token is kept in " + ownTokenFile()->string());
    return Exit::Done;
}

Result<Exit> logout(Session& session, const Values&) {
    const auto done = session.api.remove("/sessions/current");
    if (!done) return done.error();
    session.print(Json{{"signed_out", true}}, [] { return std::string("signed out\n"); });
    return Exit::Done;
}

Result<Exit> whoami(Session& session, const Values&) {
    const auto me = session.api.get("/me");
    if (!me) return me.error();
    const Json& user = memberAt(*me, "user");
    const std::string who = user.is_object() ? cell(user, "email") : "an API token";
    session.print(*me, [&] {
        return who + " of " + textAt(memberAt(*me, "organization"), "name") + ", role " + cell(*me, "role") +
               '\n';
    });
    return Exit::Done;
}

Result<Exit> listUsers(Session& session, const Values&) {
    const auto page = session.api.get("/users");
    if (!page) return page.error();
    Table table({"ID", "E-MAIL", "NAME", "ROLE", "STATE", "PERSON"});
    for (const Json& user : memberAt(*page, "items"))
        table.add({cell(user, "id"), cell(user, "email"), cell(user, "name"), cell(user, "role"),
                   cell(user, "state"), cell(user, "person_id")});
    session.printList(*page, table, "no users");
    return Exit::Done;
}

Json newUser(const Values& values) {
    Json body = {
        {"email", values.text("--email")}, {"role", values.text("--role")}, {"name", values.text("--name")}};
    if (values.has("--person")) body["person_id"] = values.text("--person");
    return body;
}

Result<Exit> createUser(Session& session, const Values& values) {
    Json body = newUser(values);
    body["password"] = readPassword(session).reveal();
    const auto user = session.api.postOnce("/users", body);
    if (!user) return user.error();
    session.print(*user, [&] { return cell(*user, "id") + '\n'; });
    return Exit::Done;
}

Result<Exit> invite(Session& session, const Values& values) {
    const auto invitation = session.api.postOnce("/invitations", newUser(values));
    if (!invitation) return invitation.error();
    session.print(*invitation, [&] { return cell(*invitation, "token") + '\n'; });
    session.note("good until " + cell(*invitation, "ends_at") +
                 "; taken with POST /api/v1/invitations/accept");
    return Exit::Done;
}

Result<Exit> listAudit(Session& session, const Values& values) {
    const auto limit = readLimit(values);
    if (!limit) return limit.error();
    const auto page = session.api.list(
        "/audit",
        queryFrom(
            values,
            {{"--user", "user_id"}, {"--action", "action"}, {"--object", "object"}, {"--cursor", "cursor"}}),
        *limit);
    if (!page) return page.error();
    Table table({"SEQ", "TIME (UTC)", "WHO", "ACTION", "OBJECT", "STATUS", "FROM"});
    for (const Json& row : memberAt(*page, "items")) {
        const std::string user = cell(row, "user_id");
        table.add({cell(row, "seq"), timeCell(row, "at"), user.empty() ? cell(row, "token_id") : user,
                   cell(row, "action"), cell(row, "object"), cell(row, "status"), cell(row, "address")});
    }
    session.printList(*page, table, "nothing was noted yet");
    return Exit::Done;
}

Result<Exit> verifyAudit(Session& session, const Values&) {
    const auto check = session.api.get("/audit/verify");
    if (!check) return check.error();
    const bool is_whole = flagAt(*check, "ok");
    session.print(*check, [&] {
        if (is_whole) return "whole: " + cell(*check, "rows") + " rows\n";
        return "broken at row " + cell(*check, "broken_at") + ": " + cell(*check, "fault") + '\n';
    });
    return is_whole ? Exit::Done : Exit::Refused;
}

Result<Exit> rotateVault(Session& session, const Values&) {
    const auto rotated = session.api.postOnce("/vault/rotate", nullptr);
    if (!rotated) return rotated.error();
    session.print(*rotated, [&] {
        return "key " + cell(*rotated, "key") + ": " + cell(*rotated, "values") + " values sealed anew\n";
    });
    return Exit::Done;
}

const std::vector<Option> kNewUser = {
    {"--email", "ADDRESS", "How the user signs in", true},
    {"--role", "ROLE", "admin, agent, crew, subcontractor, customer, viewer …", true},
    {"--name", "NAME", "The user's name"},
    {"--person", "ID", "Whom a customer is in the inbox (per_…)"}};

std::vector<Command> auditCommands() {
    std::vector<Option> filters = {{"--user", "ID", "Of this user (usr_…)"},
                                   {"--action", "TEXT", "Contained in the action: GET, messages …"},
                                   {"--object", "ID", "What was read or changed (msg_…, cnv_… …)"}};
    addPageOptions(filters);
    return {{{"audit"},
             "Who did and who read what, newest first",
             filters,
             {"signalbox audit --object msg_0c3k9q2m4x7vd"},
             listAudit},
            {{"audit", "list"}, "The same", filters, {"signalbox audit list --action DELETE"}, listAudit},
            {{"audit", "verify"},
             "Whether the audit log is whole; exit code 1 when it is not",
             {},
             {"signalbox audit verify"},
             verifyAudit}};
}

}  // namespace

std::vector<Command> accessCommands() {
    std::vector<Command> commands = {
        {{"login"},
         "Sign in; the password is read from standard input, the session's token is printed",
         {{"--org", "NAME", "The organization", true},
          {"--email", "ADDRESS", "Who signs in", true},
          {"--totp", "CODE", "The second factor, when there is one"},
          {"--save", "", "Keep the token for the next commands instead of printing it"}},
         {"signalbox login --org Demo --email agent@demo.example --save"},
         login},
        {{"logout"}, "End the session of the token", {}, {"signalbox logout"}, logout},
        {{"whoami"}, "Whose token it is, and its role", {}, {"signalbox whoami"}, whoami},
        {{"users"}, "The users of the organization", {}, {"signalbox users"}, listUsers},
        {{"users", "list"}, "The same", {}, {"signalbox users list"}, listUsers},
        {{"users", "create"},
         "Make a user; the password is read from standard input",
         kNewUser,
         {"signalbox users create --email bo@house.example --role crew < password"},
         createUser},
        {{"users", "invite"},
         "Invite someone; the token for the link is printed alone on a line, once",
         kNewUser,
         {"signalbox users invite --email bo@house.example --role agent"},
         invite},
        {{"vault", "rotate"},
         "Seal all stored credentials with a new key",
         {},
         {"signalbox vault rotate"},
         rotateVault}};
    for (Command& command : auditCommands()) commands.push_back(std::move(command));
    return commands;
}

}  // namespace signalbox::client
