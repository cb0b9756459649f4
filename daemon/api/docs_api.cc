#include "daemon/api/docs_api.h"

#include "base/log.h"
#include "daemon/config/yaml_document.h"
#include "scripts/dev/embedded.h"

namespace signalbox::embedded {
const std::vector<TextFile>& schemas();
const std::vector<TextFile>& docs();
}  // namespace signalbox::embedded

namespace signalbox::api {
namespace {

constexpr const char* kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'none'";

std::string textOf(const std::vector<embedded::TextFile>& files, std::string_view name) {
    for (const auto& file : files)
        if (file.name == name) return std::string(file.text);
    return "";
}

HttpResponse page(const char* type, std::string text) {
    HttpResponse response{200, {{"content-type", type}}, std::move(text), nullptr};
    response.headers.add("content-security-policy", kPolicy);
    response.headers.add("x-content-type-options", "nosniff");
    response.headers.add("referrer-policy", "no-referrer");
    response.headers.add("cache-control", "no-cache");
    return response;
}

// Read once: the description is part of the program.
const std::string& description() {
    static const std::string json = [] {
        std::vector<config::Problem> problems;
        const auto document = config::parseYaml(textOf(embedded::schemas(), "openapi.yaml"), problems);
        if (!problems.empty()) log::error("api_description_faulty", {{"what", problems.front().what}});
        return dumpJson(document.value);
    }();
    return json;
}

}  // namespace

void addDocsRoutes(Router& router) {
    const std::string open(kPublic);
    router.add({"GET", "/docs", open, [](Call&) {
                    return page("text/html; charset=utf-8", textOf(embedded::docs(), "index.html"));
                }});
    router.add({"GET", "/docs/page.js", open, [](Call&) {
                    return page("text/javascript; charset=utf-8", textOf(embedded::docs(), "page.js"));
                }});
    router.add({"GET", "/docs/page.css", open,
                [](Call&) { return page("text/css; charset=utf-8", textOf(embedded::docs(), "page.css")); }});
    router.add({"GET", "/docs/openapi.json", open,
                [](Call&) { return page("application/json", std::string(description())); }});
}

}  // namespace signalbox::api
