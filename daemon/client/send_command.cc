// `signalbox send`: one message from what the options say, a mail with its files or a text.
#include "daemon/client/command_groups.h"
#include "daemon/client/session.h"
#include "daemon/client/token_source.h"

namespace signalbox::client {
namespace {

using Fields = std::vector<std::pair<const char*, const char*>>;

const Fields& textFields() {
    static const Fields fields = {{"--account", "account"}, {"--conversation", "conversation_id"},
                                  {"--type", "type"},       {"--text", "text"},
                                  {"--subject", "subject"}, {"--reply-to", "reply_to"}};
    return fields;
}

Result<Json> structuredPart(const Values& values, Json body) {
    for (const char* name : {"--template", "--interactive", "--content"}) {
        if (!values.has(name)) continue;
        auto content = readJsonArgument(name, values.text(name));
        if (!content) return content.error();
        body[name + 2] = *std::move(content);
    }
    return body;
}

// What only mails have makes it one.
Result<Json> mailPart(const Values& values, Json body) {
    for (const auto& [option, field] : Fields{{"--cc", "cc"}, {"--bcc", "bcc"}})
        if (values.has(option)) body[field] = values.all(option);
    if (values.has("--html")) {
        auto html = readInput(values.text("--html"));
        if (!html) return html.error();
        body["html"] = *std::move(html);
    }
    for (const auto& [option, field] : Fields{{"--reply-all", "reply_all"}, {"--receipt", "request_receipt"}})
        if (values.has(option)) body[field] = true;
    const bool is_mail =
        body.contains("subject") || body.contains("html") || body.contains("cc") || body.contains("bcc");
    if (is_mail && !body.contains("type")) body["type"] = "email";
    return body;
}

// Last, for then all else is right.
Result<Json> withFiles(Session& session, const Values& values, Json body) {
    for (const std::string& url : values.all("--attachment"))
        body["attachments"].push_back({{url.starts_with("fil_") ? "file_id" : "url", url}});
    for (const std::string& file : values.all("--file")) {
        const auto uploaded = uploadFile(session, values, file);
        if (!uploaded) return uploaded.error();
        body["attachments"].push_back({{"file_id", textAt(*uploaded, "file_id")}});
    }
    return body;
}

// An answer needs no more than the message.
Status findConversation(Session& session, Json& body) {
    if (!body.contains("reply_to") || body.contains("account") || body.contains("conversation_id"))
        return Done{};
    const auto message = session.api.get("/messages" + segment(textAt(body, "reply_to")));
    if (!message) return withContext("--reply-to", message.error());
    body["conversation_id"] = textAt(*message, "conversation_id");
    return Done{};
}

// «subject: is missing» → the option that says it.
Error withOption(Error error) {
    for (const auto& [option, field] : textFields())
        if (error.message.starts_with(field + std::string(": is missing")))
            error.message += std::string("; give ") + option;
    return error;
}

Result<Exit> send(Session& session, const Values& values) {
    Json body = Json::object();
    for (const auto& [option, field] : textFields())
        if (values.has(option)) body[field] = values.text(option);
    const auto to = values.all("--to");
    if (to.size() == 1) body["to"] = to[0];
    if (to.size() > 1) body["to"] = to;
    if (auto found = findConversation(session, body); !found) return found.error();
    const bool has_address = body.contains("account") && body.contains("to");
    if (!has_address && !body.contains("conversation_id"))
        return usageError("say whom to reach: --account and --to, or --conversation, or --reply-to");
    if (body.contains("account") && body.contains("conversation_id"))
        return usageError("say whom to reach: --account and --to, or --conversation; not both");
    auto complete = structuredPart(values, std::move(body));
    if (complete) complete = mailPart(values, *std::move(complete));
    if (complete) complete = withFiles(session, values, *std::move(complete));
    if (!complete) return complete.error();
    const auto message = session.api.post("/messages", *complete, values.text("--key"));
    if (!message) return withOption(message.error());
    session.print(*message, [&] {
        return cell(*message, "id") + ' ' + cell(*message, "status") + " in " +
               cell(*message, "conversation_id") + '\n';
    });
    return Exit::Done;
}

}  // namespace

Command sendCommand() {
    return {
        {"send"},
        "Send a message; it leaves in the order of its conversation",
        {{"--account", "NAME", "Which account sends"},
         {"--to", "WHOM", "Phone number with + and country, or an address; mails: several times", false,
          true},
         {"--conversation", "ID", "Instead of --account and --to: where to answer (cnv_…)"},
         {"--reply-to", "MESSAGE", "The message that is answered (msg_…); alone, in its conversation"},
         {"--reply-all", "", "Mail: also to the others whom the answered mail went to"},
         {"--text", "TEXT", "What to say; the caption of a file"},
         {"--subject", "TEXT", "Mail: what it is about; an answer has one"},
         {"--html", "FILE", "Mail: its HTML (- is standard input)"},
         {"--cc", "ADDRESS", "Mail: a copy to; may be given several times", false, true},
         {"--bcc", "ADDRESS", "Mail: a copy that nobody is told of; may be given several times", false, true},
         {"--receipt", "", "Mail: ask to be told when it was read"},
         {"--file", "FILE", "A file from here; may be given several times", false, true},
         {"--attachment", "URL", "A file that the provider fetches, or fil_…; may be given several times",
          false, true},
         {"--type", "TYPE",
          "text, image, document, template, email … (from the other options when left out)"},
         {"--template", "JSON", "{\"name\", \"language\", \"components\"} of an approved template, or @FILE"},
         {"--interactive", "JSON", "Buttons or a list as the channel takes them, or @FILE"},
         {"--content", "JSON", "The structured part of --type, or @FILE"},
         {"--key", "KEY", "Idempotency key: the same twice is one message"}},
        {"signalbox send --account wa --to +4915112345678 --text \"Your table is ready\"",
         "signalbox send --account sales --to ada@example.org --subject Offer --text \"See the file.\" "
         "--file "
         "offer.pdf",
         "signalbox send --reply-to msg_0c3k9q2m4x7vd --reply-all --text \"It is 90 euros.\"",
         "signalbox send --account wa --to +4915112345678 --template '{\"name\": \"order_ready\", "
         "\"language\": \"de\"}'",
         "signalbox send --account wa --to +4915112345678 --type document --attachment "
         "https://example.org/a.pdf"},
        send};
}

}  // namespace signalbox::client
