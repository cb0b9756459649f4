#include "base/result.h"

namespace signalbox {

bool isRetryable(const Error& error) {
    return error.kind == ErrorKind::Throttled || error.kind == ErrorKind::Unavailable;
}

const char* toString(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::Invalid:
            return "invalid";
        case ErrorKind::NotFound:
            return "not_found";
        case ErrorKind::Conflict:
            return "conflict";
        case ErrorKind::Unauthorized:
            return "unauthorized";
        case ErrorKind::Forbidden:
            return "forbidden";
        case ErrorKind::Rejected:
            return "rejected";
        case ErrorKind::Throttled:
            return "throttled";
        case ErrorKind::Unavailable:
            return "unavailable";
        case ErrorKind::Uncertain:
            return "uncertain";
    }
    return "unknown";
}

Error withContext(std::string prefix, Error error) {
    error.message = std::move(prefix) + ": " + error.message;
    return error;
}

}  // namespace signalbox
