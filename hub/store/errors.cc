#include "hub/store/errors.h"

namespace signalbox::store {
namespace {

using Kind = StoreError::Kind;

const char* codeOf(Kind kind) {
    switch (kind) {
        case Kind::Full:
            return "store_full";
        case Kind::Busy:
            return "store_locked";
        case Kind::Disconnected:
            return "store_disconnected";
        case Kind::Io:
            return "store_io";
        case Kind::SyncFailed:
            return "store_sync_failed";
        case Kind::Corrupt:
            return "store_corrupt";
        default:
            return "";
    }
}

const char* remedyOf(Kind kind) {
    switch (kind) {
        case Kind::Full:
            return "; free some space, writing goes on by itself";
        case Kind::SyncFailed:
            return "; check the disk, then start the daemon again: what was just written may not be on it";
        case Kind::Corrupt:
            return "; restore a backup, then start the daemon again";
        default:
            return "";
    }
}

}  // namespace

Error toError(const StoreError& error) {
    if (error.kind == Kind::Constraint) return {ErrorKind::Conflict, error.message};
    if (error.kind == Kind::Statement) return {ErrorKind::Invalid, error.message};
    return {ErrorKind::Unavailable, error.message, std::chrono::seconds(1), codeOf(error.kind)};
}

bool stopsWrites(Kind kind) {
    switch (kind) {
        case Kind::Full:
        case Kind::Disconnected:
        case Kind::Io:
        case Kind::SyncFailed:
        case Kind::Corrupt:
            return true;
        default:
            return false;
    }
}

bool isPermanent(Kind kind) {
    return kind == Kind::SyncFailed || kind == Kind::Corrupt;
}

Error refusal(const StoreError& error) {
    Error refused = toError(error);
    refused.kind = ErrorKind::Unavailable;
    refused.message = "store: writes are refused: " + error.message + remedyOf(error.kind);
    if (isPermanent(error.kind)) refused.retry_after.reset();
    return refused;
}

std::string shortened(std::string_view sql) {
    constexpr std::size_t kShown = 80;
    std::string text(sql.substr(0, kShown));
    for (auto& c : text)
        if (c == '\n') c = ' ';
    return sql.size() > kShown ? text + "…" : text;
}

}  // namespace signalbox::store
