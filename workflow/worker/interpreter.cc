#include "workflow/worker/interpreter.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <lua.hpp>

#include "workflow/worker/json.h"
#include "workflow/worker/library.h"
#include "workflow/worker/meter.h"
#include "workflow/worker/modules.h"

namespace signalbox::worker {
namespace {

constexpr std::size_t kReserve = 160 << 20;  // address space; the limit of the call decides what is used
constexpr std::size_t kMaxMessage = 1024;

// How far the current call has come: what a Lua error means depends on it.
struct Progress {
    Verdict if_it_fails;
    const Request* request;
    std::size_t result_size;
};
Progress& progress() {
    static Progress the_only_one;
    return the_only_one;
}

// Given to the compiler in small pieces with a look at the clock between them.
struct Pieces {
    std::string_view rest;
};
const char* nextPiece(lua_State*, void* data, std::size_t* size) {
    auto& rest = static_cast<Pieces*>(data)->rest;
    *size = rest.size() < 1024 ? rest.size() : 1024;
    meter().charge(*size * 4);
    const char* const piece = rest.data();
    rest.remove_prefix(*size);
    return *size == 0 ? nullptr : piece;
}

// Called by lua_pcall; the compiled script is the only value on the stack.
int runScript(lua_State* L) {
    Progress& now = progress();
    now.if_it_fails = Verdict::Runtime;
    lua_call(L, 0, 0);
    lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
    lua_pushliteral(L, "run");
    if (lua_rawget(L, -2) != LUA_TFUNCTION) {
        now.if_it_fails = Verdict::Syntax;
        return luaL_error(L, "the script defines no function run(item)");
    }
    if (now.request->action == Action::Check) return 0;
    pushJson(L, "item", now.request->item.data(), now.request->item.size());
    lua_call(L, 1, 1);
    now.if_it_fails = Verdict::Result;
    now.result_size = writeJson(L, "result", -1, callContext().json, kMaxResult);
    return 0;
}

void chunkName(std::string_view node_id, char (&name)[64]) {
    std::snprintf(name, sizeof name, "=node:%.*s", static_cast<int>(node_id.size()), node_id.data());
}

// A worker whose state cannot even be built is of no use; the daemon starts another.
int atPanic(lua_State*) {
    std::abort();
}

}  // namespace

Interpreter::Interpreter(char* result, char* log) : arena_(kReserve), result_(result), log_(log) {
    prepareModules();
    makeState();
    fresh_ = arena_.save();
}

void Interpreter::makeState() {
    arena_.reset();
    state_ = lua_newstate(&Arena::reallocate, &arena_);
    if (state_ == nullptr) std::abort();
    lua_atpanic(state_, &atPanic);
    lua_gc(state_, LUA_GCSTOP);
    openBase(state_);
    openString(state_);
    openTable(state_);
    openMath(state_);
    openSignalbox(state_);
    lua_gc(state_, LUA_GCRESTART);
    // Half as much again before the next collection, not twice as much: the limit is hard (arena.h).
    lua_gc(state_, LUA_GCINC, 150, 0, 0);
    lua_gc(state_, LUA_GCCOLLECT);
    meter().arm(state_);
}

Response Interpreter::run(const Request& request) {
    auto& call = callContext();
    seedRandom(call, request.seed);
    call.now_us = request.now_us;
    call.log = log_;
    call.log_size = 0;
    call.is_log_full = false;
    call.json = result_;
    progress() = {Verdict::Syntax, &request, 0};
    meter().begin(request.cpu_budget_us, request.memory_limit);
    if (setjmp(meter().exit) != 0) return dead();
    return execute(request);
}

Response Interpreter::execute(const Request& request) {
    const Image* const compiled = cache_.find(request.node_id, request.source);
    arena_.restore(compiled != nullptr ? *compiled : fresh_);
    if (compiled == nullptr && !compile(request)) return failure();
    lua_pushcfunction(state_, &runScript);
    lua_insert(state_, 1);
    if (lua_pcall(state_, 1, 0, 0) != LUA_OK) return failure();
    return {Verdict::Ok, {result_, progress().result_size}, {log_, callContext().log_size}};
}

// Leaves the function on the stack and the state in the cache, or the message on the stack.
bool Interpreter::compile(const Request& request) {
    char name[64];
    chunkName(request.node_id, name);
    Pieces pieces{request.source};
    if (lua_load(state_, &nextPiece, &pieces, name, "t") != LUA_OK) return false;
    if (!arena_.hasLargeBlocks()) cache_.add(request.node_id, request.source, arena_.save());
    return true;
}

// The message is on top of the stack. One line that begins with the node, cut, valid UTF-8.
Response Interpreter::failure() {
    char plain[96];
    std::size_t size = 0;
    const char* text = lua_type(state_, -1) == LUA_TSTRING ? lua_tolstring(state_, -1, &size) : nullptr;
    if (text == nullptr) {
        std::snprintf(plain, sizeof plain, "the error is a %s; raise a text: error(\"…\")",
                      luaL_typename(state_, -1));
        text = plain;
        size = std::strlen(plain);
    }
    const auto node_id = progress().request->node_id;
    int used = 0;
    if (std::strncmp(text, "node:", 5) != 0)
        used = std::snprintf(result_, kMaxMessage, "node:%.*s: ", static_cast<int>(node_id.size()),
                             node_id.data());
    const std::size_t total = std::min(kMaxMessage, static_cast<std::size_t>(used) + size);
    std::memmove(result_ + used, text, total - static_cast<std::size_t>(used));
    for (std::size_t i = 0; i < total; ++i)
        if (static_cast<unsigned char>(result_[i]) < 0x20) result_[i] = ' ';
    return {progress().if_it_fails, {result_, utf8Prefix(result_, total)}, {log_, callContext().log_size}};
}

Response Interpreter::dead() {
    const Meter& gauge = meter();
    const bool is_memory = gauge.death() == Death::Memory;
    char what[96];
    if (is_memory)
        std::snprintf(what, sizeof what, "the script uses more than %zu MiB of memory",
                      gauge.memoryLimit() >> 20);
    else if (gauge.death() == Death::CpuTime)
        std::snprintf(what, sizeof what, "the script ran longer than %u ms", gauge.cpuBudgetMs());
    else
        std::snprintf(what, sizeof what, "the script ran for more than 20000000 instructions");
    const bool has_place = gauge.place()[0] != '\0';
    const int size = std::snprintf(result_, kMaxMessage, "%s%s%s", gauge.place(), has_place ? " " : "", what);
    return {is_memory ? Verdict::Memory : Verdict::Time,
            {result_, static_cast<std::size_t>(size)},
            {log_, callContext().log_size}};
}

}  // namespace signalbox::worker
