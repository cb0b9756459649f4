// Repeated parts of the graph. Each iteration is a pass of its own with marks of its own; passes of one loop
// are begun in order and may overlap in their waits, and their results keep the order of the items.
#include <algorithm>
#include <utility>

#include "workflow/engine/ports.h"
#include "workflow/engine/row_fault.h"
#include "workflow/engine/walker.h"

namespace signalbox::workflow {
namespace {

constexpr std::int64_t kSlice = 4000;         // node executions in one walk, about
constexpr std::size_t kSliceBytes = 8 << 20;  // of what one walk sends and starts, about
constexpr std::size_t kRowsAtOnce = 500;      // of a source
constexpr std::size_t kKeptResults = 1000;    // of a source; more are written away
constexpr std::size_t kKeptErrors = 1000;

}  // namespace

// Takes up another pass: what its nodes gave comes into the scope, what others gave goes out of it.
void Walker::activate(std::int64_t id) {
    if (pass_->id == id) return;
    std::vector<Pass*> chain;
    for (Pass* at = &passOf(id); at->id != 0; at = &passOf(at->parent)) chain.push_back(at);
    while (pass_->id != 0 && std::find(chain.begin(), chain.end(), pass_) == chain.end()) {
        swapLocals(*pass_, false);
        pass_ = &passOf(pass_->parent);
    }
    for (auto at = std::find(chain.begin(), chain.end(), pass_); at != chain.begin();) {
        pass_ = *--at;
        swapLocals(*pass_, true);
    }
    showVariables();
    if (!workflow_.reads_loop) return;
    Json& loop = state_.scope["loop"];
    loop = nullptr;
    if (pass_->id != 0) loop = loopOf(*pass_);
}

// `loop.parent` is the iteration around it.
Json Walker::loopOf(const Pass& pass) {
    Json out = {{"index", pass.index}, {"item", pass.item}, {"path", pass.path}};
    if (pass.parent != 0) out["parent"] = loopOf(passOf(pass.parent));
    return out;
}

void Walker::swapLocals(Pass& pass, bool in) {
    Json& from = in ? pass.locals : state_.scope["nodes"];
    Json& to = in ? state_.scope["nodes"] : pass.locals;
    if (from.empty()) return;
    for (const auto node : workflow_.regions[pass.region].scope) {
        const std::string& id = workflow_.nodes[node].id;
        const auto at = from.find(id);
        if (at == from.end()) continue;
        to[id] = std::move(*at);
        from.erase(at);
    }
}

// A variable belongs to the loop that brought it, else to the run: the nearest pass that has it.
void Walker::assign(const Json& variables) {
    for (const auto& [name, value] : variables.items()) {
        Pass* owner = pass_;
        while (owner->id != 0 && !owner->variables.contains(name)) owner = &passOf(owner->parent);
        owner->variables[name] = value;
    }
    has_changed_variables_ = true;
    showVariables();
}

// As seen from the pass that is worked on.
void Walker::showVariables() {
    if (!workflow_.reads_vars) return;
    std::vector<const Pass*> chain;
    bool is_inner = false;
    for (const Pass* at = pass_;; at = &passOf(at->parent)) {
        chain.push_back(at);
        is_inner = is_inner || (at->id != 0 && !at->variables.empty());
        if (at->id == 0) break;
    }
    if (!is_inner && !shows_inner_variables_ && !has_changed_variables_) return;
    Json& vars = state_.scope["vars"];
    vars = Json::object();
    for (auto at = chain.rbegin(); at != chain.rend(); ++at) vars.update((*at)->variables);
    shows_inner_variables_ = is_inner;
    has_changed_variables_ = false;
}

std::optional<Result<Json>> Walker::act(std::uint32_t index, const Input&, Repeat& repeat) {
    const std::string& id = workflow_.nodes[index].id;
    if (auto error = grow(repeat.items)) return Result<Json>(std::move(*error));
    if (auto error = grow(repeat.variables)) return Result<Json>(std::move(*error));
    if (repeat.variables.is_object()) {
        pass_->variables.update(repeat.variables);
        has_changed_variables_ = true;
        showVariables();
    }
    const bool has_source = repeat.source.is_object();
    if (has_source && context_.rows == nullptr)
        return Result<Json>(Error{ErrorKind::Unavailable, "no files can be read here"});
    if (has_source) repeat.items = Json::array();
    if (!repeat.items.is_array())
        return Result<Json>(Error{ErrorKind::Invalid, "what is to be repeated must be a list"});
    if (repeat.items.empty() && !has_source) {
        return Result<Json>(Json{{"results", Json::array()},
                                 {"errors", Json::array()},
                                 {"count", 0},
                                 {"failed", 0},
                                 {"next_index", 0}});
    }
    if (workflow_.nodes[index].hosts == 0)
        return Result<Json>(Error{ErrorKind::Invalid, "nothing hangs on the port \"each\" of " + id});
    Loop loop;
    loop.results = Json(Json::array_t(repeat.items.size()));
    loop.items = std::move(repeat.items);
    loop.errors = Json::array();
    loop.first_index = repeat.first_index;
    loop.concurrency = std::max<std::int64_t>(repeat.concurrency, 1);
    loop.on_error = repeat.on_error;
    loop.passes_on = repeat.passes_on;
    loop.started_at = entered_at_;
    if (has_source) loop.source = std::move(repeat.source);
    pass_->loops[index] = std::move(loop);
    const auto& policy = workflow_.nodes[index].policy;
    const bool has_timer = std::any_of(state_.waits.begin(), state_.waits.end(), [&](const WaitEntry& wait) {
        return wait.pass == pass_->id && wait.node == index;
    });
    if (policy && policy->timeout && !has_timer) waitFor(WaitEntry::Kind::Loop, index, {});
    launch(index);
    return std::nullopt;
}

// A node with max_iterations, come to from outside of its cycle.
void Walker::enterCycle(std::uint32_t host) {
    Loop loop;
    const Input input = inputOf(host);
    auto no_room =
        input.is_too_large ? std::optional(tooLarge("the inputs of this node")) : grow(*input.item);
    if (no_room) return fault(host, input, std::move(*no_room));
    loop.items = Json::array({*input.item});
    loop.results = Json::array({nullptr});
    loop.errors = Json::array();
    loop.passes_on = true;
    loop.started_at = entered_at_;
    pass_->loops[host] = std::move(loop);
    setMark(host, NodeMark::Waiting);
    launch(host);
}

// Begins as many passes as may run at once. The loop's pass is active, before and after.
void Walker::launch(std::uint32_t host) {
    const std::int64_t parent = pass_->id;
    do {
        Loop& loop = pass_->loops.at(host);
        const auto count = static_cast<std::int64_t>(loop.items.size());
        while (!isOver() && loop.running < loop.concurrency && loop.next < count) {
            if (isSliceOver(host)) return;
            const std::int64_t at = loop.next++;
            Json item = std::move(loop.items[static_cast<std::size_t>(at)]);
            if (const auto fault = loop.source.is_null() ? std::nullopt : faultOfRow(item)) {
                if (!skipRow(host, loop.first_index + at, *fault)) return;
                continue;
            }
            ++loop.running;
            beginPass(host, loop.first_index + at, std::move(item));
            activate(parent);
        }
        if (isOver() || loop.running > 0 || loop.next < count) return;
        if (loop.source.is_null()) return finishLoop(host);
    } while (refill(host));
}

// A row that cannot be read fails like a pass for it would. False: so has the loop.
bool Walker::skipRow(std::uint32_t host, std::int64_t index, const std::string& why) {
    Loop& loop = pass_->loops.at(host);
    const std::string path = (pass_->path.empty() ? "" : pass_->path + "/") + workflow_.nodes[host].id;
    const Error error{ErrorKind::Invalid, path + "[" + std::to_string(index) + "]: " + why, {}, "bad_row"};
    if (loop.on_error == OnItemError::Stop) {
        failLoop(host, error);
        return false;
    }
    ++loop.failed;
    if (loop.errors.size() < kKeptErrors)
        loop.errors.push_back({{"index", index}, {"item", nullptr}, {"error", errorJson(error)}});
    return true;
}

// A long loop gives way: what was done so far is committed, others have their turn, then it goes on.
bool Walker::isSliceOver(std::uint32_t host) {
    if (state_.executions - slice_start_ < kSlice && leaving_.bytes < kSliceBytes) return false;
    const bool waits = std::any_of(state_.waits.begin(), state_.waits.end(), [&](const WaitEntry& wait) {
        return wait.kind == WaitEntry::Kind::Slice && wait.pass == pass_->id && wait.node == host;
    });
    if (!waits) waitFor(WaitEntry::Kind::Slice, host, context_.now);
    return true;
}

// The next rows of a loop's source. False: there are none, so it is over; or it failed.
bool Walker::refill(std::uint32_t host) {
    Loop& loop = pass_->loops.at(host);
    putAway(host, loop);
    auto chunk = context_.rows == nullptr
                     ? Result<RowChunk>(Error{ErrorKind::Unavailable, "no files can be read here"})
                     : context_.rows->read(workflow_.org, loop.source, kRowsAtOnce);
    if (!chunk) {
        failLoop(host, chunk.error());
        return false;
    }
    loop.source = std::move(chunk->rest);
    loop.items = std::move(chunk->rows);
    loop.results = Json(Json::array_t(loop.items.size()));
    loop.next = 0;
    if (!loop.items.empty()) return true;
    finishLoop(host);
    return false;
}

// What a piece gave: kept while it is little, else written away with this walk.
void Walker::putAway(std::uint32_t host, Loop& loop) {
    if (loop.results.empty()) return;
    const auto& node = workflow_.nodes[host].id;
    const auto write = [&](std::int64_t first, const Json& results) {
        walk_.spills.push_back({pass_->path.empty() ? node : pass_->path + "/" + node, first,
                                context_.redactor->hide(dumpJson(results))});
    };
    const auto size = static_cast<std::int64_t>(loop.results.size());
    if (loop.spills) {
        write(loop.count, loop.results);
    } else {
        for (auto& result : loop.results) loop.kept.push_back(std::move(result));
        loop.spills = loop.kept.size() > kKeptResults;
        if (loop.spills) write(0, std::exchange(loop.kept, Json::array()));
    }
    loop.count += size;
    loop.first_index += size;
    loop.results = Json::array();
}

void Walker::beginPass(std::uint32_t host, std::int64_t index, Json item) {
    const CompiledNode& node = workflow_.nodes[host];
    const CompiledRegion& region = workflow_.regions[node.hosts];
    Pass pass = freshPass(workflow_, node.hosts);
    pass.id = state_.next_pass++;
    pass.parent = pass_->id;
    pass.index = index;
    pass.path = (pass_->path.empty() ? "" : pass_->path + "/") + node.id + "[" + std::to_string(index) + "]";
    pass.item = std::move(item);
    if (!region.is_cycle) pass.outputs[host] = kFromPass;
    countMarks(workflow_, pass);
    const std::int64_t id = pass.id;
    state_.inner.insert_or_assign(id, std::move(pass));
    activate(id);
    if (!region.is_cycle) {
        for (const auto edge : node.out) {
            if (workflow_.edges[edge].region != node.hosts) continue;
            const bool is_taken = holds(workflow_.edges[edge], pass_->item);
            settle(edge, is_taken ? EdgeMark::Taken : EdgeMark::Skipped);
        }
    }
    for (const auto start : region.starts) ready_.push_back({id, start});
    if (pass_->open == 0) ended_.push_back(id);
}

void Walker::endPasses() {
    const std::int64_t id = ended_.front();
    ended_.pop_front();
    if (!isGone(id)) endPass(id);
}

Result<Json> Walker::resultOf(const Pass& pass) {
    Json last;
    if (pass.back != kFromNobody) {
        last = valueFrom(pass.back);
    } else if (pass.result_node >= 0) {
        last = valueFrom(pass.outputs[static_cast<std::size_t>(pass.result_node)]);
    }
    const CompiledRegion& region = workflow_.regions[pass.region];
    const CompiledNode& host = workflow_.nodes[region.host];
    if (region.is_cycle) return last;
    if (host.reads_item) state_.scope["item"] = last;
    auto own = host.type->passResult({host.params, *host.prepared, last, state_.scope, context_.now, 0});
    if (!own) return own.error();
    return *own ? std::move(**own) : std::move(last);
}

void Walker::endPass(std::int64_t id) {
    activate(id);
    const CompiledRegion& region = workflow_.regions[pass_->region];
    auto made = resultOf(*pass_);
    if (!made) return failPass(id, region.host, withContext("result", made.error()));
    if (auto error = grow(*made)) return failPass(id, region.host, std::move(*error));
    Json result = std::move(*made);
    const std::int64_t index = pass_->index;
    if (region.is_cycle) {
        std::vector<std::pair<std::uint32_t, Json>> exits;
        for (const auto edge : pass_->exits) {
            exits.emplace_back(edge, valueFrom(pass_->outputs[workflow_.edges[edge].source]));
        }
        activate(pass_->parent);
        const bool comes_back = passOf(id).back != kFromNobody;
        Json locals = std::move(passOf(id).locals);
        state_.inner.erase(id);
        if (comes_back) return repeatCycle(region.host, index + 1, std::move(result));
        for (auto& [name, output] : locals.items()) state_.scope["nodes"][name] = std::move(output);
        return leaveCycle(region.host, std::move(exits), std::move(result));
    }
    activate(pass_->parent);
    Json locals = std::move(passOf(id).locals);
    state_.inner.erase(id);
    Loop& loop = pass_->loops.at(region.host);
    // A loop that goes round decides by what its last pass gave, and so may what comes behind it.
    if (loop.passes_on) {
        for (auto& [name, output] : locals.items()) state_.scope["nodes"][name] = std::move(output);
    }
    loop.results[static_cast<std::size_t>(index - loop.first_index)] = std::move(result);
    --loop.running;
    launch(region.host);
}

void Walker::repeatCycle(std::uint32_t host, std::int64_t made, Json item) {
    const auto most = workflow_.nodes[host].policy->max_iterations;
    if (made >= most) {
        return failLoop(host,
                        {ErrorKind::Rejected,
                         "the cycle was gone through " + std::to_string(most) + " times (max_iterations)",
                         {},
                         "max_iterations"});
    }
    Loop& loop = pass_->loops.at(host);
    loop.items = Json::array({std::move(item)});
    loop.first_index = made;
    loop.next = loop.running = 0;
    launch(host);
}

// The last pass of a cycle: what left it then goes on in the pass around it.
void Walker::leaveCycle(std::uint32_t host, std::vector<std::pair<std::uint32_t, Json>> exits, Json result) {
    pass_->loops.erase(host);
    if (exits.empty()) {
        keep(host, static_cast<std::int32_t>(host), std::move(result));
        pass_->result_node = static_cast<std::int32_t>(host);
    }
    std::vector<std::uint32_t> taken;
    for (auto& [edge, value] : exits) {
        const auto source = workflow_.edges[edge].source;
        keep(source, static_cast<std::int32_t>(source), std::move(value));
        taken.push_back(edge);
    }
    setMark(host, NodeMark::Done);
    for (const auto edge : workflow_.regionExits(workflow_.nodes[host].hosts)) {
        const bool is_taken = std::find(taken.begin(), taken.end(), edge) != taken.end();
        if (workflow_.edges[edge].region == pass_->region) {
            settle(edge, is_taken ? EdgeMark::Taken : EdgeMark::Skipped);
        } else if (is_taken) {
            pass_->exits.push_back(edge);
        }
    }
}

// Nothing in the pass took its error: the loop's policy decides.
void Walker::failPass(std::int64_t id, std::uint32_t node, Error error) {
    const Pass& pass = passOf(id);
    const CompiledRegion& region = workflow_.regions[pass.region];
    const std::int64_t index = pass.index;
    Json item = pass.item;
    error.message = pass.path + "/" + workflow_.nodes[node].id + ": " + error.message;
    activate(pass.parent);
    dropPass(id);
    Loop& loop = pass_->loops.at(region.host);
    if (region.is_cycle || loop.on_error == OnItemError::Stop) return failLoop(region.host, std::move(error));
    ++loop.failed;
    if (loop.errors.size() < kKeptErrors)
        loop.errors.push_back({{"index", index}, {"item", std::move(item)}, {"error", errorJson(error)}});
    --loop.running;
    launch(region.host);
}

void Walker::finishLoop(std::uint32_t host) {
    Loop loop = std::move(pass_->loops.at(host));
    pass_->loops.erase(host);
    entered_at_ = loop.started_at;
    if (!loop.source.is_null()) loop.results = std::move(loop.kept);
    const auto count = loop.source.is_null() ? static_cast<std::int64_t>(loop.results.size()) : loop.count;
    const std::int64_t next_index = loop.source.is_null() ? loop.first_index + count : count;
    Input input = inputOf(host);
    if (loop.passes_on) {  // a loop node decides by what its last pass gave
        joined_ = loop.results.back();
        input = {kFromNobody, &joined_};
        if (workflow_.nodes[host].reads_item) state_.scope["item"] = joined_;
        if (workflow_.reads_loop) state_.scope["loop"] = {{"index", next_index}};
    }
    Json answer = {{"results", std::move(loop.results)},
                   {"errors", std::move(loop.errors)},
                   {"count", count},
                   {"failed", loop.failed},
                   {"next_index", next_index}};
    if (loop.spills) answer["spilled"] = true;
    follow(host, input, workflow_.nodes[host].type->resume(nodeInput(host, input), answer));
    // A timer of the whole loop has nothing left to watch.
    if (mark(host) == NodeMark::Done) dropWaits(pass_->id, host);
}

void Walker::failLoop(std::uint32_t host, Error error) {
    entered_at_ = pass_->loops.at(host).started_at;
    dropPasses(pass_->id, host);
    dropWaits(pass_->id, host);
    fault(host, inputOf(host), std::move(error));
}

void Walker::dropPasses(std::int64_t parent, std::uint32_t host) {
    std::vector<std::int64_t> gone;
    for (const auto& [id, pass] : state_.inner) {
        if (pass.parent == parent && workflow_.regions[pass.region].host == host) gone.push_back(id);
    }
    for (const auto id : gone) dropPass(id);
    passOf(parent).loops.erase(host);
}

// With everything in it. It is not the active one.
void Walker::dropPass(std::int64_t id) {
    std::vector<std::int64_t> inside;
    for (const auto& [other, pass] : state_.inner) {
        if (pass.parent == id) inside.push_back(other);
    }
    for (const auto other : inside) dropPass(other);
    dropWaits(id, {});
    state_.inner.erase(id);
}

}  // namespace signalbox::workflow
