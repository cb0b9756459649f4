#include "daemon/app/file_actions.h"

#include "base/crypto.h"
#include "hub/files/file_type.h"

namespace signalbox {
namespace {

using workflow::ActionRequest;
using workflow::PreparedAction;

Result<PreparedAction> keep(const ActionRequest& action, Store& store, const api::FileParts& parts) {
    std::string bytes = textAt(action.request, "body");
    if (flagAt(action.request, "is_base64")) {
        auto decoded = fromBase64(bytes);
        if (!decoded) return Error{ErrorKind::Invalid, "body: is no base64", {}, "invalid_request"};
        bytes = std::move(*decoded);
    }
    const FileViewer viewer{action.org, 0, 0, true};
    api::UploadFields fields;
    fields.name = cleanFileName(textAt(action.request, "name"));
    std::optional<FileRecord> file;
    store.read([&](Reader& reader) {
        file = FileRecords::findContent(reader, viewer, toHex(hash(HashAlgorithm::Sha256, bytes)));
    });
    if (!file || file->name != fields.name) {
        auto stored = api::storeFile(parts, viewer, bytes, fields);
        if (!stored) return stored.error();
        file = std::move(*stored);
    }
    Json output = memberAt(action.request, "with").is_object() ? action.request["with"] : Json::object();
    output["file"] = {{"id", idText(kFileId, file->id)},
                      {"name", file->name},
                      {"mime", file->mime},
                      {"size", file->size},
                      {"sha256", file->sha256}};
    return PreparedAction{std::move(output), {}};
}

}  // namespace

void addFileActions(WorkflowActions& actions, Store& store, const api::FileParts& parts) {
    actions.add("file.keep",
                [&store, parts](const ActionRequest& action) { return keep(action, store, parts); });
}

}  // namespace signalbox
