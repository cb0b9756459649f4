// Answers the HTTP request that started the run.
#include <algorithm>

#include "workflow/node_type.h"
#include "workflow/params.h"

namespace signalbox::workflow::respond {

extern const char* const kSchema;

namespace {

struct PreparedRespond : Prepared {
    Params params;
};

bool isStatus(const std::optional<double>& status) {
    return status && *status >= 200 && *status <= 599 && *status == static_cast<int>(*status);
}

bool isSafe(const std::string& text) {
    return std::none_of(text.begin(), text.end(),
                        [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7f; });
}
bool areSafe(const Json& headers) {
    for (const auto& [name, value] : headers.items()) {
        if (name.empty() || !isSafe(name) || !isSafe(textIn(value))) return false;
    }
    return true;
}

class RespondNode : public NodeType {
public:
    std::string name() const override { return "respond"; }
    const std::string& paramsSchema() const override {
        static const std::string schema = kSchema;
        return schema;
    }
    std::vector<std::string> check(const Json& params) const override { return checkAll(params); }
    Result<std::unique_ptr<const Prepared>> prepare(const Json& params) const override {
        Json kept = Json::object();
        for (const char* field : {"status", "headers", "body"}) {
            if (params.contains(field)) kept[field] = params[field];
        }
        auto compiled = Params::compile(kept);
        if (!compiled) return compiled.error();
        auto prepared = std::make_unique<PreparedRespond>();
        compiled->collectNames(prepared->names);
        prepared->params = std::move(*compiled);
        return std::unique_ptr<const Prepared>(std::move(prepared));
    }
    Result<Outcome> enter(const NodeInput& input) const override {
        auto made = static_cast<const PreparedRespond&>(input.prepared).params.render(input.scope);
        if (!made) return made.error();
        const auto status = numberIn((*made)["status"]);
        if (!isStatus(status))
            return Error{ErrorKind::Invalid, "status: must be a whole number from 200 to 599"};
        Respond out;
        out.status = static_cast<int>(*status);
        out.headers = (*made)["headers"];
        if (!areSafe(out.headers))
            return Error{ErrorKind::Invalid, "headers: line breaks and control characters cannot be sent"};
        // Without a body the data are the answer.
        const Json& body = made->contains("body") ? (*made)["body"] : input.item;
        out.body = body.is_null() ? "" : body.is_string() ? body.get<std::string>() : dumpJson(body);
        if (!body.is_string() && !body.is_null() && !out.headers.contains("content-type")) {
            out.headers["content-type"] = "application/json";
        }
        return Outcome(std::move(out));
    }
};

}  // namespace

const NodeType& type() {
    static const RespondNode instance;
    return instance;
}

}  // namespace signalbox::workflow::respond
