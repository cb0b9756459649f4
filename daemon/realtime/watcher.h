// One client of the live feed, and a piece of the log on its way to the watchers. Part of feed.cc.
#pragma once

#include <map>
#include <optional>
#include <unordered_map>

#include "daemon/realtime/feed.h"
#include "hub/access/visibility.h"

namespace signalbox {

struct Feed::Watcher {
    using Time = std::chrono::steady_clock::time_point;

    std::shared_ptr<http::LiveStream> stream;
    std::atomic<bool> is_closed{false}, has_said{false};
    std::atomic<int> frames_waiting{0};

    // Set by `open`, then the feed thread's alone.
    HttpRequest request;  // what says who it is, to ask again now and then
    Caller caller;
    std::optional<Visibility> view;  // nothing: has not said who it is yet
    std::vector<Subscription> subscriptions{Subscription{}};
    std::int64_t position = 0;  // the last offset that was looked at
    std::optional<std::int64_t> asked_from;
    std::chrono::seconds heartbeat{0};  // 0: none
    bool is_present = false;            // counts as a window of the user
    Time since{}, checked_at{}, spoke_at{};
    std::optional<Time> full_since;

    Id org() const { return view ? view->org() : 0; }
    bool send(std::string text, const std::string& id = "") {
        if (stream->send(std::move(text), id)) return true;
        is_closed = true;
        return false;
    }
};

// Records in order. What many watchers need of them is made once, when the first one needs it.
struct Feed::Batch {
    std::vector<LogRecordRef> records;
    std::vector<std::string> texts;
    std::vector<AccountRef> accounts;

    explicit Batch(std::vector<LogRecordRef> from)
        : records(std::move(from)), texts(records.size()), accounts(records.size()) {}
    bool isEmpty() const { return records.empty(); }
    std::int64_t last() const { return records.back()->offset; }
};

}  // namespace signalbox
