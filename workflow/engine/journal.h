// The history of one walk: an entry for each node run. Stored compactly (a node's input is mostly the output
// of an earlier one, so it is named, not repeated) and made readable when it is shown. One thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"
#include "workflow/engine/redactor.h"
#include "workflow/graph/compile.h"

namespace signalbox::workflow {

struct JournalEntry {
    const CompiledNode& node;
    TimePoint started_at, ended_at;
    std::string input_from;         // id of the node whose output came in, "" for the trigger's data
    const Json* input = nullptr;    // when it was put together from several
    const Json* output = nullptr;   // null: the input passed through
    const Json* request = nullptr;  // what went, or in a dry run would go, to the outbox
    const Json* skipped = nullptr;  // in a dry run: what was not waited for: {kind, until, seconds, event}
    std::string path;               // of the iterations around it
    std::int64_t attempt = 1;
    std::string port;
    const Error* error = nullptr;
    const Json* logs = nullptr;
};

class Journal {
public:
    explicit Journal(const Redactor& redactor) : redactor_(redactor) {}
    void add(const JournalEntry& entry);
    // A JSON array; the journal is empty afterwards.
    std::string take();
    bool empty() const { return text_.empty(); }

private:
    const Redactor& redactor_;
    std::string text_;
};

// Stored walks, in order, as the API shows them: {node, type, path, attempt, started_at, ended_at, input,
// output, port, error, logs, request, skipped}.
Json readableJournal(const std::vector<std::string>& walks, const Json& trigger);

Json errorJson(const Error& error);

}  // namespace signalbox::workflow
