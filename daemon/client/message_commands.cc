#include "daemon/client/command_groups.h"
#include "daemon/client/session.h"

namespace signalbox::client {
namespace {

std::string summaryOf(const Json& message) {
    std::string text = textAt(message, "text");
    const std::string type = textAt(message, "type");
    if (type != "text") text = '[' + type + (text.empty() ? "]" : "] " + text);
    return text;
}

Result<Exit> list(Session& session, const Values& values) {
    const auto limit = readLimit(values);
    if (!limit) return limit.error();
    const auto page = session.api.list("/messages",
                                       queryFrom(values, {{"--account", "account"},
                                                          {"--conversation", "conversation_id"},
                                                          {"--person", "person_id"},
                                                          {"--direction", "direction"},
                                                          {"--channel", "channel"},
                                                          {"--status", "status"},
                                                          {"--external-id", "external_id"},
                                                          {"--text", "q"},
                                                          {"--cursor", "cursor"}}),
                                       *limit);
    if (!page) return page.error();
    Table table({"TIME (UTC)", "ID", "ACCOUNT", "", "STATUS", "CONVERSATION", "TEXT"});
    for (const Json& message : memberAt(*page, "items")) {
        table.add({timeCell(message, "created_at"), cell(message, "id"), cell(message, "account"),
                   textAt(message, "direction") == "in" ? "←" : "→", cell(message, "status"),
                   cell(message, "conversation_id"), summaryOf(message)});
    }
    session.printList(*page, table, "no messages");
    return Exit::Done;
}

std::string describeHistory(const Json& message) {
    std::string out;
    for (const Json& word : memberAt(message, "history")) {
        out += "  " + timeCell(word, "at") + "  " + cell(word, "state");
        for (const char* key : {"recipient", "code", "text"}) {
            if (const std::string more = cell(word, key); !more.empty()) out += "  " + more;
        }
        out += '\n';
    }
    return out.empty() ? "" : "delivery (UTC):\n" + out;
}

std::string describe(const Json& message) {
    Facts facts;
    facts.add("id", cell(message, "id"));
    facts.add("time", timeCell(message, "created_at") + " UTC");
    facts.add("account", cell(message, "account") + " (" + cell(message, "channel") + ')');
    facts.add("direction", cell(message, "direction") + ", by " + cell(message, "author"));
    facts.add("status", cell(message, "status"));
    facts.add("error", failureText(memberAt(message, "error")));
    facts.add("conversation", cell(message, "conversation_id"));
    facts.add("person", cell(message, "person_id"));
    facts.add("external id", cell(message, "external_id"));
    facts.add("type", cell(message, "type"));
    facts.add("text", cell(message, "text"));
    if (const Json& content = memberAt(message, "content"); !content.empty())
        facts.add("content", dumpJson(content));
    for (const Json& file : memberAt(message, "attachments"))
        facts.add("attachment", cell(file, "kind") + ' ' + cell(file, "mime") + ' ' + cell(file, "filename") +
                                    " (" + cell(file, "state") + ')');
    for (const Json& reaction : memberAt(message, "reactions"))
        facts.add("reaction", cell(reaction, "emoji"));
    return facts.render() + describeHistory(message);
}

Result<Exit> show(Session& session, const Values& values) {
    const auto message = session.api.get("/messages" + segment(values.text("id")));
    if (!message) return message.error();
    session.print(*message, [&] { return describe(*message); });
    return Exit::Done;
}

std::vector<Option> listOptions() {
    std::vector<Option> options = {
        {"--account", "NAME", "Only of this account"},
        {"--conversation", "ID", "Only of this conversation (cnv_…)"},
        {"--person", "ID", "Only with this person (per_…)"},
        {"--direction", "WAY", "Only these", false, false, {"in", "out"}},
        {"--channel", "CHANNEL", "Only of this channel (whatsapp, sms …)"},
        {"--status", "STATUS", "Only in this state (queued, sent, delivered, read, failed, uncertain …)"},
        {"--external-id", "ID", "The one with this id of the provider"},
        {"--text", "TEXT", "Only those that contain this"}};
    addPageOptions(options);
    return options;
}

}  // namespace

std::vector<Command> messageCommands() {
    const std::vector<std::string> examples = {"signalbox messages --account wa --status failed",
                                               "signalbox messages list --text invoice --limit 500 --json"};
    return {{{"messages"}, "Messages, newest first", listOptions(), examples, list},
            {{"messages", "list"}, "Messages, newest first", listOptions(), examples, list},
            {{"messages", "show"},
             "A message with its files and the history of its delivery",
             {{"id", "ID", "The message (msg_…)", true}},
             {"signalbox messages show msg_0c3k9q2m4x7vd"},
             show},
            sendCommand()};
}

}  // namespace signalbox::client
