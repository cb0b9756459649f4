// One row of the audit log and the hash that chains it to the one before. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ids.h"

namespace signalbox {

struct AuditRow {
    Id org = 0;
    std::int64_t seq = 0;
    TimePoint at{};
    Id user = 0, token = 0;
    std::string action;   // «GET /api/v1/messages/{id}»
    std::string object;   // what the path names: «msg_…», «answer 3»; empty for lists
    std::string details;  // the query, without secrets
    std::string objects;  // JSON array of the ids that were read or made
    std::int64_t status = 0;
    std::string address;
    std::int64_t intent = 0;  // what audit_intents.h keeps until this row is written; 0: nothing. Not chained
};

// SHA-256 in hex over the hash before (empty for the first) and the row's canonical JSON.
std::string chainHash(std::string_view before, const AuditRow& row);

// The ids that an answer of the API shows (msg_…, per_…, fil_…, cnv_… …), each once, at most 400, as a JSON
// array.
std::string idsIn(std::string_view body);

}  // namespace signalbox
