#include "hub/files/blob_collector.h"

#include <algorithm>
#include <set>

namespace signalbox {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kBatch = 200;
// Every table that names content; a new one is added here. The names are compared with `list`.
constexpr std::string_view kNamedIn[] = {
    "SELECT sha256 FROM files WHERE deleted_at IS NULL AND sha256 IN ",
    "SELECT blob FROM attachments WHERE blob <> '' AND blob IN ",
    "SELECT blob FROM raw_requests WHERE blob <> '' AND blob IN ",
    "SELECT blob FROM thumbnails WHERE blob <> '' AND blob IN ",
};

std::string placeholders(std::size_t count) {
    std::string text = "(";
    for (std::size_t i = 1; i <= count; ++i) text += (i == 1 ? "$" : ", $") + std::to_string(i);
    return text + ")";
}

std::set<std::string> namedOf(Reader& reader, std::span<const std::string> names) {
    const std::vector<Value> values(names.begin(), names.end());
    const std::string list = placeholders(names.size());
    std::set<std::string> named;
    for (const std::string_view query : kNamedIn) {
        for (const Row& row : reader.query(std::string(query) + list, std::span<const Value>(values)))
            named.insert(row.text(0));
    }
    return named;
}

}  // namespace

Status BlobCollector::keep(const std::string& sha256) {
    bool is_marked = false;
    store_.read([&](Reader& reader) {
        is_marked =
            !reader.query("SELECT 1 FROM blob_marks WHERE sha256 = $1", {std::string_view(sha256)}).empty();
    });
    if (!is_marked) return Done{};
    bool is_kept = false;
    const Status written = store_.writeAndWait([&](Tx& tx) {
        tx.exec("DELETE FROM blob_marks WHERE sha256 = $1 AND state = 'marked'", {std::string_view(sha256)});
        is_kept = tx.query("SELECT 1 FROM blob_marks WHERE sha256 = $1", {std::string_view(sha256)}).empty();
    });
    if (!written) return written;
    if (is_kept) return Done{};
    return Error{ErrorKind::Unavailable, "file store: this content is being deleted; come again", 1s,
                 "being_deleted"};
}

Result<BlobCollector::Round> BlobCollector::run(const std::stop_token& stop) {
    Round round;
    const RoundBegin begin{clock_.now(), keys_ == nullptr ? 0 : keys_->newest().number};
    if (auto done = finishDeletions(round); !done) return done.error();
    std::vector<std::string> names;
    const Status listed = blobs_.list([&](const std::string& name) { names.push_back(name); }, stop);
    if (!listed) return listed.error();
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    round.seen = names.size();
    for (std::size_t at = 0; at < names.size() && !stop.stop_requested(); at += kBatch) {
        const auto end = names.begin() + static_cast<std::ptrdiff_t>(std::min(at + kBatch, names.size()));
        const std::vector<std::string> batch(names.begin() + static_cast<std::ptrdiff_t>(at), end);
        if (auto done = mark(batch, round); !done) return done.error();
    }
    if (auto done = claimDue(stop); !done) return done.error();
    if (auto done = finishDeletions(round); !done) return done.error();
    if (auto done = encrypt(names, begin, round, stop); !done) return done.error();
    return round;
}

// A mark may be wrong by the time it is written: it is looked at again before anything is claimed.
Status BlobCollector::mark(const std::vector<std::string>& names, Round& round) {
    std::set<std::string> named;
    store_.read([&](Reader& reader) { named = namedOf(reader, names); });
    std::vector<std::string> unnamed;
    for (const std::string& name : names)
        if (!named.contains(name)) unnamed.push_back(name);
    if (!unnamed.empty()) {
        std::size_t marked = 0;
        const Status written = store_.writeAndWait([&](Tx& tx) {
            marked = 0;
            for (const std::string& name : unnamed)
                marked += static_cast<std::size_t>(
                    tx.exec("INSERT INTO blob_marks (sha256, since, state) VALUES ($1, $2, 'marked')"
                            " ON CONFLICT (sha256) DO NOTHING",
                            {std::string_view(name), toMicros(clock_.now())}));
        });
        if (!written) return written;
        round.marked += marked;
    }
    const std::vector<std::string> kept(named.begin(), named.end());
    if (kept.empty()) return Done{};
    bool any = false;
    const std::vector<Value> values(kept.begin(), kept.end());
    const std::string marks = " FROM blob_marks WHERE state = 'marked' AND sha256 IN ";
    store_.read([&](Reader& reader) {
        any =
            !reader.query("SELECT sha256" + marks + placeholders(kept.size()), std::span<const Value>(values))
                 .empty();
    });
    if (!any) return Done{};
    return store_.writeAndWait([&](Tx& tx) {
        tx.exec("DELETE" + marks + placeholders(kept.size()), std::span<const Value>(values));
    });
}

Status BlobCollector::claimDue(const std::stop_token& stop) {
    const std::int64_t last = toMicros(clock_.now() - grace_);
    while (!stop.stop_requested()) {
        std::size_t count = 0;
        const Status written = store_.writeAndWait([&](Tx& tx) {
            std::vector<std::string> due;
            std::vector<std::int64_t> since;
            for (const Row& row : tx.query("SELECT sha256, since FROM blob_marks WHERE state = 'marked' AND"
                                           " since <= $1 ORDER BY since LIMIT 200",
                                           {last})) {
                due.push_back(row.text(0));
                since.push_back(row.integer(1));
            }
            count = due.size();
            if (due.empty()) return;
            const auto named = namedOf(tx, due);
            for (std::size_t i = 0; i < due.size(); ++i) {
                if (named.contains(due[i])) {
                    tx.exec("DELETE FROM blob_marks WHERE sha256 = $1", {std::string_view(due[i])});
                    continue;
                }
                // `since` is what was seen: a mark that somebody took away and another round set is another.
                if (tx.exec("UPDATE blob_marks SET state = 'deleting' WHERE sha256 = $1 AND since = $2"
                            " AND state = 'marked'",
                            {std::string_view(due[i]), since[i]}) == 1)
                    tx.exec("DELETE FROM thumbnails WHERE sha256 = $1", {std::string_view(due[i])});
            }
        });
        if (!written) return written;
        if (count < kBatch) return Done{};
    }
    return Done{};
}

Status BlobCollector::finishDeletions(Round& round) {
    while (true) {
        std::vector<std::string> claimed;
        store_.read([&](Reader& reader) {
            for (const Row& row :
                 reader.query("SELECT sha256 FROM blob_marks WHERE state = 'deleting' LIMIT 200"))
                claimed.push_back(row.text(0));
        });
        if (claimed.empty()) return Done{};
        for (const std::string& name : claimed) {
            if (auto removed = blobs_.remove(name); !removed) return removed;
            const Status written = store_.writeAndWait([&](Tx& tx) {
                tx.exec("DELETE FROM blob_marks WHERE sha256 = $1 AND state = 'deleting'",
                        {std::string_view(name)});
            });
            if (!written) return written;
            ++round.deleted;
        }
    }
}

Status BlobCollector::encrypt(const std::vector<std::string>& names, const RoundBegin& begin, Round& round,
                              const std::stop_token& stop) {
    if (keys_ == nullptr) return Done{};
    for (const std::string& name : names) {
        if (stop.stop_requested()) return Done{};
        const auto done = blobs_.encryptAnew(name);
        if (!done) return withContext("encrypt " + name, done.error());
        if (*done) ++round.encrypted;
    }
    // Another node may have put something under an older key shortly after the newest was made, not later.
    const bool is_settled =
        keys_->newest().number == begin.newest_key && keys_->newestSince() <= begin.at - grace_;
    return keys_->count() > 1 && is_settled ? keys_->dropOlder() : Status(Done{});
}

}  // namespace signalbox
