// A LuaRunner without Lua: a script is a name, and what it does is a function of the test. Thread-safe once
// set up.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <string>

#include "base/json.h"
#include "workflow/lua/lua_runner.h"

namespace signalbox::workflow {

class FakeLua : public LuaRunner {
public:
    using Script = std::function<Result<Json>(const Json& item)>;

    void add(const std::string& source, Script script) { scripts_[source] = std::move(script); }

    Result<ScriptResult> run(const ScriptCall& call) override {
        ++calls;
        const auto at = scripts_.find(std::string(call.source));
        if (at == scripts_.end())
            return Error{ErrorKind::Invalid, "line 1: no such script", {}, "E_LUA_RUNTIME"};
        auto result = at->second(Json::parse(call.item_json));
        if (!result) return result.error();
        return ScriptResult{dumpJson(*result), {"ran " + at->first}};
    }
    Status check(std::string_view source) override {
        if (scripts_.contains(std::string(source))) return Done{};
        return Error{ErrorKind::Invalid, "line 1: no such script", {}, "E_LUA_SYNTAX"};
    }

    std::atomic<int> calls{0};

private:
    std::map<std::string, Script> scripts_;
};

}  // namespace signalbox::workflow
