#include "hub/files/blob_marks.h"

namespace signalbox {

void unmarkBlob(Tx& tx, const std::string& sha256) {
    const std::string_view name = sha256;
    if (tx.query("SELECT state FROM blob_marks WHERE sha256 = $1", {name}).empty()) return;
    // The one that takes the row is the first, also over several nodes.
    if (tx.exec("DELETE FROM blob_marks WHERE sha256 = $1 AND state = 'marked'", {name}) == 1) return;
    if (tx.query("SELECT state FROM blob_marks WHERE sha256 = $1", {name}).empty()) return;
    throw StoreError(StoreError::Kind::Constraint,
                     "file store: this content is being deleted; send it again");
}

}  // namespace signalbox
