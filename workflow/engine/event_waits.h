// Nodes that wait for an event of the log. Such a wait's key says which: its type and a value in it,
// "event:<type>:<path>=<value>". So an event finds its waits by an exact key, however many wait. What is kept
// in memory are only the types and paths in use.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/json.h"
#include "hub/store/store.h"

namespace signalbox::workflow {

struct EventKey {
    std::string type;
    std::string
        path;  // dotted, in the event's data; "conversation" is the event's own; empty: any event of the type
    std::string value;  // as text

    std::string text() const;
    static std::optional<EventKey> parse(std::string_view text);
};

// What stands at the path, as text; empty when nothing does.
std::string valueAt(const Json& event, std::string_view path, Id conversation);

// Thread-safe.
class EventWaits {
public:
    // All waits in the database. Throws StoreError.
    void load(Store& store);
    // Before the wait is written, so that no event slips through in between.
    void note(std::string_view wait_key);
    bool listens(const std::string& type) const;
    // The keys under which something may wait for this event.
    std::vector<std::string> keysOf(const std::string& type, const Json& event, Id conversation) const;

private:
    mutable std::mutex mutex_;
    std::map<std::string, std::set<std::string>, std::less<>> paths_;  // by type
};

}  // namespace signalbox::workflow
