// What a workflow asks people to decide. A node asks in the commit of its walk, together with the message
// that carries the link; a person decides once, by the link or by the API, and the event "approval.decided"
// resumes the run. The link's token is random, kept as a hash only, and works once, also after restarts and
// upgrades. Thread-safe.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "hub/log/event_log.h"
#include "workflow/engine/ports.h"

namespace signalbox::workflow {

inline constexpr std::string_view kApprovalId = "apr";

struct Decision {
    bool is_approved = false;
    std::string comment;
    std::string by;  // who, in words: a user, a token, "link"
};

class Approvals {
public:
    // `public_url`: where people reach this daemon, for the links; empty: links are paths only.
    Approvals(Store& store, Ids& ids, const Clock& clock, EventLog& log, Effects& effects,
              std::string public_url);

    // The action "approval.create": {"title", "details", "expires_at", "notify": a message in whose text
    // {approval_url} stands}. Output: {"id"}.
    Result<PreparedAction> create(const ActionRequest& action);

    // Newest first, below `before`; `status`: pending, approved, rejected, over, or empty for all.
    Json list(Id org, const std::string& status, Id before, std::size_t limit) const;
    // As the API shows it. Nothing when there is none.
    std::optional<Json> find(Id org, Id approval) const;
    // By the link's token.
    std::optional<Json> findByToken(std::string_view token) const;

    // Waits for the commit. Errors: NotFound; Conflict (code approval_over) when it was decided or nobody
    // waits any more.
    Status decide(Id org, Id approval, const Decision& decision);
    Status decideByToken(std::string_view token, const Decision& decision);

private:
    Status decideWhere(std::string_view condition, const Decision& decision, Id org, Value which);

    Store& store_;
    Ids& ids_;
    const Clock& clock_;
    EventLog& log_;
    Effects& effects_;
    const std::string public_url_;
};

}  // namespace signalbox::workflow
