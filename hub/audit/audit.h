// The audit log: who did and who read what, and when, chained by hashes for each organization. Rows are
// collected and written by a thread of its own, many in one commit, so reads do not wait; changes wait until
// their row is on disk. Thread-safe.
#pragma once

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"
#include "hub/audit/audit_row.h"
#include "hub/store/store.h"

namespace signalbox {

struct AuditFilter {
    Id user = 0;                 // 0: any
    std::string action, object;  // contained in the action; exactly the object, or among the objects
    std::optional<TimePoint> from, to;
    std::int64_t before = 0;  // a seq; 0: from the newest
    std::size_t limit = 50;
};
struct AuditPage {
    Json items = Json::array();
    std::optional<std::int64_t> next;
};

class Audit {
public:
    // `anchors`: a file beside the database that the newest hash of each organization is written to now and
    // then, so that cutting off the end shows as well; empty: none. The first call on a database sets the
    // triggers that refuse changes.
    Audit(Store& store, const Clock& clock, std::filesystem::path anchors = {});
    ~Audit();
    Status start();
    // Writes what is collected and ends the thread.
    void stop();

    // `row`: all but seq and at. `body`: an answer whose ids are noted, taken apart by the thread. Waits
    // while too many rows are collected.
    void record(AuditRow row, std::string body);
    // The same, until the row is on disk; the error when it cannot be.
    Status recordAndWait(AuditRow row, std::string body);
    // Until all that was recorded before is on disk.
    Status flush();

    TimePoint now() const { return clock_.now(); }
    // Newest first.
    AuditPage list(Id org, const AuditFilter& filter);

private:
    struct Pending {
        AuditRow row;
        std::string body;
    };
    Status setTriggers();
    std::uint64_t push(AuditRow row, std::string body);
    Status waitFor(std::uint64_t number);
    void run(const std::stop_token& stop);
    Status write(std::vector<Pending>& batch);
    void anchor();

    Store& store_;
    const Clock& clock_;
    const std::filesystem::path anchors_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::deque<Pending> pending_;
    std::uint64_t pushed_ = 0, written_ = 0;
    Status last_ = Done{};
    std::uint64_t since_anchor_ = 0;
    TimePoint next_anchor_{};
    std::jthread thread_;
};

// Reads the whole chain of an organization again. `anchors` as above.
struct AuditCheck {
    bool is_whole = true;
    std::int64_t rows = 0, broken_at = 0;  // the first seq that does not fit; 0: none
    std::string fault, head;               // head: the newest hash
};
AuditCheck verifyAudit(Store& store, Id org, const std::filesystem::path& anchors);

}  // namespace signalbox
