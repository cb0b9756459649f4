#include "daemon/hooks/trigger_paths.h"

#include <algorithm>

#include "base/http_message.h"
#include "hub/accounts/accounts.h"

namespace signalbox {
namespace {

std::vector<std::string> split(std::string_view path) {
    std::vector<std::string> out;
    while (!path.empty()) {
        const auto end = path.find('/');
        if (end != 0) out.emplace_back(path.substr(0, end));
        path = end == std::string_view::npos ? "" : path.substr(end + 1);
    }
    return out;
}

std::size_t parametersOf(const TriggerPath& path) {
    return static_cast<std::size_t>(std::count_if(path.segments.begin(), path.segments.end(),
                                                  [](const auto& one) { return one.starts_with(':'); }));
}

std::vector<std::string> methodsOf(const Json& params) {
    const Json& given = memberAt(params, "method");
    std::vector<std::string> methods;
    for (const Json& one : given.is_array() ? given : Json::array({given}))
        if (one.is_string()) methods.push_back(one.get<std::string>());
    return methods;
}

bool fits(const TriggerPath& path, const std::vector<std::string>& asked, Json& captures) {
    if (asked.size() != path.segments.size()) return false;
    for (std::size_t i = 0; i < asked.size(); ++i) {
        const std::string& segment = path.segments[i];
        if (segment.starts_with(':')) {
            captures[segment.substr(1)] = percentDecode(asked[i]);
        } else if (segment != percentDecode(asked[i])) {
            return false;
        }
    }
    return true;
}

}  // namespace

TriggerPaths::TriggerPaths(const workflow::TriggerIndex& index) {
    for (const auto& [id, workflow] : index.by_id) {
        for (const auto trigger : workflow->triggers) {
            const auto& node = workflow->nodes[trigger];
            const std::string type = node.type->name(), text = textAt(node.params, "path");
            if ((type != "trigger.webhook" && type != "trigger.form") || text.empty()) continue;
            auto path = std::make_shared<TriggerPath>();
            path->org = workflow->org;
            path->workflow = id;
            path->version = workflow->version;
            path->workflow_name = workflow->name;
            path->node = node.id;
            path->is_form = type == "trigger.form";
            path->segments = split(text);
            path->params = node.params;
            if (!path->is_form) path->methods = methodsOf(node.params);
            paths_.push_back(std::move(path));
        }
    }
    std::stable_sort(paths_.begin(), paths_.end(), [](const TriggerPathRef& a, const TriggerPathRef& b) {
        return parametersOf(*a) < parametersOf(*b);  // by_id is in the order of age
    });
}

TriggerPaths::Match TriggerPaths::find(bool is_form, std::string_view method, std::string_view path) const {
    Id org = kDefaultOrg;
    auto asked = split(path);
    if (!asked.empty() && asked[0].starts_with('@')) {
        org = parseId(kOrgId, std::string_view(asked[0]).substr(1)).value_or(0);
        asked.erase(asked.begin());
    }
    Match match;
    for (const auto& one : paths_) {
        Json captures = Json::object();
        if (one->is_form != is_form || one->org != org || !fits(*one, asked, captures)) continue;
        if (is_form || std::find(one->methods.begin(), one->methods.end(), method) != one->methods.end()) {
            match.path = one;
            match.captures = std::move(captures);
            return match;
        }
        match.allowed.insert(match.allowed.end(), one->methods.begin(), one->methods.end());
    }
    return match;
}

std::string publicPath(const TriggerPath& path) {
    std::string out = path.is_form ? "/forms" : "/webhooks";
    if (path.org != kDefaultOrg) out += "/@" + idText(kOrgId, path.org);
    for (const auto& segment : path.segments) out += '/' + segment;
    return out;
}

}  // namespace signalbox
