// Answers the HTTP request that started the run.
#include <algorithm>
#include <set>

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

std::string lowered(std::string text) {
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

// Headers that would speak for the whole host, or for the connection, instead of this answer.
bool speaksForOthers(const std::string& name) {
    static const std::set<std::string> kRefused = {"clear-site-data",
                                                   "service-worker-allowed",
                                                   "strict-transport-security",
                                                   "connection",
                                                   "keep-alive",
                                                   "proxy-authenticate",
                                                   "proxy-connection",
                                                   "te",
                                                   "trailer",
                                                   "transfer-encoding",
                                                   "upgrade",
                                                   "content-length"};
    return kRefused.contains(name) || name.starts_with("access-control-");
}

// The names of our own cookies, and those that browsers keep for the host as a whole.
bool isOurCookie(const std::string& set_cookie) {
    const auto begin = std::min(set_cookie.find_first_not_of(" \t"), set_cookie.size());
    const std::string name = lowered(set_cookie.substr(begin, set_cookie.find_first_of("=;", begin) - begin));
    return name.starts_with("__host-") || name.starts_with("__secure-") || name.starts_with("signalbox");
}

// A page of a workflow comes from the API's own origin: it runs no script and is nobody there. It may have
// forms that are sent back to a workflow. What the workflow says itself narrows this further.
void confine(Json& headers) {
    const std::string own = textIn(headers["content-security-policy"]);
    headers["content-security-policy"] = own.empty() ? "sandbox allow-forms" : "sandbox allow-forms, " + own;
    headers["x-content-type-options"] = "nosniff";
}

// The headers with their names in small letters, as they may be sent.
Result<Json> readHeaders(const Json& given) {
    Json headers = Json::object();
    for (const auto& [key, value] : given.items()) {
        const std::string name = lowered(key), text = textIn(value);
        if (name.empty() || !isSafe(name) || !isSafe(text))
            return Error{ErrorKind::Invalid, "headers: line breaks and control characters cannot be sent"};
        if (speaksForOthers(name))
            return Error{ErrorKind::Invalid, "headers: " + name + " cannot be set by a workflow"};
        if (name == "set-cookie" && isOurCookie(text))
            return Error{ErrorKind::Invalid,
                         "headers: set-cookie: names that begin with __Host-, __Secure- or signalbox are "
                         "not a workflow's; take another"};
        headers[name] = value;
    }
    confine(headers);
    return headers;
}

class RespondNode : public NodeType {
public:
    std::string name() const override { return "respond"; }
    const std::string& paramsSchema() const override {
        static const std::string schema = kSchema;
        return schema;
    }
    std::vector<std::string> check(const Json& params) const override {
        auto faults = checkAll(params);
        for (const auto& [name, value] : memberAt(params, "headers").items())
            if (speaksForOthers(lowered(name)))
                faults.push_back("headers: " + name + " cannot be set by a workflow");
        return faults;
    }
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
        auto headers = readHeaders((*made)["headers"]);
        if (!headers) return headers.error();
        Respond out;
        out.status = static_cast<int>(*status);
        out.headers = std::move(*headers);
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
