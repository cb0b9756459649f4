// Calls another system through the outbox and goes on with its answer.
#include "workflow/http_node.h"

namespace signalbox::workflow::http_request {

extern const char* const kSchema;

namespace {

class HttpRequestNode : public HttpNode {
public:
    HttpRequestNode() : HttpNode("http_request", kSchema) {}

private:
    std::vector<std::string> faultsOf(const Json& params) const override {
        if (textAt(params, "url").empty() && textAt(params, "credential").empty())
            return {"url: is missing; without it a credential of type url must be named"};
        return {};
    }
    Json wantedOf(const Json& params) const override {
        return membersOf(params, {"account", "method", "url", "headers", "query", "body", "form",
                                  "credential", "timeout_s", "fail_on_status", "pagination"});
    }
    Result<Json> requestOf(const NodeInput&, Json wanted) const override {
        if (wanted.contains("url") && !wanted["url"].is_string())
            return Error{ErrorKind::Invalid, "url: must be a text"};
        for (const char* name : {"account", "credential"}) {
            if (wanted.contains(name) && textAt(wanted, name).empty()) wanted.erase(name);
        }
        return wanted;
    }
};

}  // namespace

const NodeType& type() {
    static const HttpRequestNode instance;
    return instance;
}

}  // namespace signalbox::workflow::http_request
