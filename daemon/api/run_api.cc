#include "daemon/api/run_api.h"

#include <future>

#include "base/crypto.h"
#include "workflow/engine/run_queries.h"
#include "workflow/node_type.h"

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
    const auto found = workflow::showRun(store, call.caller.org, run);
    return found ? reply(status, *found) : notFound("run");
}

HttpResponse getRuns(Call& call, Store& store) {
    const auto page = readPage(call, kRunId);
    if (!page) return refuse(page.error());
    return ok(workflow::listRuns(
        store, call.caller.org,
        {call.queryText("workflow"), call.queryText("status"), page->before, page->limit}));
}

HttpResponse getRun(Call& call, Store& store) {
    const auto id = readId(call, kRunId);
    return id ? showRun(call, store, *id, 200) : notFound("run");
}

HttpResponse postRun(Call& call, Store& store, Engine& engine) {
    if (!call.body.is_null() && !call.body.is_object())
        return refuse({ErrorKind::Invalid, "body: {input, dry_run}"});
    workflow::ManualStart start;
    start.org = call.caller.org;
    start.workflow = call.capture("name");
    if (const Json& input = memberAt(call.body, "input"); !input.is_null()) start.input = input;
    start.is_dry = flagAt(call.body, "dry_run");
    if (const auto key = call.request.headers.get("idempotency-key"); !key.empty()) {
        start.key =
            toHex(hash(HashAlgorithm::Sha256, std::to_string(call.caller.token) + '\n' + std::string(key)));
    }
    const auto run =
        waitFor<Result<Id>>([&](auto done) { engine.startManual(std::move(start), std::move(done)); });
    return run ? showRun(call, store, *run, 202) : refuse(run.error());
}

HttpResponse postCancel(Call& call, Store& store, Engine& engine) {
    const auto id = readId(call, kRunId);
    if (!id) return notFound("run");
    const auto cancelled =
        waitFor<Status>([&](auto done) { engine.cancel(call.caller.org, *id, std::move(done)); });
    return cancelled ? showRun(call, store, *id, 200) : refuse(cancelled.error());
}

HttpResponse postRetry(Call& call, Store& store, Engine& engine) {
    const auto id = readId(call, kRunId);
    if (!id) return notFound("run");
    const std::string from = textAt(call.body, "from", "failure");
    if (from != "failure" && from != "start") return refuse({ErrorKind::Invalid, "from: failure or start"});
    const auto mode = from == "start" ? workflow::RetryFrom::Start : workflow::RetryFrom::Failure;
    const auto run =
        waitFor<Result<Id>>([&](auto done) { engine.retry(call.caller.org, *id, mode, std::move(done)); });
    return run ? showRun(call, store, *run, 202) : refuse(run.error());
}

Json nodeTypeJson(const workflow::NodeType& type) {
    const auto schema = parseJson(type.paramsSchema());
    Json ports = Json::array();
    for (const auto& port : type.ports(Json::object()))
        ports.push_back({{"id", port.id}, {"label", port.label}});
    ports.push_back({{"id", "error"}, {"label", "error"}});
    return {{"name", type.name()},
            {"title", schema ? textAt(*schema, "title", type.name()) : type.name()},
            {"description", schema ? textAt(*schema, "description") : ""},
            {"is_trigger", type.isTrigger()},
            {"event_types", type.eventTypes()},
            {"ports", ports},
            {"params_schema", schema ? *schema : Json::object()}};
}

HttpResponse getNodeTypes() {
    Json items = Json::array();
    for (const auto* type : workflow::nodeTypes()) items.push_back(nodeTypeJson(*type));
    return ok({{"items", items}, {"next", nullptr}});
}

}  // namespace

void addRunRoutes(Router& router, Store& store, Engine& engine) {
    router.add({"POST", "/api/v1/workflows/{name}/run", "workflows:run",
                [&](Call& call) { return postRun(call, store, engine); }});
    router.add({"GET", "/api/v1/runs", "runs:read", [&](Call& call) { return getRuns(call, store); }});
    router.add({"GET", "/api/v1/runs/{id}", "runs:read", [&](Call& call) { return getRun(call, store); }});
    router.add({"POST", "/api/v1/runs/{id}/cancel", "runs:manage",
                [&](Call& call) { return postCancel(call, store, engine); }});
    router.add({"POST", "/api/v1/runs/{id}/retry", "runs:manage",
                [&](Call& call) { return postRetry(call, store, engine); }});
    router.add({"GET", "/api/v1/node-types", "node_types:read", [](Call&) { return getNodeTypes(); }});
}

}  // namespace signalbox::api
