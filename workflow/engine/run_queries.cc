#include "workflow/engine/run_queries.h"

#include "workflow/engine/journal.h"
#include "workflow/engine/run_rows.h"
#include "workflow/graph/graph.h"

namespace signalbox::workflow {
namespace {

constexpr std::string_view kList =
    "SELECT r.id, w.name, r.version, r.status, r.is_dry, r.trigger_key, r.error, r.started_at, r.ended_at"
    " FROM runs r JOIN workflows w ON w.id = r.workflow"
    " WHERE r.org = $1 AND ($2 = 0 OR r.id < $2) AND ($3 = '' OR r.status = $3) ORDER BY r.id DESC LIMIT $4";
constexpr std::string_view kListOne =
    "SELECT r.id, w.name, r.version, r.status, r.is_dry, r.trigger_key, r.error, r.started_at, r.ended_at"
    " FROM runs r JOIN workflows w ON w.id = r.workflow"
    " WHERE r.workflow = (SELECT id FROM workflows WHERE org = $1 AND name = $5)"
    " AND ($2 = 0 OR r.id < $2) AND ($3 = '' OR r.status = $3) ORDER BY r.id DESC LIMIT $4";

Json jsonOrNull(const std::string& text) {
    if (text.empty()) return nullptr;
    auto json = parseJson(text, {.max_depth = 128, .max_values = 2'000'000});
    return json ? std::move(*json) : Json(nullptr);
}

// "event:17" → {"kind": "event", "offset": 17}
Json triggerJson(const std::string& key) {
    const auto colon = key.find(':');
    const std::string kind = key.substr(0, colon);
    const std::string rest = colon == std::string::npos ? "" : key.substr(colon + 1);
    if (kind == "event") return {{"kind", kind}, {"offset", std::strtoll(rest.c_str(), nullptr, 10)}};
    if (kind == "retry" || kind == "replay") return {{"kind", kind}, {"run", rest.substr(0, rest.find(':'))}};
    Json out = {{"kind", kind}};
    if (rest.starts_with("key:")) out["key"] = rest.substr(4);
    return out;
}

Json timeOrNull(const Row& row, std::size_t column) {
    return row.isNull(column) ? Json(nullptr) : Json(toRfc3339(fromMicros(row.integer(column))));
}

// Who waits for what, in the words of the graph.
Json waitingJson(const RunRow& run, const std::string& graph_text) {
    Json out = Json::array();
    if (run.status != RunStatus::Waiting) return out;
    const Json state = jsonOrNull(run.state);
    const auto graph = parseGraph(graph_text);
    for (const auto& wait : memberAt(state, "waits")) {
        const auto index = static_cast<std::size_t>(numberAt(wait, "node"));
        Json one = {{"kind", textAt(wait, "kind")},
                    {"since", toRfc3339(fromMicros(numberAt(wait, "entered_at")))}};
        if (graph && index < graph->nodes.size()) one["node"] = graph->nodes[index].id;
        if (wait.contains("until")) one["until"] = toRfc3339(fromMicros(numberAt(wait, "until")));
        if (wait.contains("key")) one["key"] = wait["key"];
        out.push_back(std::move(one));
    }
    return out;
}

}  // namespace

Json listRuns(Store& store, Id org, const RunFilter& filter) {
    Json items = Json::array();
    Id last = 0;
    std::size_t found = 0;
    store.read([&](Reader& reader) {
        const auto limit = static_cast<std::int64_t>(filter.limit + 1);
        const Rows rows =
            filter.workflow.empty()
                ? reader.query(kList, {org, filter.before, filter.status, limit})
                : reader.query(kListOne, {org, filter.before, filter.status, limit, filter.workflow});
        found = rows.size();
        for (const Row& row : rows) {
            if (items.size() == filter.limit) break;
            last = row.integer(0);
            items.push_back({{"id", idText(kRunId, last)},
                             {"workflow", row.text(1)},
                             {"version", row.integer(2)},
                             {"status", row.text(3)},
                             {"is_dry", row.integer(4) != 0},
                             {"trigger", triggerJson(row.text(5))},
                             {"error", jsonOrNull(row.text(6))},
                             {"started_at", timeOrNull(row, 7)},
                             {"ended_at", timeOrNull(row, 8)}});
        }
    });
    return {{"items", std::move(items)},
            {"next", found > filter.limit ? Json(idText(kRunId, last)) : Json(nullptr)}};
}

std::optional<Json> showRun(Store& store, Id org, Id id) {
    std::optional<RunRow> run;
    std::vector<std::string> walks;
    std::string name, graph;
    store.read([&](Reader& reader) {
        run = loadRun(reader, id);
        if (!run || run->org != org) return;
        walks = loadWalks(reader, id);
        const Rows rows = reader.query(
            "SELECT w.name, v.graph FROM workflows w JOIN workflow_versions v ON v.workflow = w.id"
            " WHERE w.id = $1 AND v.version = $2",
            {run->workflow, run->version});
        if (rows.empty()) return;
        name = rows[0].text(0);
        graph = rows[0].text(1);
    });
    if (!run || run->org != org) return std::nullopt;
    const Json input = jsonOrNull(run->input);
    return Json{{"id", idText(kRunId, id)},
                {"workflow", name},
                {"version", run->version},
                {"status", toString(run->status)},
                {"is_dry", run->is_dry},
                {"trigger", triggerJson(run->trigger_key)},
                {"input", input},
                {"result", jsonOrNull(run->result)},
                {"error", jsonOrNull(run->error)},
                {"started_at", toRfc3339(run->started_at)},
                {"ended_at", run->ended_at ? Json(toRfc3339(*run->ended_at)) : Json(nullptr)},
                {"deadline_at", toRfc3339(run->deadline_at)},
                {"nodes", readableJournal(walks, input)},
                {"waiting", waitingJson(*run, graph)}};
}

}  // namespace signalbox::workflow
