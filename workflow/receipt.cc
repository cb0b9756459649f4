#include "workflow/receipt.h"

namespace signalbox::workflow {

Status readReceipt(const std::string& what, const Json& answer) {
    const std::string state = textAt(answer, "state");
    if (state == "sent" || state == "queued" || state == "dry_run") return Done{};
    const bool is_uncertain = state == "uncertain";
    const Json& error = memberAt(answer, "error");
    const std::string reason = error.is_string() ? error.get<std::string>() : textAt(error, "message");
    const std::string fallback =
        is_uncertain ? "no answer came, it may or may not have been done" : "it was not sent";
    Error out{is_uncertain ? ErrorKind::Uncertain : ErrorKind::Rejected,
              what + ": " + (reason.empty() ? fallback : reason),
              {},
              textAt(error, "code", state)};
    // What another try may help stays so: data.retry asks for it.
    for (const auto kind : {ErrorKind::Unavailable, ErrorKind::Throttled})
        if (!is_uncertain && textAt(error, "kind") == toString(kind)) out.kind = kind;
    if (const auto seconds = numberAt(error, "retry_after_s"); seconds > 0)
        out.retry_after = std::chrono::seconds{seconds};
    return out;
}

}  // namespace signalbox::workflow
