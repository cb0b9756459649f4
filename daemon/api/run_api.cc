#include "daemon/api/run_api.h"

#include <functional>
#include <future>
#include <limits>
#include <tuple>

#include "base/crypto.h"
#include "daemon/api/body.h"
#include "workflow/engine/run_queries.h"
#include "workflow/graph/node_catalog.h"

namespace signalbox::api {
namespace {

using workflow::Engine;

// The engine answers from the writer thread; a request worker waits for it.
template <class T, class Start>
T waitFor(Start start) {
    auto promise = std::make_shared<std::promise<T>>();
    auto future = promise->get_future();
    start([promise](T result) { promise->set_value(std::move(result)); });
    return future.get();
}

HttpResponse showRun(Call& call, Store& store, Id run, int status) {
    const auto found = workflow::showRun(store, Visibility(call.caller), run);
    return found ? reply(status, *found) : notFound("run");
}

// An id of that kind, 0 when the parameter is not there.
Result<Id> idFrom(const std::string& name, const std::string& text, std::string_view prefix) {
    if (text.empty()) return Id{0};
    if (const auto id = parseId(prefix, text)) return *id;
    return Error{ErrorKind::Invalid, name + ": an id such as " + idText(prefix, 1)};
}

Result<std::optional<TimePoint>> timeFrom(const std::string& name, const std::string& text) {
    if (text.empty()) return std::optional<TimePoint>();
    if (const auto time = parseRfc3339(text)) return std::optional<TimePoint>(*time);
    return Error{ErrorKind::Invalid, name + ": a time such as 2026-11-21T07:00:00Z"};
}

// `text` gives a parameter by its name, "" when it is not there.
Result<workflow::RunFilter> readFilter(const std::function<std::string(const char*)>& text) {
    workflow::RunFilter filter;
    filter.workflow = text("workflow");
    filter.status = text("status");
    filter.node = text("node");
    filter.error = text("error");
    const std::tuple<const char*, std::string_view, Id*> ids[] = {
        {"person", kPersonId, &filter.person},
        {"conversation", kConversationId, &filter.conversation},
        {"message", kMessageId, &filter.message}};
    for (const auto& [name, prefix, into] : ids) {
        const auto id = idFrom(name, text(name), prefix);
        if (!id) return id.error();
        *into = *id;
    }
    const std::pair<const char*, std::optional<TimePoint>*> times[] = {{"since", &filter.since},
                                                                       {"until", &filter.until}};
    for (const auto& [name, into] : times) {
        const auto time = timeFrom(name, text(name));
        if (!time) return time.error();
        *into = *time;
    }
    return filter;
}

HttpResponse getRuns(Call& call, Store& store) {
    const auto page = readPage(call, kRunId);
    if (!page) return refuse(page.error());
    auto filter = readFilter([&](const char* name) { return call.queryText(name); });
    if (!filter) return refuse(filter.error());
    filter->before = page->before;
    filter->limit = page->limit;
    return ok(workflow::listRuns(store, Visibility(call.caller), *filter));
}

HttpResponse getRun(Call& call, Store& store) {
    const auto id = readId(call, kRunId);
    return id ? showRun(call, store, *id, 200) : notFound("run");
}

HttpResponse getItems(Call& call, Store& store) {
    const auto id = readId(call, kRunId);
    if (!id) return notFound("run");
    const std::string from = call.queryText("from");
    if (call.queryText("loop").empty() || from.find_first_not_of("0123456789") != std::string::npos ||
        from.size() > 15)
        return refuse({ErrorKind::Invalid, "loop: the loop node's id; from: the index of an item"});
    const auto items = workflow::listItems(store, Visibility(call.caller), *id, call.queryText("loop"),
                                           from.empty() ? 0 : std::stoll(from));
    return items ? ok(*items) : notFound("run");
}

HttpResponse postRun(Call& call, Store& store, Engine& engine) {
    Body body(call.body, {"input", "dry_run", "version"});
    workflow::ManualStart start;
    start.org = call.caller.org;
    start.workflow = call.capture("name");
    if (const Json& input = memberAt(call.body, "input"); !input.is_null()) start.input = input;
    if (const Json& version = memberAt(call.body, "version"); version.is_number_integer()) {
        start.version = dumpJson(version);
    } else if (!version.is_null()) {
        start.version = body.text("version", 50);
    }
    // A draft is for trying: it sends only when that is asked for.
    start.is_dry = body.flag("dry_run").value_or(start.version == "draft");
    if (!body.status()) return refuse(body.status().error());
    call.has_own_guard = true;
    if (const auto key = call.request.headers.get("idempotency-key"); !key.empty()) {
        start.key =
            toHex(hash(HashAlgorithm::Sha256, std::to_string(call.caller.token) + '\n' + std::string(key)));
    }
    const auto started = [&] {
        return waitFor<Result<Id>>([&](auto done) { engine.startManual(start, std::move(done)); });
    };
    auto run = started();
    // What nobody has published yet can only be tried as it is.
    if (!run && run.error().code == "workflow_not_published" && start.is_dry &&
        memberAt(call.body, "version").is_null()) {
        start.version = "draft";
        run = started();
    }
    return run ? showRun(call, store, *run, 202) : refuse(run.error());
}

// Nothing: there is none, or none for this caller.
std::optional<Id> shownRun(const Call& call, Store& store) {
    const auto id = readId(call, kRunId);
    if (!id || !workflow::isRunShown(store, Visibility(call.caller), *id)) return std::nullopt;
    return *id;
}

Error noSuchRun() {
    return {ErrorKind::NotFound, "there is no run of this id", {}, "run_not_found"};
}

HttpResponse postCancel(Call& call, Store& store, Engine& engine) {
    const auto id = shownRun(call, store);
    if (!id) return refuse(noSuchRun());
    const auto cancelled =
        waitFor<Status>([&](auto done) { engine.cancel(call.caller.org, *id, std::move(done)); });
    return cancelled ? showRun(call, store, *id, 200) : refuse(cancelled.error());
}

HttpResponse postRetry(Call& call, Store& store, Engine& engine) {
    Body body(call.body, {"from"});
    const std::string from = body.word("from", {"failure", "start"});
    if (!body.status()) return refuse(body.status().error());
    const auto id = shownRun(call, store);
    if (!id) return refuse(noSuchRun());
    const auto mode = from == "start" ? workflow::RetryFrom::Start : workflow::RetryFrom::Failure;
    const auto run =
        waitFor<Result<Id>>([&](auto done) { engine.retry(call.caller.org, *id, mode, std::move(done)); });
    return run ? showRun(call, store, *run, 202) : refuse(run.error());
}

HttpResponse postReplay(Call& call, Store& store, Engine& engine) {
    Body body(call.body, {"version", "dry_run", "from_node", "pins"});
    workflow::Replay wish;
    wish.org = call.caller.org;
    wish.version = body.number("version", 0, std::numeric_limits<std::int64_t>::max()).value_or(0);
    wish.is_dry = body.flag("dry_run").value_or(true);
    wish.from_node = body.text("from_node");
    if (const Json& pins = memberAt(call.body, "pins"); pins.is_object()) {
        wish.pins = pins;  // as large as a body may be
    } else if (!pins.is_null()) {
        body.fault("pins", "must be an object: an output for each node's id");
    }
    if (!body.status()) return refuse(body.status().error());
    const auto id = shownRun(call, store);
    if (!id) return refuse(noSuchRun());
    wish.run = *id;
    const auto run = waitFor<Result<Id>>([&](auto done) { engine.replay(std::move(wish), std::move(done)); });
    return run ? showRun(call, store, *run, 202) : refuse(run.error());
}

// Failed runs that a filter takes, each from the node that failed or from its start.
HttpResponse postRetryMany(Call& call, Store& store, Engine& engine) {
    constexpr std::size_t kMost = 100;
    Body body(call.body, {"from", "workflow", "status", "person", "conversation", "message", "node", "error",
                          "since", "until"});
    const std::string from = body.word("from", {"failure", "start"});
    auto filter = readFilter([&](const char* name) { return body.text(name); });
    if (!body.status()) return refuse(body.status().error());
    if (!filter) return refuse(filter.error());
    filter->limit = kMost + 1;
    auto runs = workflow::failedRuns(store, Visibility(call.caller), *filter);
    const bool has_more = runs.size() > kMost;
    if (has_more) runs.resize(kMost);
    const auto mode = from == "start" ? workflow::RetryFrom::Start : workflow::RetryFrom::Failure;
    Json started = Json::array(), refused = Json::array();
    for (const Id one : runs) {
        const auto run = waitFor<Result<Id>>(
            [&](auto done) { engine.retry(call.caller.org, one, mode, std::move(done)); });
        if (run) {
            started.push_back({{"run", idText(kRunId, one)}, {"retried_as", idText(kRunId, *run)}});
        } else {
            refused.push_back(
                {{"run", idText(kRunId, one)}, {"code", run.error().code}, {"message", run.error().message}});
        }
    }
    return ok({{"retried", started.size()}, {"runs", started}, {"refused", refused}, {"more", has_more}});
}

HttpResponse postTestNode(Call& call, Engine& engine) {
    Body body(call.body, {"node", "version", "input", "trigger", "outputs"});
    workflow::NodeTrial trial;
    trial.org = call.caller.org;
    trial.workflow = call.capture("name");
    trial.node = body.requiredText("node", 200);
    trial.version = body.text("version", 50);
    if (trial.version.empty()) trial.version = "draft";
    if (call.body.is_object() && call.body.contains("input")) trial.input = call.body["input"];
    trial.trigger = memberAt(call.body, "trigger");
    if (const Json& outputs = memberAt(call.body, "outputs"); outputs.is_object()) {
        trial.outputs = outputs;
    } else if (!outputs.is_null()) {
        body.fault("outputs", "must be an object: an output for each node's id");
    }
    if (!body.status()) return refuse(body.status().error());
    const auto tried = engine.tryNode(trial);
    return tried ? ok(*tried) : refuse(tried.error());
}

HttpResponse getNodeTypes() {
    return ok(workflow::describeNodeTypes());
}

}  // namespace

void addRunRoutes(Router& router, Store& store, Engine& engine) {
    router.add({"POST", "/api/v1/workflows/{name}/run", "workflows:run",
                [&](Call& call) { return postRun(call, store, engine); }});
    router.add({"GET", "/api/v1/runs", "runs:read", [&](Call& call) { return getRuns(call, store); }});
    router.add({"GET", "/api/v1/runs/{id}", "runs:read", [&](Call& call) { return getRun(call, store); }});
    router.add(
        {"GET", "/api/v1/runs/{id}/items", "runs:read", [&](Call& call) { return getItems(call, store); }});
    router.add({"POST", "/api/v1/runs/{id}/cancel", "runs:manage",
                [&](Call& call) { return postCancel(call, store, engine); }});
    router.add({"POST", "/api/v1/runs/{id}/retry", "runs:manage",
                [&](Call& call) { return postRetry(call, store, engine); }});
    router.add({"POST", "/api/v1/runs/{id}/replay", "runs:manage",
                [&](Call& call) { return postReplay(call, store, engine); }});
    router.add({"POST", "/api/v1/runs/retry", "runs:manage",
                [&](Call& call) { return postRetryMany(call, store, engine); }});
    router.add({"POST", "/api/v1/workflows/{name}/test-node", "workflows:run",
                [&](Call& call) { return postTestNode(call, engine); }});
    router.add({"GET", "/api/v1/node-types", "node_types:read", [](Call&) { return getNodeTypes(); }});
}

}  // namespace signalbox::api
