#include <filesystem>
#include <fstream>

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

constexpr std::size_t kPiece = 4 * 1024 * 1024;

// Begun now, or what --resume names.
Result<Json> beginUpload(Session& session, const Values& values, const std::filesystem::path& file,
                         std::int64_t size) {
    if (values.has("--resume")) {
        auto upload = session.api.get("/uploads" + segment(values.text("--resume")));
        if (upload && numberAt(*upload, "size") != size)
            return usageError("--resume: that upload is of a file of another size");
        return upload;
    }
    Json body = {{"name", file.filename().string()}, {"size", size}};
    for (const char* field : {"access", "project", "tags"})
        if (const std::string option = std::string("--") + field; values.has(option))
            body[field] = values.text(option);
    return session.api.post("/uploads", body);
}

Result<Exit> upload(Session& session, const Values& values) {
    const auto done = uploadFile(session, values, values.text("file"));
    if (!done) return done.error();
    session.print(*done, [&] { return cell(*done, "file_id") + '\n'; });
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

Result<Json> uploadFile(Session& session, const Values& values, const std::string& name) {
    const std::filesystem::path file = name;
    std::error_code failure;
    const auto size = std::filesystem::file_size(file, failure);
    std::ifstream in(file, std::ios::binary);
    if (failure || !in) return usageError(file.string() + ": cannot be read");
    auto upload = beginUpload(session, values, file, static_cast<std::int64_t>(size));
    if (!upload) return upload.error();
    const std::string id = textAt(*upload, "id");
    Json done = memberAt(*upload, "file_id").is_null() ? Json() : *upload;
    for (std::int64_t at = numberAt(*upload, "offset"); done.is_null();) {
        std::string piece(std::min<std::size_t>(kPiece, size - static_cast<std::size_t>(at)), '\0');
        in.seekg(at);
        if (!in.read(piece.data(), static_cast<std::streamsize>(piece.size())))
            return usageError(file.string() + ": became shorter meanwhile");
        const std::int64_t from = at;
        at += static_cast<std::int64_t>(piece.size());
        auto answer = session.api.patchPiece("/uploads" + segment(id), std::move(piece), from);
        if (!answer) {
            Error error = answer.error();
            error.message += "; go on with: signalbox files upload " + file.string() + " --resume " + id;
            return error;
        }
        done = *std::move(answer);
    }
    return done;
}

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
            {{"files", "upload"},
             "Upload a file in pieces; a line that breaks costs one of them",
             {{"file", "FILE", "The file", true},
              {"--project", "NAME", "What it belongs to"},
              {"--access",
               "WHO",
               "private unless given",
               false,
               false,
               {"own", "private", "restricted", "public"}},
              {"--tags", "TAGS", "With commas between"},
              {"--resume", "ID", "Go on with an upload (upl_…) that broke off"}},
             {"signalbox files upload plan.pdf --project roof-17"},
             upload},
            {{"files", "link"},
             "A link for those without an account; it is shown once",
             {{"id", "ID", "The file (fil_…)", true},
              {"--expires-in-s", "SECONDS", "An hour unless given; 0: no end"}},
             {"signalbox files link fil_0c3k9q2m4x7vd --expires-in-s 86400"},
             link}};
}

}  // namespace signalbox::client
