// Versions taken back, compared and withdrawn; workflows renamed, removed, carried to another installation.
#include <algorithm>
#include <charconv>

#include "daemon/api/body.h"
#include "daemon/api/workflow_api.h"
#include "workflow/engine/workflow_rows.h"

namespace signalbox::api {
namespace {

using workflow::WorkflowStore;
// Key order is kept where an imported graph must be changed.
using OrderedJson = nlohmann::ordered_json;

constexpr std::string_view kHistoryId = "wfh";

HttpResponse shown(Call& call, const WorkflowStore& workflows, const std::string& name) {
    const auto found = workflows.find(call.caller.org, name);
    return found ? ok(toJson(*found)) : refuse(found.error());
}

HttpResponse postRollback(Call& call, WorkflowStore& workflows) {
    const Body body(call.body, {"version"});
    if (!body.status()) return refuse(body.status().error());
    const Json& version = memberAt(call.body, "version");
    if (!version.is_number_integer() || version < 1)
        return refuse({ErrorKind::Invalid, "body: {version}, a number of GET …/versions", {}, "bad_version"});
    return released(call, workflows,
                    workflows.rollback(call.caller.org, call.capture("name"), version.get<std::int64_t>(),
                                       authorOf(call.caller)));
}

HttpResponse postUnpublish(Call& call, WorkflowStore& workflows) {
    const std::string& name = call.capture("name");
    const auto done = workflows.unpublish(call.caller.org, name, authorOf(call.caller));
    return done ? shown(call, workflows, name) : refuse(done.error());
}

HttpResponse postRename(Call& call, WorkflowStore& workflows) {
    Body body(call.body, {"name"});
    const std::string name = body.requiredText("name");
    if (!body.status()) return refuse(body.status().error());
    const auto done = workflows.rename(call.caller.org, call.capture("name"), name, authorOf(call.caller));
    return done ? shown(call, workflows, name) : refuse(done.error());
}

HttpResponse deleteWorkflow(Call& call, WorkflowStore& workflows) {
    const auto done = workflows.remove(call.caller.org, call.capture("name"), authorOf(call.caller));
    if (!done) return refuse(done.error());
    HttpResponse response;
    response.status = 204;
    return response;
}

HttpResponse getHistory(Call& call, const WorkflowStore& workflows) {
    const auto page = readPage(call, kHistoryId);
    if (!page) return refuse(page.error());
    auto found = workflows.history(call.caller.org, call.capture("name"), page->before, page->limit + 1);
    if (!found) return refuse(found.error());
    Json next;
    if (found->size() > page->limit) {
        found->resize(page->limit);
        next = idText(kHistoryId, found->back().id);
    }
    Json items = Json::array();
    for (const auto& one : *found) items.push_back(toJson(one));
    return ok({{"items", std::move(items)}, {"next", next}});
}

HttpResponse getDiff(Call& call, const WorkflowStore& workflows) {
    const auto orElse = [&](const char* name, const char* fallback) {
        const std::string text = call.queryText(name);
        return text.empty() ? std::string(fallback) : text;
    };
    const auto diff = workflows.diff(call.caller.org, call.capture("name"), orElse("from", "published"),
                                     orElse("to", "draft"));
    return diff ? ok(*diff) : refuse(diff.error());
}

HttpResponse getExport(Call& call, const WorkflowStore& workflows) {
    const std::string version = call.queryText("version");
    const auto text = workflows.exported(call.caller.org, call.capture("name"),
                                         version.empty() ? std::string("draft") : version);
    return text ? jsonResponse(200, *text) : refuse(text.error());
}

// Accounts have other names elsewhere; a script that travelled along goes into its node.
void adapt(OrderedJson& value, const Json& accounts, const Json& scripts) {
    if (!value.is_structured()) return;
    if (value.is_object() && value.contains("account")) {
        OrderedJson& account = value["account"];
        const auto rename = [&](OrderedJson& one) {
            if (one.is_string() && accounts.contains(one.get<std::string>()))
                one = textAt(accounts, one.get<std::string>());
        };
        if (account.is_array()) std::for_each(account.begin(), account.end(), rename);
        rename(account);
    }
    const bool has_script = value.is_object() && value.contains("script") && value["script"].is_string() &&
                            scripts.contains(value["script"].get<std::string>());
    if (has_script && !value.contains("source")) {
        value["source"] = textAt(scripts, value["script"].get<std::string>());
        value.erase("script");
    }
    for (auto& member : value) adapt(member, accounts, scripts);
}

HttpResponse postImport(Call& call, WorkflowStore& workflows) {
    const auto json = parseJson(call.request.body, workflow::kGraphLimits);
    if (!json) return refuse(withContext("import", json.error()));
    Body said(*json, {"format", "name", "version", "accounts", "account_map", "replace", "scripts",
                      "secrets_in_text", "graph", "graph_yaml"});
    const bool may_replace = said.flag("replace").value_or(false);
    said.object("account_map");
    if (!said.status()) return refuse(said.status().error());
    const Json& yaml = memberAt(*json, "graph_yaml");
    if (textAt(*json, "format") != workflow::kExportFormat || (!json->contains("graph") && !yaml.is_string()))
        return refuse(
            {ErrorKind::Invalid,
             "import: send what GET /api/v1/workflows/{name}/export gave; a React Flow export goes to "
             "PUT /api/v1/workflows/{name}/draft",
             {},
             "not_an_export"});
    const std::string name = textAt(*json, "name");
    if (const auto known = workflows.find(call.caller.org, name); known && !may_replace)
        return refuse(
            {ErrorKind::Conflict,
             "there is a workflow \"" + name + "\" already; give another name, or \"replace\": true",
             {},
             "name_taken"});
    std::string text = yaml.is_string() ? yaml.get<std::string>() : "";
    if (text.empty()) {
        auto graph = OrderedJson::parse(call.request.body)["graph"];
        adapt(graph, memberAt(*json, "account_map"), memberAt(*json, "scripts"));
        text = graph.dump();
    }
    const auto saved = workflows.saveDraft(call.caller.org, name, text, authorOf(call.caller));
    if (!saved) return refuse(saved.error());
    const auto stored = workflows.find(call.caller.org, name);
    if (!stored) return refuse(stored.error());
    Json body = toJson(*stored);
    body["findings"] = workflow::toJson(workflows.lintText(text));
    return reply(201, body);
}

}  // namespace

void addWorkflowLifeRoutes(Router& router, WorkflowStore& workflows) {
    const std::string one = "/api/v1/workflows/{name}";
    router.add({"POST", "/api/v1/workflows", "workflows:edit",
                [&](Call& call) { return postImport(call, workflows); }, false, true});
    router.add(
        {"DELETE", one, "workflows:publish", [&](Call& call) { return deleteWorkflow(call, workflows); }});
    router.add({"POST", one + "/rename", "workflows:publish",
                [&](Call& call) { return postRename(call, workflows); }});
    router.add({"POST", one + "/unpublish", "workflows:publish",
                [&](Call& call) { return postUnpublish(call, workflows); }});
    router.add({"POST", one + "/rollback", "workflows:publish",
                [&](Call& call) { return postRollback(call, workflows); }});
    router.add(
        {"GET", one + "/history", "workflows:read", [&](Call& call) { return getHistory(call, workflows); }});
    router.add(
        {"GET", one + "/diff", "workflows:read", [&](Call& call) { return getDiff(call, workflows); }});
    router.add(
        {"GET", one + "/export", "workflows:read", [&](Call& call) { return getExport(call, workflows); }});
}

}  // namespace signalbox::api
