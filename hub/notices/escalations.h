// Something that is told to one after the other until somebody takes it: the only writer of the table
// escalations. A workflow's node begins it and moves it on; who takes it is an event
// «escalation.acknowledged» in the same commit, which resumes the run. What takes a Tx inside Writes only,
// the rest from any thread.
#pragma once

#include <optional>

#include "hub/model/actor.h"
#include "hub/notices/notices.h"

namespace signalbox {

inline constexpr std::string_view kEscalationId = "esc";

struct NewEscalation {
    Id id = 0, run = 0;
    std::string workflow, node, path;
    std::string steps;  // JSON: [{"to": […], "wait_s"}]
    NewNotice notice;   // what everybody is told
};

// As it is now.
struct Escalation {
    Id id = 0;
    std::int64_t step = 0;
    std::string state, taken_by;  // state: open, acknowledged, over
    Json steps;
    NewNotice notice;
};

class Escalations {
public:
    Escalations(Store& store, const Clock& clock, EventLog& log, Notices& notices)
        : store_(store), clock_(clock), log_(log), notices_(notices) {}

    // Tells those of the first step.
    void begin(Tx& tx, const NewEscalation& escalation, const std::vector<Recipient>& first);
    // The newest one of a node of a run; nothing when there is none.
    std::optional<Escalation> of(Id run, const std::string& node, const std::string& path) const;
    // Tells those of the step, unless it was taken meanwhile.
    void moveOn(Tx& tx, const Escalation& escalation, std::int64_t step,
                const std::vector<Recipient>& recipients);
    // Nobody took it.
    void close(Tx& tx, Id escalation);

    // NotFound; Conflict (escalation_over) when somebody has taken it or it is over.
    Status acknowledge(Tx& tx, const Actor& by, Id escalation);

    PageOfItems list(Id org, const std::string& state, const PageRequest& page) const;
    std::optional<Json> find(Id org, Id escalation) const;

private:
    Store& store_;
    const Clock& clock_;
    EventLog& log_;
    Notices& notices_;
};

}  // namespace signalbox
