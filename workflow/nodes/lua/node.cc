// Runs a Lua script in the sandbox; what `run(item)` returns goes on. It may be a wish instead
// (signalbox.send, sleep, await, call), which the engine sees to; what came of it goes on then.
#include "workflow/engine/event_waits.h"
#include "workflow/node_type.h"
#include "workflow/params.h"
#include "workflow/receipt.h"

namespace signalbox::workflow::lua {

extern const char* const kSchema;

namespace {

struct PreparedLua : Prepared {
    std::string source;
    Params input;
    bool has_input = false;
    std::chrono::milliseconds timeout{};
};

constexpr const char* kWish = "$signalbox";  // names the wish in what the script returned

// {"result", "logs"} comes from the script, anything else from what it wished for.
bool isFromScript(const Json& answer) {
    return answer.is_object() && answer.size() == 2 && answer.contains("result") && answer.contains("logs");
}

Result<Outcome> send(const NodeInput& input, const Json& wish) {
    Json request = memberAt(wish, "message");
    if (!request.is_object()) return Error{ErrorKind::Invalid, "signalbox.send takes a message as a table"};
    if (textAt(request, "type").empty()) request["type"] = request.contains("template") ? "template" : "text";
    if (!request.contains("to") && textAt(request, "conversation_id").empty()) {
        request.erase("account");
        request["conversation_id"] = memberAt(memberAt(input.scope, "trigger"), "conversation_id");
        if (!request["conversation_id"].is_string())
            return Error{ErrorKind::Invalid,
                         "signalbox.send: nothing says where to; give account and to, or conversation_id"};
    }
    return Outcome(Send{std::move(request), true});
}

Result<Outcome> sleep(const NodeInput& input, const Json& wish) {
    if (const std::string until = textAt(wish, "until"); !until.empty()) {
        const auto time = parseRfc3339(until);
        if (!time)
            return Error{ErrorKind::Invalid, "signalbox.sleep: until is no time: " + until.substr(0, 60)};
        return Outcome(Sleep{*time});
    }
    const auto seconds = numberIn(memberAt(wish, "seconds"));
    constexpr double kLongest = 366.0 * 24 * 3600;
    if (!seconds || *seconds < 0 || *seconds > kLongest)
        return Error{ErrorKind::Invalid, "signalbox.sleep takes seconds from 0 to a year, or {until = time}"};
    return Outcome(Sleep{input.now + std::chrono::microseconds(static_cast<std::int64_t>(*seconds * 1e6))});
}

Result<Outcome> await(const NodeInput& input, const Json& wish) {
    const EventKey key{textAt(wish, "event"), textAt(wish, "path"), textIn(memberAt(wish, "value"))};
    if (key.type.empty()) return Error{ErrorKind::Invalid, "signalbox.await needs {event = type}"};
    if (key.path.empty() != key.value.empty())
        return Error{ErrorKind::Invalid, "signalbox.await: path and value go together"};
    std::optional<TimePoint> deadline;
    if (const auto seconds = numberIn(memberAt(wish, "timeout_s")); seconds && *seconds >= 0)
        deadline =
            input.now + std::chrono::microseconds(static_cast<std::int64_t>(std::min(*seconds, 3.2e7) * 1e6));
    return Outcome(Await{key.text(), deadline});
}

Result<Outcome> granted(const NodeInput& input, const Json& wish) {
    const std::string kind = textAt(wish, kWish);
    if (kind == "send") return send(input, wish);
    if (kind == "sleep") return sleep(input, wish);
    if (kind == "await") return await(input, wish);
    if (kind != "call")
        return Error{ErrorKind::Invalid, "signalbox: no outcome \"" + kind.substr(0, 40) + "\""};
    if (textAt(wish, "workflow").empty())
        return Error{ErrorKind::Invalid, "signalbox.call needs a workflow's name"};
    return Outcome(Spawn{textAt(wish, "workflow"), memberAt(wish, "input"), true});
}

// What came of the wish.
Result<Outcome> settled(const Json& answer) {
    if (answer.is_null()) return Outcome(Next{});  // slept: the data go on
    if (const std::string status = textAt(answer, "status");
        answer.contains("run") && answer.contains("result")) {
        if (status == "succeeded") return Outcome(Next{"out", memberAt(answer, "result")});
        const Json& error = memberAt(answer, "error");
        return Error{ErrorKind::Rejected,
                     "signalbox.call: " + textAt(error, "message", "the run is " + status),
                     {},
                     textAt(error, "code", "child_" + status)};
    }
    const std::string state = textAt(answer, "state");
    if (!state.empty()) {
        if (auto taken = readReceipt("signalbox.send", answer); !taken) return taken.error();
    }
    return Outcome(Next{"out", answer});
}

class Lua : public NodeType {
public:
    std::string name() const override { return "lua"; }
    const std::string& paramsSchema() const override {
        static const std::string schema = kSchema;
        return schema;
    }
    std::vector<std::string> check(const Json& params) const override {
        auto faults = checkAll(memberAt(params, "input"));
        for (auto& fault : faults) fault.insert(0, "input: ");
        if (textAt(params, "source").empty() && textAt(params, "script").empty()) {
            faults.push_back("needs the script's text in `source`, or its name in `script`");
        }
        return faults;
    }
    Result<std::unique_ptr<const Prepared>> prepare(const Json& params) const override {
        auto prepared = std::make_unique<PreparedLua>();
        prepared->source = textAt(params, "source");
        if (prepared->source.empty())
            return Error{ErrorKind::NotFound, "script: there is no " + textAt(params, "script")};
        prepared->timeout = std::chrono::milliseconds(numberAt(params, "timeout_ms"));
        if (params.contains("input")) {
            auto input = Params::compile(params["input"]);
            if (!input) return withContext("input", input.error());
            input->collectNames(prepared->names);
            prepared->input = std::move(*input);
            prepared->has_input = true;
        }
        return std::unique_ptr<const Prepared>(std::move(prepared));
    }
    Result<Outcome> enter(const NodeInput& input) const override {
        const auto& prepared = static_cast<const PreparedLua&>(input.prepared);
        Call call{prepared.source, {}, prepared.timeout};
        if (prepared.has_input) {
            auto item = prepared.input.render(input.scope);
            if (!item) return withContext("input", item.error());
            call.item = std::move(*item);
        }
        return Outcome(std::move(call));
    }
    Result<Outcome> resume(const NodeInput& input, const Json& answer) const override {
        if (!isFromScript(answer)) return settled(answer);
        const Json& result = memberAt(answer, "result");
        if (result.is_object() && result.contains(kWish)) return granted(input, result);
        return Outcome(Next{"out", result});
    }
    // A script says all it waits for by type, path and value.
    Result<bool> matches(const Prepared&, const Json&) const override { return true; }
};

}  // namespace

const NodeType& type() {
    static const Lua instance;
    return instance;
}

}  // namespace signalbox::workflow::lua
