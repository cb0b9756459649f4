// Where published workflows have a door of their own: the paths of trigger.webhook and trigger.form, found by
// what is asked. Built from the published workflows whenever these change. A value; any thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/json.h"
#include "workflow/engine/catalog.h"

namespace signalbox {

struct TriggerPath {
    Id org = 0, workflow = 0;
    std::int64_t version = 0;
    std::string workflow_name, node;
    bool is_form = false;
    std::vector<std::string> methods;   // of a webhook
    std::vector<std::string> segments;  // ":name" is a parameter
    Json params;                        // of the node
};
using TriggerPathRef = std::shared_ptr<const TriggerPath>;  // requests in flight outlive a publishing

class TriggerPaths {
public:
    explicit TriggerPaths(const workflow::TriggerIndex& index);

    struct Match {
        TriggerPathRef path;  // null: none of this kind
        Json captures = Json::object();
        std::vector<std::string> allowed;  // methods of the paths that fit but for the method
    };
    // `path` is what follows /webhooks/ or /forms/, percent-encoded. Paths of organization 1 stand as they
    // are, those of others behind «@org_…/». Of two that fit the one with fewer parameters counts, then the
    // older workflow.
    Match find(bool is_form, std::string_view method, std::string_view path) const;

private:
    std::vector<TriggerPathRef> paths_;
};

// The path as outsiders write it.
std::string publicPath(const TriggerPath& path);

}  // namespace signalbox
