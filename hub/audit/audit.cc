#include "hub/audit/audit.h"

#include <fcntl.h>
#include <unistd.h>

#include <limits>
#include <map>

#include "base/log.h"
#include "hub/audit/audit_intents.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMaxPending = 10'000, kMaxBatch = 500;
constexpr std::uint64_t kRowsPerAnchor = 1'000;
constexpr auto kAnchorInterval = 5min;
constexpr std::size_t kMaxText = 500;

constexpr std::string_view kInsert =
    "INSERT INTO audit (org, seq, at, user_id, token, action, object, details, objects, status, address, "
    "hash)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";

struct Head {
    std::int64_t seq = 0;
    std::string hash;
};

Head lockHead(Tx& tx, Id org) {
    tx.exec("INSERT INTO audit_heads (org, seq, hash) VALUES ($1, 0, '') ON CONFLICT (org) DO NOTHING",
            {org});
    const Rows rows = tx.query("SELECT seq, hash FROM audit_heads WHERE org = $1 FOR UPDATE", {org});
    return {rows.at(0).integer(0), rows.at(0).text(1)};
}

void cut(std::string& text) {
    if (text.size() > kMaxText) text.resize(kMaxText);
    text = Json::parse(dumpJson(Json(text))).get<std::string>();  // valid UTF-8, as it will be read again
}

Json itemFrom(const Row& row) {
    const auto objects = parseJson(row.text(7));
    return {{"seq", row.integer(0)},
            {"at", toRfc3339(fromMicros(row.integer(1)))},
            {"user_id", row.integer(2) == 0 ? Json(nullptr) : Json(idText(kUserId, row.integer(2)))},
            {"token_id", row.integer(3) == 0
                             ? Json(nullptr)
                             : Json(idText(row.integer(2) == 0 ? kTokenId : kSessionId, row.integer(3)))},
            {"action", row.text(4)},
            {"object", row.text(5)},
            {"details", row.text(6)},
            {"objects", objects ? *objects : Json::array()},
            {"status", row.integer(8)},
            {"address", row.text(9)},
            {"hash", row.text(10)}};
}

}  // namespace

Audit::Audit(Store& store, const Clock& clock, std::filesystem::path anchors)
    : store_(store), clock_(clock), anchors_(std::move(anchors)) {}

Audit::~Audit() {
    stop();
}

Status Audit::start() {
    if (auto set = setTriggers(); !set) return withContext("audit", set.error());
    next_anchor_ = clock_.now() + kAnchorInterval;
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
    return Done{};
}

void Audit::stop() {
    if (!thread_.joinable()) return;
    thread_.request_stop();
    thread_.join();
}

Status Audit::setTriggers() {
    // The one place where the two databases have no common words for it.
    return store_.writeAndWait([&](Tx& tx) {
        if (store_.isExclusive()) {
            for (const char* change : {"UPDATE", "DELETE"}) {
                tx.exec(
                    std::string("CREATE TRIGGER IF NOT EXISTS audit_no_") + change + " BEFORE " + change +
                        " ON audit BEGIN SELECT RAISE(ABORT, 'rows of the audit log are never changed'); END",
                    {});
            }
            return;
        }
        if (!tx.query("SELECT 1 FROM pg_trigger WHERE tgname = 'audit_no_change'").empty()) return;
        tx.exec(
            "CREATE OR REPLACE FUNCTION signalbox_audit_no_change() RETURNS trigger LANGUAGE plpgsql AS"
            " 'BEGIN RAISE EXCEPTION ''rows of the audit log are never changed''; END'",
            {});
        tx.exec(
            "CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit FOR EACH ROW"
            " EXECUTE FUNCTION signalbox_audit_no_change()",
            {});
    });
}

std::uint64_t Audit::push(AuditRow row, std::string body) {
    row.at = clock_.now();
    for (std::string* text : {&row.object, &row.details}) cut(*text);
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return pending_.size() < kMaxPending; });
    pending_.push_back({std::move(row), std::move(body)});
    changed_.notify_all();
    return ++pushed_;
}

void Audit::record(AuditRow row, std::string body) {
    push(std::move(row), std::move(body));
}

Status Audit::recordAndWait(AuditRow row, std::string body) {
    return waitFor(push(std::move(row), std::move(body)));
}

Status Audit::flush() {
    std::uint64_t number = 0;
    {
        std::lock_guard lock(mutex_);
        number = pushed_;
    }
    return waitFor(number);
}

Status Audit::waitFor(std::uint64_t number) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return written_ >= number || !last_.ok() || !thread_.joinable(); });
    return written_ >= number ? Status(Done{}) : last_;
}

void Audit::run(const std::stop_token& stop) {
    std::vector<Pending> batch;
    while (true) {
        {
            std::unique_lock lock(mutex_);
            changed_.wait_for(lock, stop, 1s, [&] { return !pending_.empty(); });
            if (pending_.empty() && stop.stop_requested()) break;
            while (!pending_.empty() && batch.size() < kMaxBatch) {
                batch.push_back(std::move(pending_.front()));
                pending_.pop_front();
            }
        }
        if (batch.empty()) {
            if (clock_.now() >= next_anchor_) anchor();
            continue;
        }
        for (Pending& one : batch) {
            if (one.row.objects.empty()) one.row.objects = idsIn(one.body);
        }
        const Status status = write(batch);
        if (!status) log::warn("audit_not_written", {{"error", status.error().message}});
        {
            std::lock_guard lock(mutex_);
            last_ = status;
            if (status) written_ += batch.size();
            changed_.notify_all();
        }
        if (status) {
            since_anchor_ += batch.size();
            batch.clear();
            if (since_anchor_ >= kRowsPerAnchor || clock_.now() >= next_anchor_) anchor();
            continue;
        }
        if (stop.stop_requested()) break;
        // The rows stay and are tried again: nothing that was read or done is left out.
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, stop, 200ms, [] { return false; });
    }
    if (since_anchor_ > 0) anchor();
}

Status Audit::write(std::vector<Pending>& batch) {
    return store_.writeAndWait([&](Tx& tx) {
        std::map<Id, Head> heads;
        for (const Pending& one : batch) heads.emplace(one.row.org, Head{});
        for (auto& [org, head] : heads) head = lockHead(tx, org);
        for (Pending& one : batch) {
            AuditRow& row = one.row;
            // What two nodes found after a crash is one row: the note went with the first.
            const bool was_noted = row.intent == 0 || endIntent(tx, row.intent);
            if (!was_noted && row.status == 0) continue;
            Head& head = heads[row.org];
            row.seq = head.seq + 1;
            head = {row.seq, chainHash(head.hash, row)};
            tx.exec(kInsert, {row.org, row.seq, toMicros(row.at), row.user, row.token, row.action, row.object,
                              row.details, row.objects, row.status, row.address, head.hash});
        }
        for (const auto& [org, head] : heads)
            tx.exec("UPDATE audit_heads SET seq = $1, hash = $2 WHERE org = $3", {head.seq, head.hash, org});
    });
}

void Audit::anchor() {
    since_anchor_ = 0;
    next_anchor_ = clock_.now() + kAnchorInterval;
    if (anchors_.empty()) return;
    std::string text;
    try {
        store_.read([&](Reader& reader) {
            for (const Row& row : reader.query("SELECT org, seq, hash FROM audit_heads ORDER BY org"))
                text += std::to_string(row.integer(0)) + ' ' + std::to_string(row.integer(1)) + ' ' +
                        row.text(2) + ' ' + toRfc3339(clock_.now()) + '\n';
        });
    } catch (const StoreError& failure) {
        log::warn("audit_not_anchored", {{"error", failure.message}});
        return;
    }
    const int file = ::open(anchors_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    const bool is_written =
        file >= 0 && ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    if (file >= 0) ::close(file);
    if (!is_written) log::warn("audit_not_anchored", {{"file", anchors_.string()}});
}

AuditPage Audit::list(Id org, const AuditFilter& filter) {
    std::string sql =
        "SELECT seq, at, user_id, token, action, object, details, objects, status, address, hash FROM audit"
        " WHERE org = $1 AND seq < $2";
    std::vector<Value> values = {
        org, filter.before == 0 ? std::numeric_limits<std::int64_t>::max() : filter.before};
    const auto bind = [&](Value value) {
        values.push_back(value);
        return '$' + std::to_string(values.size());
    };
    if (filter.user != 0) sql += " AND user_id = " + bind(filter.user);
    if (filter.from) sql += " AND at >= " + bind(toMicros(*filter.from));
    if (filter.to) sql += " AND at < " + bind(toMicros(*filter.to));
    std::string action_pattern = "%", object_pattern = "%\"";
    for (const char c : filter.action)
        action_pattern += (c == '%' || c == '_' || c == '\\') ? std::string{'\\', c} : std::string{c};
    for (const char c : filter.object)
        object_pattern += (c == '%' || c == '_' || c == '\\') ? std::string{'\\', c} : std::string{c};
    action_pattern += '%';
    object_pattern += "\"%";
    if (!filter.action.empty())
        sql += " AND action LIKE " + bind(std::string_view(action_pattern)) + " ESCAPE '\\'";
    if (!filter.object.empty())
        sql += " AND (object = " + bind(std::string_view(filter.object)) + " OR objects LIKE " +
               bind(std::string_view(object_pattern)) + " ESCAPE '\\')";
    sql += " ORDER BY seq DESC LIMIT " + bind(static_cast<std::int64_t>(filter.limit + 1));
    AuditPage page;
    store_.read([&](Reader& reader) {
        const Rows rows = reader.query(sql, std::span<const Value>(values));
        for (const Row& row : rows) {
            if (page.items.size() == filter.limit) {
                page.next = page.items.back()["seq"].get<std::int64_t>();
                return;
            }
            page.items.push_back(itemFrom(row));
        }
    });
    return page;
}

}  // namespace signalbox
