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
        return membersOf(params,
                         {"account", "method", "url", "headers", "query", "body", "form", "credential",
                          "timeout_s", "fail_on_status", "pagination", "save_as", "response", "tries"});
    }
    Result<Json> requestOf(const NodeInput&, Json wanted) const override {
        if (wanted.contains("url") && !wanted["url"].is_string())
            return Error{ErrorKind::Invalid, "url: must be a text"};
        for (const char* name : {"account", "credential"}) {
            if (wanted.contains(name) && textAt(wanted, name).empty()) wanted.erase(name);
        }
        // A file has the bytes as they came, however many.
        if (!textAt(wanted, "save_as").empty() && !memberAt(wanted, "pagination").is_object())
            wanted["response"] = "text";
        if (textAt(wanted, "response") != "text") wanted.erase("response");
        wanted.erase("save_as");  // is read when the answer is there; here only what it reads is named
        return wanted;
    }
    // With `save_as` the body becomes a file; what else came goes through the action, since a node keeps
    // nothing.
    Result<Outcome> takeAnswer(const NodeInput& input, const Json& answer) const override {
        if (textAt(input.params, "save_as").empty()) return HttpNode::takeAnswer(input, answer);
        const auto compiled = Template::compile(textAt(input.params, "save_as"));
        if (!compiled) return withContext("save_as", compiled.error());
        const auto name = compiled->render(input.scope);
        if (!name) return withContext("save_as", name.error());
        Json with = answer;
        with.erase("body");
        with.erase("body_encoding");
        const Json& body = memberAt(answer, "body");
        return Outcome(Act{{{"kind", "file.keep"},
                            {"name", textIn(*name)},
                            {"body", textIn(body)},
                            {"is_base64", textAt(answer, "body_encoding") == "base64"},
                            {"with", std::move(with)}}});
    }
    Result<Outcome> resume(const NodeInput& input, const Json& answer) const override {
        if (answer.contains("output")) return Outcome(Next{"out", answer["output"]});
        return HttpNode::resume(input, answer);
    }
};

}  // namespace

const NodeType& type() {
    static const HttpRequestNode instance;
    return instance;
}

}  // namespace signalbox::workflow::http_request
