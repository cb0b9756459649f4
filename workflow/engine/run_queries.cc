#include "workflow/engine/run_queries.h"

#include <algorithm>
#include <variant>
#include "base/own_json.h"

#include "workflow/engine/journal.h"
#include "workflow/engine/redactor.h"
#include "workflow/engine/run_rows.h"
#include "workflow/graph/graph.h"

namespace signalbox::workflow {
namespace {

constexpr std::string_view kColumns =
    "SELECT r.id, w.name, r.version, r.status, r.is_dry, r.trigger_key, r.error, r.started_at, r.ended_at,"
    " r.conversation FROM runs r JOIN workflows w ON w.id = r.workflow WHERE ";
// How many runs one call looks through for a text in them.
constexpr std::int64_t kWindow = 20'000;

// "50%_" → "%50\\%\\_%"
std::string containing(const std::string& text) {
    std::string out = "%";
    for (const char c : text) {
        if (c == '%' || c == '_' || c == '\\') out += '\\';
        out += c;
    }
    return out + '%';
}

// The conditions of a search with their values.
class Conditions {
public:
    void add(std::string_view sql) { text_ += (text_.empty() ? "" : " AND ") + std::string(sql); }
    // `sql` has one ? for the value.
    void add(std::string_view sql, std::variant<std::int64_t, std::string> value) {
        values_.push_back(std::move(value));
        std::string numbered(sql);
        numbered.replace(numbered.find('?'), 1, "$" + std::to_string(values_.size()));
        add(numbered);
    }
    // What `view` does not show is left out.
    Rows query(Reader& reader, const Visibility& view, std::string_view head, const std::string& tail) const {
        std::vector<Value> bound;
        for (const auto& value : values_) {
            if (const auto* number = std::get_if<std::int64_t>(&value)) bound.emplace_back(*number);
            if (const auto* text = std::get_if<std::string>(&value))
                bound.emplace_back(std::string_view(*text));
        }
        const std::string seen = " AND " + view.isAboutNoOthers("r.conversation", bound);
        return reader.query(std::string(head) + text_ + seen + tail, bound);
    }

private:
    std::string text_;
    std::vector<std::variant<std::int64_t, std::string>> values_;
};

// What an index answers.
Conditions indexed(Id org, const RunFilter& filter) {
    Conditions out;
    out.add("r.org = ?", org);
    if (filter.before != 0) out.add("r.id < ?", filter.before);
    if (!filter.workflow.empty()) {
        out.add("r.workflow = (SELECT id FROM workflows WHERE name = ? AND org = r.org)", filter.workflow);
    }
    if (!filter.status.empty()) out.add("r.status = ?", filter.status);
    const bool is_failed =
        filter.status == "failed" || filter.status == "quarantined" || !filter.error.empty();
    if (is_failed) out.add("r.status IN ('failed', 'quarantined')");
    if (filter.person != 0) {
        out.add("r.conversation <> 0 AND r.conversation IN (SELECT id FROM conversations WHERE person = ?)",
                filter.person);
    }
    if (filter.conversation != 0) out.add("r.conversation <> 0 AND r.conversation = ?", filter.conversation);
    if (filter.message != 0) {
        out.add("r.conversation <> 0 AND r.conversation = (SELECT conversation FROM messages WHERE id = ?)",
                filter.message);
    }
    // An id is made at its run's start, and ids are in the order of time.
    if (filter.since) out.add("r.id >= ?", firstIdAt(*filter.since));
    if (filter.until) out.add("r.id < ?", firstIdAt(*filter.until));
    return out;
}

bool needsText(const RunFilter& filter) {
    return filter.message != 0 || !filter.node.empty() || !filter.error.empty();
}

// What is looked for in the runs themselves.
void addTexts(const RunFilter& filter, Conditions& out) {
    if (filter.message != 0) {
        out.add("r.input LIKE ? ESCAPE '\\'", containing(dumpJson(Json(idText(kMessageId, filter.message)))));
    }
    if (!filter.error.empty()) out.add("r.error LIKE ? ESCAPE '\\'", containing(filter.error));
    if (!filter.node.empty()) {
        out.add("EXISTS (SELECT 1 FROM run_walks k WHERE k.run = r.id AND k.steps LIKE ? ESCAPE '\\')",
                containing("{\"node\":" + dumpJson(Json(filter.node)) + ","));
    }
}

Json jsonOrNull(const std::string& text) {
    if (text.empty()) return nullptr;
    auto json = parseJson(text, kOwnJson);
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

bool wasRetried(Reader& reader, Id workflow, Id run) {
    for (const char* kind : {"retry:", "replay:"}) {
        const std::string key = kind + idText(kRunId, run);
        // Between "retry:run_x:" and what comes behind the last of them.
        if (!reader
                 .query("SELECT id FROM runs WHERE workflow = $1 AND trigger_key >= $2 AND trigger_key < $3"
                        " AND is_dry = 0 LIMIT 1",
                        {workflow, key + ":", key + ";"})
                 .empty())
            return true;
    }
    return false;
}

// A removed workflow's row is called "name~id".
std::string nameOf(const std::string& stored) {
    return stored.substr(0, stored.find('~'));
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

bool isShown(Reader& reader, const Visibility& view, Id run) {
    std::vector<Value> values{run, view.org()};
    const std::string sql = "SELECT 1 FROM runs r WHERE r.id = $1 AND r.org = $2 AND " +
                            view.isAboutNoOthers("r.conversation", values);
    return !reader.query(sql, std::span<const Value>(values)).empty();
}

}  // namespace

Json listRuns(Store& store, const Visibility& view, const RunFilter& filter) {
    Json items = Json::array();
    Id next = 0;
    store.read([&](Reader& reader) {
        Conditions conditions = indexed(view.org(), filter);
        Id border = 0;
        if (needsText(filter)) {
            const Rows rows =
                conditions.query(reader, view, "SELECT r.id FROM runs r WHERE ",
                                 " ORDER BY r.id DESC LIMIT 1 OFFSET " + std::to_string(kWindow));
            if (!rows.empty()) border = rows[0].integer(0);
            if (border != 0) conditions.add("r.id >= ?", border);
            addTexts(filter, conditions);
        }
        const Rows rows = conditions.query(reader, view, kColumns,
                                           " ORDER BY r.id DESC LIMIT " + std::to_string(filter.limit + 1));
        Id last = 0;
        for (const Row& row : rows) {
            if (items.size() == filter.limit) break;
            last = row.integer(0);
            const Id conversation = row.integer(9);
            items.push_back({{"id", idText(kRunId, last)},
                             {"workflow", nameOf(row.text(1))},
                             {"version", row.integer(2) < 0 ? Json() : Json(row.integer(2))},
                             {"is_draft", row.integer(2) < 0},
                             {"status", row.text(3)},
                             {"is_dry", row.integer(4) != 0},
                             {"trigger", triggerJson(row.text(5))},
                             {"conversation_id",
                              conversation == 0 ? Json() : Json(idText(kConversationId, conversation))},
                             {"error", jsonOrNull(row.text(6))},
                             {"started_at", timeOrNull(row, 7)},
                             {"ended_at", timeOrNull(row, 8)}});
        }
        // Nothing more in this window does not mean that there is nothing more.
        next = rows.size() > filter.limit ? last : border;
    });
    return {{"items", std::move(items)}, {"next", next == 0 ? Json(nullptr) : Json(idText(kRunId, next))}};
}

std::optional<Json> listItems(Store& store, const Visibility& view, Id run, const std::string& loop,
                              std::int64_t from) {
    std::optional<Json> out;
    store.read([&](Reader& reader) {
        if (!isShown(reader, view, run)) return;
        // The piece that `from` lies in, and whether there is another.
        const Rows rows = reader.query(
            "SELECT first_index, results FROM run_items WHERE run = $1 AND loop = $2 AND first_index >= "
            "COALESCE("
            "(SELECT MAX(first_index) FROM run_items WHERE run = $1 AND loop = $2 AND first_index <= $3), 0)"
            " ORDER BY first_index LIMIT 2",
            {run, loop, from});
        Json items = rows.empty() ? Json::array() : jsonOrNull(rows[0].text(1));
        const std::int64_t first = rows.empty() ? 0 : rows[0].integer(0);
        const auto skipped =
            std::clamp<std::int64_t>(from - first, 0, static_cast<std::int64_t>(items.size()));
        items.erase(items.begin(), items.begin() + skipped);
        out = Json{{"loop", loop},
                   {"first_index", first + skipped},
                   {"items", std::move(items)},
                   {"next", rows.size() > 1 ? Json(rows[1].integer(0)) : Json(nullptr)}};
    });
    return out;
}

std::vector<Id> failedRuns(Store& store, const Visibility& view, const RunFilter& filter) {
    std::vector<Id> out;
    store.read([&](Reader& reader) {
        Conditions conditions = indexed(view.org(), filter);
        conditions.add("r.status IN ('failed', 'quarantined')");
        addTexts(filter, conditions);
        const std::string tail = " ORDER BY r.id LIMIT " + std::to_string(kWindow);
        for (const Row& row :
             conditions.query(reader, view, "SELECT r.id, r.workflow FROM runs r WHERE ", tail)) {
            if (out.size() == filter.limit) break;
            if (!wasRetried(reader, row.integer(1), row.integer(0))) out.push_back(row.integer(0));
        }
    });
    return out;
}

bool isRunShown(Store& store, const Visibility& view, Id run) {
    bool is_shown = false;
    store.read([&](Reader& reader) { is_shown = isShown(reader, view, run); });
    return is_shown;
}

std::optional<Json> showRun(Store& store, const Visibility& view, Id id) {
    std::optional<RunRow> run;
    std::vector<std::string> walks;
    std::string name, graph;
    store.read([&](Reader& reader) {
        if (!isShown(reader, view, id)) return;
        run = loadRun(reader, id);
        if (!run) return;
        walks = loadWalks(reader, id);
        const Rows rows = reader.query(
            "SELECT w.name, v.graph FROM workflows w JOIN workflow_versions v ON v.workflow = w.id"
            " WHERE w.id = $1 AND v.version = $2",
            {run->workflow, run->version});
        if (rows.empty()) return;
        name = rows[0].text(0);
        graph = rows[0].text(1);
    });
    if (!run) return std::nullopt;
    // What began the run is kept as it was, since the run needs it; people see it without its secrets.
    const Json input = jsonOrNull(Redactor().toText(jsonOrNull(run->input)));
    return Json{{"id", idText(kRunId, id)},
                {"workflow", nameOf(name)},
                {"version", run->version < 0 ? Json() : Json(run->version)},
                {"is_draft", run->version < 0},
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
