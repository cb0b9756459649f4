#include "workflow/engine/journal.h"

#include <map>
#include "base/own_json.h"

namespace signalbox::workflow {
namespace {

constexpr std::size_t kMaxValue = 64 * 1024, kShortValue = 2048, kWholeValues = 16 << 20;

void member(std::string& out, std::string_view key, std::string_view json) {
    out.append(",\"").append(key).append("\":").append(json);
}

std::string quoted(const std::string& text) {
    return dumpJson(Json(text));
}

Json readableTime(const Json& micros) {
    return micros.is_number_integer() ? Json(toRfc3339(fromMicros(micros.get<std::int64_t>()))) : Json();
}

// By path and node.
using Outputs = std::map<std::pair<std::string, std::string>, Json>;

// What the node gave in this iteration, or in one around it.
Json outputOf(const Outputs& outputs, std::string path, const std::string& node) {
    for (;;) {
        const auto at = outputs.find({path, node});
        if (at != outputs.end()) return at->second;
        if (path.empty()) return nullptr;
        const auto slash = path.rfind('/');
        path.resize(slash == std::string::npos ? 0 : slash);
    }
}

}  // namespace

Json errorJson(const Error& error) {
    Json out = {{"kind", toString(error.kind)}, {"message", error.message}};
    if (!error.code.empty()) out["code"] = error.code;
    return out;
}

void Journal::add(const JournalEntry& entry) {
    text_.append(text_.empty() ? "[{\"node\":" : ",{\"node\":").append(quoted(entry.node.id));
    // Of a walk with much history, the beginnings of what comes later.
    const std::size_t most = text_.size() < kWholeValues ? kMaxValue : kShortValue;
    member(text_, "type", quoted(entry.node.type->name()));
    if (!entry.path.empty()) member(text_, "path", quoted(entry.path));
    member(text_, "attempt", std::to_string(entry.attempt));
    member(text_, "started_at", std::to_string(toMicros(entry.started_at)));
    member(text_, "ended_at", std::to_string(toMicros(entry.ended_at)));
    if (entry.input != nullptr) {
        member(text_, "input", redactor_.toText(*entry.input, most));
    } else {
        member(text_, "input_from", quoted(entry.input_from));
    }
    if (entry.output != nullptr) member(text_, "output", redactor_.toText(*entry.output, most));
    if (entry.request != nullptr) member(text_, "request", redactor_.toText(*entry.request, most));
    if (entry.skipped != nullptr) member(text_, "skipped", redactor_.toText(*entry.skipped));
    if (!entry.port.empty()) member(text_, "port", quoted(entry.port));
    if (entry.error != nullptr) member(text_, "error", redactor_.toText(errorJson(*entry.error)));
    if (entry.logs != nullptr && !entry.logs->empty())
        member(text_, "logs", redactor_.toText(*entry.logs, most));
    text_ += '}';
}

std::string Journal::take() {
    std::string out = text_.empty() ? "[]" : std::move(text_) + "]";
    text_.clear();
    return out;
}

Json readableJournal(const std::vector<std::string>& walks, const Json& trigger) {
    Json out = Json::array();
    Outputs outputs{{{"", ""}, trigger}};
    for (const auto& walk : walks) {
        auto entries = parseJson(walk, kOwnJson);
        if (!entries || !entries->is_array()) continue;
        for (auto& entry : *entries) {
            const std::string path = textAt(entry, "path");
            if (!entry.contains("input"))
                entry["input"] = outputOf(outputs, path, textAt(entry, "input_from"));
            entry.erase("input_from");
            // What passed through is shown on both sides.
            if (!entry.contains("output") && entry.contains("port")) entry["output"] = entry["input"];
            if (entry.contains("output")) outputs[{path, textAt(entry, "node")}] = entry["output"];
            entry["started_at"] = readableTime(entry["started_at"]);
            entry["ended_at"] = readableTime(entry["ended_at"]);
            out.push_back(std::move(entry));
        }
    }
    return out;
}

}  // namespace signalbox::workflow
