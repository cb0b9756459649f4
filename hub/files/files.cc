#include "hub/files/files.h"

#include "hub/files/blob_marks.h"

namespace signalbox {
namespace {

constexpr std::string_view kFetched =
    "UPDATE attachments SET state = 'fetched', error = '', blob = $1, size = $2,"
    " mime = CASE WHEN $3 = '' THEN mime ELSE $3 END,"
    " filename = CASE WHEN $4 = '' THEN filename ELSE $4 END"
    " WHERE message = $5 AND ordinal = $6 RETURNING kind, mime, filename";
constexpr std::string_view kFailed =
    "UPDATE attachments SET state = 'failed', error = $1 WHERE message = $2 AND ordinal = $3"
    " AND state <> 'fetched'";
constexpr std::string_view kWanted =
    "UPDATE attachments SET state = 'wanted', error = '' WHERE message = $1 AND ordinal = $2"
    " AND state <> 'fetched'";
constexpr std::string_view kUploaded =
    "UPDATE attachments SET state = 'fetched', blob = $1, size = $2 WHERE message = $3 AND ordinal = $4";
constexpr std::string_view kConversation = "SELECT conversation FROM messages WHERE id = $1";

}  // namespace

void Files::markFetched(Tx& tx, const AttachmentKey& key, const FetchedFile& file) {
    const Rows rows = tx.query(
        kFetched, {file.blob.sha256, file.blob.size, file.mime, file.filename, key.message, key.ordinal});
    if (rows.empty()) return;  // the message was erased meanwhile
    unmarkBlob(tx, file.blob.sha256);
    tell(tx, key, "attachment.fetched",
         {{"kind", rows[0].text(0)},
          {"file",
           {{"sha256", file.blob.sha256},
            {"size", file.blob.size},
            {"mime", rows[0].text(1)},
            {"filename", rows[0].text(2)}}}});
}

void Files::markFailed(Tx& tx, const AttachmentKey& key, const Error& error) {
    const Json told = {{"kind", toString(error.kind)}, {"code", error.code}, {"message", error.message}};
    if (tx.exec(kFailed, {dumpJson(told), key.message, key.ordinal}) == 0) return;
    tell(tx, key, "attachment.failed", {{"error", told}});
}

void Files::markUploaded(Tx& tx, Id message, std::int64_t ordinal, const StoredBlob& blob) {
    unmarkBlob(tx, blob.sha256);
    tx.exec(kUploaded, {blob.sha256, blob.size, message, ordinal});
}

void Files::markWanted(Tx& tx, const AttachmentKey& key) {
    tx.exec(kWanted, {key.message, key.ordinal});
}

void Files::tell(Tx& tx, const AttachmentKey& key, std::string_view type, Json details) {
    const Rows rows = tx.query(kConversation, {key.message});
    const Id conversation = rows.empty() ? 0 : rows[0].integer(0);
    details["message_id"] = idText(kMessageId, key.message);
    details["conversation_id"] = idText(kConversationId, conversation);
    details["account"] = key.account_name;
    details["ordinal"] = key.ordinal;
    log_.append(tx, {key.org, type, key.account, conversation, dumpJson(details)});
}

}  // namespace signalbox
