#include "daemon/api/workflow_api.h"

#include <charconv>
#include <future>

#include "base/crypto.h"
#include "workflow/graph/document.h"

namespace signalbox::api {
namespace {

using workflow::WorkflowStore;

std::string etagOf(std::string_view text) {
    return '"' + toHex(hash(HashAlgorithm::Sha256, text)).substr(0, 32) + '"';
}

// Dify exports YAML; any of the names that are in use for it.
bool isYaml(const std::string& type) {
    return type == "application/yaml" || type == "application/x-yaml" || type == "text/yaml" ||
           type == "text/x-yaml";
}

// As it came, and with the type it came with.
HttpResponse graphResponse(const std::string& text) {
    auto response = jsonResponse(200, text);
    if (workflow::looksLikeYaml(text)) {
        response.headers.remove("content-type");
        response.headers.add("content-type", "application/yaml");
    }
    response.headers.add("etag", etagOf(text));
    return response;
}

HttpResponse getWorkflows(Call& call, const WorkflowStore& workflows) {
    const auto page =
        readPage({call.request, {}, {{"limit", call.queryText("limit")}}, call.caller, nullptr}, "");
    if (!page) return refuse(page.error());
    auto found = workflows.list(call.caller.org, call.queryText("cursor"), page->limit + 1);
    Json next;
    if (found.size() > page->limit) {
        found.resize(page->limit);
        next = found.back().name;
    }
    Json items = Json::array();
    for (const auto& one : found) items.push_back(toJson(one));
    return ok({{"items", items}, {"next", next}});
}

HttpResponse getWorkflow(Call& call, const WorkflowStore& workflows) {
    const auto found = workflows.find(call.caller.org, call.capture("name"));
    return found ? ok(toJson(*found)) : refuse(found.error());
}

HttpResponse getDraft(Call& call, const WorkflowStore& workflows) {
    const auto draft = workflows.draft(call.caller.org, call.capture("name"));
    return draft ? graphResponse(*draft) : refuse(draft.error());
}

HttpResponse putDraft(Call& call, WorkflowStore& workflows) {
    const std::string& name = call.capture("name");
    const std::string type = mediaType(call.request.headers.get("content-type"));
    if (type != "application/json" && !isYaml(type)) {
        return problem(415, "unsupported_media_type",
                       "send the export as content-type application/json, or application/yaml");
    }
    if (type == "application/json") {
        const auto& body = call.request.body;
        const auto json = workflow::looksLikeYaml(body)
                              ? parseJson(body, workflow::kGraphLimits)
                              : workflow::parseDocument(body, workflow::kGraphLimits);
        if (!json) return refuse(withContext("draft", json.error()));
    }
    const auto before = workflows.draft(call.caller.org, name);
    const auto expected = call.request.headers.find("if-match");
    const auto must_be_new = call.request.headers.get("if-none-match");
    if (before && (must_be_new == "*" || must_be_new == etagOf(*before)))
        return problem(412, "draft_changed", "there is a draft already, and If-None-Match asks for none");
    if (expected && (!before || (*expected != "*" && *expected != etagOf(*before)))) {
        return problem(412, "draft_changed", "another draft was stored meanwhile; get it and merge");
    }
    const auto saved = workflows.saveDraft(call.caller.org, name, call.request.body, authorOf(call.caller));
    if (!saved) {
        return saved.error().code == "draft_too_large"
                   ? problem(413, saved.error().code, saved.error().message)
                   : refuse(saved.error());
    }
    const auto stored = workflows.find(call.caller.org, name);
    if (!stored) return refuse(stored.error());
    Json body = toJson(*stored);
    body["findings"] = workflow::toJson(workflows.lintText(call.request.body, call.caller.org));
    auto response = reply(before ? 200 : 201, body);
    response.headers.add("etag", etagOf(call.request.body));
    return response;
}

HttpResponse postLint(Call& call, const WorkflowStore& workflows) {
    std::vector<workflow::Finding> findings;
    if (!call.request.body.empty()) {
        findings = workflows.lintText(call.request.body, call.caller.org);
    } else {
        auto found = workflows.lint(call.caller.org, call.capture("name"));
        if (!found) return refuse(found.error());
        findings = std::move(*found);
    }
    return ok({{"ok", !workflow::hasErrors(findings)}, {"findings", workflow::toJson(findings)}});
}

HttpResponse postPublish(Call& call, WorkflowStore& workflows) {
    return released(call, workflows,
                    workflows.publish(call.caller.org, call.capture("name"), authorOf(call.caller)));
}

HttpResponse getVersions(Call& call, const WorkflowStore& workflows) {
    const auto page =
        readPage({call.request, {}, {{"limit", call.queryText("limit")}}, call.caller, nullptr}, "");
    if (!page) return refuse(page.error());
    const std::string cursor = call.queryText("cursor");
    const std::int64_t before =
        cursor.find_first_not_of("0123456789") == std::string::npos && cursor.size() < 18
            ? std::strtoll(cursor.c_str(), nullptr, 10)
            : 0;
    auto found = workflows.versions(call.caller.org, call.capture("name"), before, page->limit + 1);
    if (!found) return refuse(found.error());
    Json next;
    if (found->size() > page->limit) {
        found->resize(page->limit);
        next = std::to_string(found->back().version);
    }
    Json items = Json::array();
    for (const auto& one : *found) {
        items.push_back(toJson(one));
        items.back()["workflow"] = call.capture("name");
    }
    return ok({{"items", items}, {"next", next}});
}

HttpResponse getVersion(Call& call, const WorkflowStore& workflows) {
    const std::string& text = call.capture("version");
    std::int64_t version = 0;
    std::from_chars(text.data(), text.data() + text.size(), version);
    const auto graph = workflows.graph(call.caller.org, call.capture("name"), version);
    return graph ? graphResponse(*graph) : refuse(graph.error());
}

}  // namespace

std::string authorOf(const Caller& caller) {
    return caller.user != 0 ? idText(kUserId, caller.user) : idText(kTokenId, caller.token);
}

HttpResponse released(Call& call, const WorkflowStore& workflows,
                      const Result<workflow::Publication>& published) {
    const std::string& name = call.capture("name");
    if (!published) return refuse(published.error());
    if (!published->is_published) {
        const auto errors =
            std::count_if(published->findings.begin(), published->findings.end(),
                          [](const auto& finding) { return finding.severity == workflow::Severity::Error; });
        HttpResponse response =
            problem(422, "lint_failed",
                    "the graph has " + std::to_string(errors) + (errors == 1 ? " error" : " errors"));
        Json body = *parseJson(response.body);
        body["findings"] = workflow::toJson(published->findings);
        response.body = dumpJson(body);
        return response;
    }
    const auto version = workflows.versions(call.caller.org, name, published->version + 1, 1);
    Json body = version && !version->empty() ? toJson(version->front()) : Json::object();
    body["workflow"] = name;
    body["findings"] = workflow::toJson(published->findings);
    return ok(body);
}

void addWorkflowRoutes(Router& router, WorkflowStore& workflows) {
    addWorkflowLifeRoutes(router, workflows);
    const std::string one = "/api/v1/workflows/{name}";
    router.add({"GET", "/api/v1/workflows", "workflows:read",
                [&](Call& call) { return getWorkflows(call, workflows); }});
    router.add({"GET", one, "workflows:read", [&](Call& call) { return getWorkflow(call, workflows); }});
    router.add(
        {"GET", one + "/draft", "workflows:read", [&](Call& call) { return getDraft(call, workflows); }});
    router.add({"PUT", one + "/draft", "workflows:edit",
                [&](Call& call) { return putDraft(call, workflows); }, false, true});
    router.add({"POST", one + "/lint", "workflows:read",
                [&](Call& call) { return postLint(call, workflows); }, false, true});
    router.add({"POST", one + "/publish", "workflows:publish",
                [&](Call& call) { return postPublish(call, workflows); }});
    router.add({"GET", one + "/versions", "workflows:read",
                [&](Call& call) { return getVersions(call, workflows); }});
    router.add({"GET", one + "/versions/{version}", "workflows:read",
                [&](Call& call) { return getVersion(call, workflows); }});
}

}  // namespace signalbox::api
