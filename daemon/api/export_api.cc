#include "daemon/api/export_api.h"

#include "daemon/api/export_formats.h"
#include "hub/files/file_type.h"

namespace signalbox::api {
namespace {

constexpr std::size_t kPage = 200;

// Where each page of a newest-first list begins; walked backwards they give the oldest first.
std::vector<Id> pageBeginnings(Store& store, const Accounts& accounts, const Visibility& view,
                               const MessageFilter& filter) {
    std::vector<Id> beginnings{0};
    while (true) {
        const auto page = listMessages(store, accounts, view, filter, {beginnings.back(), kPage});
        if (!page.next) return beginnings;
        beginnings.push_back(*page.next);
    }
}

Status writeMessages(ExportWriter& writer, Store& store, const Accounts& accounts, const Visibility& view,
                     Id conversation) {
    MessageFilter filter;
    filter.conversation = conversation;
    const auto beginnings = pageBeginnings(store, accounts, view, filter);
    for (auto before = beginnings.rbegin(); before != beginnings.rend(); ++before) {
        const auto page = listMessages(store, accounts, view, filter, {*before, kPage});
        for (auto message = page.items.rbegin(); message != page.items.rend(); ++message)
            if (const auto written = writer.message(*message); !written) return written;
    }
    return Done{};
}

const char* typeOf(const std::string& format) {
    if (format == "pdf") return "application/pdf";
    return format == "mbox" ? "application/mbox" : "application/json";
}

HttpResponse getExport(Call& call, Store& store, const Accounts& accounts, const std::string& spool_folder) {
    const auto id = readId(call, kConversationId);
    const Visibility view(call.caller);
    const auto conversation = id ? findConversation(store, accounts, view, *id) : std::nullopt;
    if (!conversation) return notFound("conversation");
    const std::string format = call.queryText("format").empty() ? "json" : call.queryText("format");
    auto created = BodyFile::create(spool_folder);
    if (!created) return refuse(created.error());
    // Written here, then read by the connection that sends it.
    const std::shared_ptr<BodyFile> file = *std::move(created);
    const auto writer = makeExportWriter(format, *file, spool_folder);
    if (!writer) return refuse({ErrorKind::Invalid, "format: json, pdf or mbox"});
    Status written = writer->begin(*conversation);
    if (written) written = writeMessages(*writer, store, accounts, view, *id);
    if (written) written = writer->end();
    if (!written) return refuse(written.error());
    HttpResponse response{
        200, {{"content-type", typeOf(format)}}, "", std::make_shared<BodyFileSource>(file)};
    response.headers.add("content-disposition",
                         contentDisposition(textAt(*conversation, "id") + '.' + format, false));
    response.headers.add("x-content-type-options", "nosniff");
    return response;
}

}  // namespace

void addExportRoutes(Router& router, Store& store, const Accounts& accounts,
                     const std::string& spool_folder) {
    router.add(visible({"GET", "/api/v1/conversations/{id}/export", "exports:read",
                        [&store, &accounts, spool_folder](Call& call) {
                            return getExport(call, store, accounts, spool_folder);
                        }}));
}

}  // namespace signalbox::api
