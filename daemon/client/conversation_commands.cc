#include "daemon/client/command_groups.h"
#include "daemon/client/session.h"

namespace signalbox::client {
namespace {

std::string pathOf(const Values& values, const std::string& what = "") {
    return "/conversations" + segment(values.text("id")) + what;
}

Result<Exit> list(Session& session, const Values& values) {
    const auto limit = readLimit(values);
    if (!limit) return limit.error();
    const auto page = session.api.list("/conversations",
                                       queryFrom(values, {{"--status", "status"},
                                                          {"--account", "account"},
                                                          {"--channel", "channel"},
                                                          {"--assignee", "assignee"},
                                                          {"--team", "team"},
                                                          {"--priority", "priority"},
                                                          {"--tag", "tag"},
                                                          {"--person", "person_id"},
                                                          {"--cursor", "cursor"}}),
                                       *limit);
    if (!page) return page.error();
    Table table(
        {"LAST (UTC)", "ID", "STATUS", "PRIORITY", "UNREAD", "CHANNEL", "WITH", "ASSIGNEE", "SUBJECT"});
    for (const Json& one : memberAt(*page, "items")) {
        table.add({timeCell(one, "last_message_at"), cell(one, "id"), cell(one, "status"),
                   cell(one, "priority"), cell(one, "unread_count"), cell(one, "channel"),
                   cell(one, "person_name"), cell(one, "assignee_id"), cell(one, "subject")});
    }
    session.printList(*page, table, "no conversations");
    return Exit::Done;
}

std::string factsOf(const Json& one) {
    Facts facts;
    for (const char* key :
         {"id", "status", "priority", "kind", "account", "channel", "person_name", "person_id", "subject",
          "assignee_id", "team_id", "unread_count", "message_count"})
        facts.add(key, cell(one, key));
    facts.add("last message", timeCell(one, "last_message_at") + " UTC");
    for (const Json& tag : memberAt(one, "tags")) facts.add("tag", tag.get<std::string>());
    return facts.render();
}

// The conversation and its newest messages, oldest of them first.
Result<Exit> show(Session& session, const Values& values) {
    const auto limit = readLimit(values);
    if (!limit) return limit.error();
    const auto one = session.api.get(pathOf(values));
    if (!one) return one.error();
    const auto page = session.api.list(pathOf(values, "/messages"), {}, *limit);
    if (!page) return page.error();
    Json whole = *one;
    whole["messages"] = memberAt(*page, "items");
    session.print(whole, [&] {
        Table table({"TIME (UTC)", "ID", "FROM", "STATUS", "TEXT"});
        const Json& items = whole["messages"];
        for (auto message = items.rbegin(); message != items.rend(); ++message) {
            const bool is_in = textAt(*message, "direction") == "in";
            table.add({timeCell(*message, "created_at"), cell(*message, "id"),
                       is_in ? cell(*one, "person_name") : cell(*message, "author"), cell(*message, "status"),
                       cell(*message, "text")});
        }
        return factsOf(*one) + '\n' + session.render(table);
    });
    return Exit::Done;
}

Result<Exit> answer(Session& session, const Result<Json>& conversation) {
    if (!conversation) return conversation.error();
    session.print(*conversation, [&] {
        return cell(*conversation, "id") + ' ' + cell(*conversation, "status") + ' ' +
               cell(*conversation, "assignee_id") + '\n';
    });
    return Exit::Done;
}

// «none» takes the assignment away.
Result<Exit> assign(Session& session, const Values& values) {
    Json body = Json::object();
    const auto set = [&](const char* option, const char* field) {
        if (values.has(option))
            body[field] = values.text(option) == "none" ? Json(nullptr) : Json(values.text(option));
    };
    set("--user", "user_id");
    set("--team", "team_id");
    if (values.has("--strategy")) body["strategy"] = values.text("--strategy");
    if (values.has("--note")) body["note"] = values.text("--note");
    if (!body.contains("user_id") && !body.contains("team_id") && !body.contains("strategy"))
        return usageError("give --user, --team or --strategy");
    return answer(session, session.api.post(pathOf(values, "/assign"), body));
}

Result<Exit> setStatus(Session& session, const Values& values) {
    Json body = {{"status", values.text("status")}};
    if (values.has("--until")) body["until"] = values.text("--until");
    return answer(session, session.api.post(pathOf(values, "/status"), body));
}

Result<Exit> note(Session& session, const Values& values) {
    const auto added = session.api.post(pathOf(values, "/notes"), {{"text", values.text("text")}});
    if (!added) return added.error();
    session.print(*added, [&] { return cell(*added, "id") + '\n'; });
    return Exit::Done;
}

Result<Exit> tag(Session& session, const Values& values) {
    Json body = Json::object();
    if (const auto tags = values.all("tags"); !tags.empty()) body["add"] = tags;
    if (const auto tags = values.all("--remove"); !tags.empty()) body["remove"] = tags;
    if (body.empty()) return usageError("give tags to add, or --remove");
    return answer(session, session.api.post(pathOf(values, "/tags"), body));
}

Result<Exit> reply(Session& session, const Values& values) {
    Json body = Json::object();
    if (values.has("text")) body["text"] = values.text("text");
    if (values.has("--template")) body["template_id"] = values.text("--template");
    if (body.empty()) return usageError("give a text or --template");
    const auto sent = session.api.post(pathOf(values, "/messages"), body);
    if (!sent) return sent.error();
    session.print(*sent, [&] { return cell(*sent, "id") + ' ' + cell(*sent, "status") + '\n'; });
    return Exit::Done;
}

const Option kConversation{"id", "ID", "The conversation (cnv_…)", true};
const std::vector<std::string> kStatuses = {"open", "pending", "resolved", "closed", "snoozed", "spam"};

std::vector<Option> listOptions() {
    std::vector<Option> options = {
        {"--status", "STATUS", "Only in this state", false, false, kStatuses},
        {"--account", "NAME", "Only of this account"},
        {"--channel", "CHANNEL", "Only of this channel (whatsapp, email …)"},
        {"--assignee", "USER", "Only of this user (usr_…), me or none"},
        {"--team", "TEAM", "Only of this team (tea_…) or none"},
        {"--priority", "PRIORITY", "Only as urgent as that", false, false, {"normal", "high", "urgent"}},
        {"--tag", "TAG", "Only with this tag"},
        {"--person", "ID", "Only with this person (per_…)"}};
    addPageOptions(options);
    return options;
}

}  // namespace

std::vector<Command> conversationCommands() {
    return {
        {{"conversations"},
         "Conversations, newest first",
         listOptions(),
         {"signalbox conversations --status open --assignee none"},
         list},
        {{"conversations", "list"},
         "Conversations, newest first",
         listOptions(),
         {"signalbox conversations list --assignee me"},
         list},
        {{"conversations", "show"},
         "A conversation and its newest messages",
         {kConversation, {"--limit", "N", "How many messages, 50 unless given"}},
         {"signalbox conversations show cnv_0c3k9q2m4x7va"},
         show},
        {{"conversations", "reply"},
         "Answer in a conversation",
         {kConversation, {"text", "TEXT", "What to say"}, {"--template", "ID", "A prepared text (tpl_…)"}},
         {"signalbox conversations reply cnv_0c3k9q2m4x7va 'It is on its way.'"},
         reply},
        {{"conversations", "assign"},
         "Say whose a conversation is",
         {kConversation,
          {"--user", "USER", "A user (usr_…), me or none"},
          {"--team", "TEAM", "A team (tea_…) or none"},
          {"--strategy", "HOW", "Let one of the team be picked", false, false, {"round_robin", "least_busy"}},
          {"--note", "TEXT", "What the next one should know"}},
         {"signalbox conversations assign cnv_0c3k9q2m4x7va --user me"},
         assign},
        {{"conversations", "status"},
         "Set a conversation's status",
         {kConversation,
          {"status", "STATUS", "The new one", true, false, kStatuses},
          {"--until", "TIME", "snoozed: when it comes back (2026-11-27T08:00:00Z)"}},
         {"signalbox conversations status cnv_0c3k9q2m4x7va resolved"},
         setStatus},
        {{"conversations", "note"},
         "Add an internal note",
         {kConversation, {"text", "TEXT", "The note; @name mentions somebody", true}},
         {"signalbox conversations note cnv_0c3k9q2m4x7va 'called back, wants a quote'"},
         note},
        {{"conversations", "tag"},
         "Add and remove tags",
         {kConversation,
          {"--remove", "TAG", "Take this one away", false, true},
          {"tags", "TAG", "Add this one", false, true}},
         {"signalbox conversations tag cnv_0c3k9q2m4x7va billing urgent"},
         tag}};
}

}  // namespace signalbox::client
