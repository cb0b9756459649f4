#include <fstream>
#include <map>
#include <sstream>

#include "hub/audit/audit.h"

namespace signalbox {
namespace {

constexpr std::string_view kChunk =
    "SELECT seq, at, user_id, token, action, object, details, objects, status, address, hash FROM audit"
    " WHERE org = $1 AND seq > $2 ORDER BY seq LIMIT 1000";

AuditRow rowFrom(Id org, const Row& row) {
    return {org,
            row.integer(0),
            fromMicros(row.integer(1)),
            row.integer(2),
            row.integer(3),
            row.text(4),
            row.text(5),
            row.text(6),
            row.text(7),
            row.integer(8),
            row.text(9)};
}

std::map<std::int64_t, std::string> anchorsOf(Id org, const std::filesystem::path& file) {
    std::map<std::int64_t, std::string> anchors;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        std::istringstream words(line);
        Id of = 0;
        std::int64_t seq = 0;
        std::string hash;
        if (words >> of >> seq >> hash && of == org && seq > 0) anchors[seq] = hash;
    }
    return anchors;
}

AuditCheck broken(AuditCheck check, std::int64_t seq, std::string fault) {
    check.is_whole = false;
    check.broken_at = seq;
    check.fault = std::move(fault);
    return check;
}

}  // namespace

AuditCheck verifyAudit(Store& store, Id org, const std::filesystem::path& anchors) {
    auto anchored = anchorsOf(org, anchors);
    AuditCheck check;
    // The head is read first: rows that are appended meanwhile are beyond it.
    std::int64_t head_seq = 0;
    std::string head_hash;
    store.read([&](Reader& reader) {
        const Rows rows = reader.query("SELECT seq, hash FROM audit_heads WHERE org = $1", {org});
        if (!rows.empty()) head_seq = rows[0].integer(0), head_hash = rows[0].text(1);
    });
    for (std::int64_t last = 0;;) {
        Rows rows;
        store.read([&](Reader& reader) { rows = reader.query(kChunk, {org, last}); });
        if (rows.empty()) break;
        for (const Row& row : rows) {
            const AuditRow one = rowFrom(org, row);
            if (one.seq != last + 1) return broken(check, last + 1, "rows are missing");
            if (chainHash(check.head, one) != row.text(10))
                return broken(check, one.seq, "the row was changed");
            check.head = row.text(10);
            last = one.seq;
            ++check.rows;
            const auto anchor = anchored.find(last);
            if (anchor != anchored.end() && anchor->second != check.head)
                return broken(check, last, "the chain is not the one that was anchored");
            if (last == head_seq && check.head != head_hash)
                return broken(check, last, "the chain does not end where it says");
        }
    }
    if (check.rows < head_seq) return broken(check, check.rows + 1, "rows are missing at the end");
    if (!anchored.empty() && anchored.rbegin()->first > check.rows)
        return broken(check, check.rows + 1, "rows that were anchored are missing at the end");
    return check;
}

}  // namespace signalbox
