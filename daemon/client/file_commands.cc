#include "daemon/client/command_groups.h"
#include "daemon/client/session.h"

namespace signalbox::client {
namespace {

Result<Exit> list(Session& session, const Values& values) {
    const auto limit = readLimit(values);
    if (!limit) return limit.error();
    const auto page = session.api.list("/files",
                                       queryFrom(values, {{"--project", "project"},
                                                          {"--kind", "kind"},
                                                          {"--tag", "tag"},
                                                          {"--name", "name"},
                                                          {"--cursor", "cursor"}}),
                                       *limit);
    if (!page) return page.error();
    Table table({"TIME (UTC)", "ID", "V", "SIZE", "TYPE", "ACCESS", "SCAN", "PROJECT", "NAME"});
    for (const Json& file : memberAt(*page, "items")) {
        table.add({timeCell(file, "created_at"), cell(file, "id"), cell(file, "version"), cell(file, "size"),
                   cell(file, "mime"), cell(file, "access"), cell(file, "scan"), cell(file, "project"),
                   cell(file, "name")});
    }
    session.printList(*page, table, "no files");
    return Exit::Done;
}

Result<Exit> show(Session& session, const Values& values) {
    const auto file = session.api.get("/files" + segment(values.text("id")));
    if (!file) return file.error();
    session.print(*file, [&] {
        Facts facts;
        for (const char* key : {"id", "name", "mime", "size", "version", "series_id", "access", "project",
                                "scan", "owner", "sha256"})
            facts.add(key, cell(*file, key));
        facts.add("time", timeCell(*file, "created_at") + " UTC");
        for (const Json& tag : memberAt(*file, "tags")) facts.add("tag", tag.get<std::string>());
        return facts.render();
    });
    return Exit::Done;
}

Result<Exit> link(Session& session, const Values& values) {
    Json body = Json::object();
    if (values.has("--expires-in-s")) {
        const std::string text = values.text("--expires-in-s");
        if (text.empty() || text.size() > 9 || text.find_first_not_of("0123456789") != std::string::npos)
            return usageError("--expires-in-s: a number of seconds, 0 for no end");
        body["expires_in_s"] = std::stoll(text);
    }
    const auto made = session.api.post("/files" + segment(values.text("id")) + "/links", body, "");
    if (!made) return made.error();
    session.print(*made, [&] { return cell(*made, "url") + '\n'; });
    return Exit::Done;
}

std::vector<Option> listOptions() {
    std::vector<Option> options = {
        {"--project", "NAME", "Only of this project"},
        {"--kind", "KIND", "Only these", false, false, {"image", "video", "audio", "document"}},
        {"--tag", "TAG", "Only with this tag"},
        {"--name", "NAME", "Only of this name"}};
    addPageOptions(options);
    return options;
}

}  // namespace

std::vector<Command> fileCommands() {
    return {{{"files"},
             "Uploaded files, newest first",
             listOptions(),
             {"signalbox files --project roof-17"},
             list},
            {{"files", "list"},
             "Uploaded files, newest first",
             listOptions(),
             {"signalbox files list --kind image"},
             list},
            {{"files", "show"},
             "What is known of a file",
             {{"id", "ID", "The file (fil_…)", true}},
             {"signalbox files show fil_0c3k9q2m4x7vd"},
             show},
            {{"files", "link"},
             "A link for those without an account; it is shown once",
             {{"id", "ID", "The file (fil_…)", true},
              {"--expires-in-s", "SECONDS", "An hour unless given; 0: no end"}},
             {"signalbox files link fil_0c3k9q2m4x7vd --expires-in-s 86400"},
             link}};
}

}  // namespace signalbox::client
