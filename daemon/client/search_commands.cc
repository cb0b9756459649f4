#include "daemon/client/command_groups.h"
#include "daemon/client/session.h"

namespace signalbox::client {
namespace {

// The hits between « and »: a terminal has no other way that also works in a file.
std::string shown(const Json& item) {
    std::string out;
    for (const Json& piece : memberAt(item, "highlight")) {
        const std::string text = textAt(piece, "text");
        out += flagAt(piece, "match") ? "«" + text + "»" : text;
    }
    return out;
}

Result<Exit> search(Session& session, const Values& values) {
    const auto limit = readLimit(values);
    if (!limit) return limit.error();
    const auto page = session.api.list("/search",
                                       queryFrom(values, {{"query", "q"},
                                                          {"--type", "type"},
                                                          {"--account", "account"},
                                                          {"--channel", "channel"},
                                                          {"--conversation", "conversation_id"},
                                                          {"--person", "person_id"},
                                                          {"--status", "status"},
                                                          {"--agent", "agent"},
                                                          {"--priority", "priority"},
                                                          {"--tag", "tag"},
                                                          {"--unread", "unread"},
                                                          {"--file-type", "file_type"},
                                                          {"--from", "from"},
                                                          {"--to", "to"},
                                                          {"--sort", "sort"},
                                                          {"--cursor", "cursor"}}),
                                       *limit);
    if (!page) return page.error();
    Table table({"TIME (UTC)", "TYPE", "ID", "WHERE", "FOUND"});
    for (const Json& item : memberAt(*page, "items")) {
        table.add({timeCell(item, "created_at"), cell(item, "type"), cell(item, "id"),
                   cell(item, "conversation_id"), shown(item)});
    }
    session.printList(*page, table, "nothing found");
    return Exit::Done;
}

}  // namespace

std::vector<Command> searchCommands() {
    std::vector<Option> options = {
        {"query", "WORDS", "Words, \"phrases\", -not, OR, beginnings*, field:value", false},
        {"--type", "TYPE", "Only these", false, false, {"message", "person", "file"}},
        {"--account", "NAME", "Only of this account"},
        {"--channel", "CHANNEL", "Only of this channel (whatsapp, sms …)"},
        {"--conversation", "ID", "Only of this conversation (cnv_…)"},
        {"--person", "ID", "Only with this person (per_…)"},
        {"--status", "STATUS", "Only of conversations in this state (open, resolved …)"},
        {"--agent", "USER", "Only of conversations of this user (usr_…), me or none"},
        {"--priority", "PRIORITY", "Only of such conversations", false, false, {"normal", "high", "urgent"}},
        {"--tag", "TAG", "Only with this tag, of the message or its conversation"},
        {"--unread", "BOOL", "Only what you have not read, or have", false, false, {"true", "false"}},
        {"--file-type",
         "TYPE",
         "Only with such files",
         false,
         false,
         {"image", "document", "audio", "video"}},
        {"--from", "TIME", "A date or an RFC 3339 time: not before"},
        {"--to", "TIME", "And before this one"},
        {"--sort", "ORDER", "Newest first unless given", false, false, {"newest", "best"}}};
    addPageOptions(options);
    return {{{"search"},
             "Find messages, people and files by their words",
             options,
             {"signalbox search 'late invoic* -paid'",
              "signalbox search '\"purchase order\"' --from 2026-11-01 --sort best"},
             search}};
}

}  // namespace signalbox::client
