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

Result<Json> contentOf(const Values& values, Json body) {
    for (const char* name : {"--template", "--interactive", "--content"}) {
        if (!values.has(name)) continue;
        auto content = readJsonArgument(name, values.text(name));
        if (!content) return content.error();
        body[name + 2] = *std::move(content);
    }
    for (const std::string& url : values.all("--attachment"))
        body["attachments"].push_back({{url.starts_with("fil_") ? "file_id" : "url", url}});
    return body;
}

Result<Exit> send(Session& session, const Values& values) {
    Json body = Json::object();
    for (const auto& [option, field] : {std::pair{"--account", "account"},
                                        {"--to", "to"},
                                        {"--conversation", "conversation_id"},
                                        {"--type", "type"},
                                        {"--text", "text"},
                                        {"--reply-to", "reply_to"}}) {
        if (values.has(option)) body[field] = values.text(option);
    }
    const bool has_address = body.contains("account") && body.contains("to");
    if (has_address == body.contains("conversation_id"))
        return usageError("say whom to reach: --account and --to, or --conversation");
    const auto complete = contentOf(values, std::move(body));
    if (!complete) return complete.error();
    const auto message = session.api.post("/messages", *complete, values.text("--key"));
    if (!message) return message.error();
    session.print(*message, [&] {
        return cell(*message, "id") + ' ' + cell(*message, "status") + " in " +
               cell(*message, "conversation_id") + '\n';
    });
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
            {{"send"},
             "Send a message; it leaves in the order of its conversation",
             {{"--account", "NAME", "Which account sends"},
              {"--to", "WHOM", "Phone number with + and country, or an address"},
              {"--conversation", "ID", "Instead of --account and --to: where to answer (cnv_…)"},
              {"--text", "TEXT", "What to say; the caption of a file"},
              {"--type", "TYPE",
               "text, image, document, template, interactive … (from the other options when left out)"},
              {"--template", "JSON",
               "{\"name\", \"language\", \"components\"} of an approved template, or @FILE"},
              {"--interactive", "JSON", "Buttons or a list as the channel takes them, or @FILE"},
              {"--content", "JSON", "The structured part of --type, or @FILE"},
              {"--attachment", "URL", "A file that the provider fetches; may be given several times", false,
               true},
              {"--reply-to", "ID", "The message that is answered (msg_…)"},
              {"--key", "KEY", "Idempotency key: the same twice is one message"}},
             {"signalbox send --account wa --to +4915112345678 --text \"Your table is ready\"",
              "signalbox send --conversation cnv_0c3k9q2m4x7va --text \"It is 90 euros.\"",
              "signalbox send --account wa --to +4915112345678 --template '{\"name\": \"order_ready\", "
              "\"language\": \"de\"}'",
              "signalbox send --account wa --to +4915112345678 --type document --attachment "
              "https://example.org/a.pdf"},
             send}};
}

}  // namespace signalbox::client
