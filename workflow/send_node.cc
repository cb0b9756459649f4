#include "workflow/send_node.h"

#include "workflow/params.h"
#include "workflow/receipt.h"

namespace signalbox::workflow {
namespace {

struct PreparedSend : Prepared {
    Params params;
};

// Members of the outbox request that are taken over as they are.
constexpr const char* kFields[] = {
    "account", "to",   "text", "attachments", "content",  "template",  "interactive",    "in_reply_to",
    "subject", "html", "cc",   "bcc",         "reply_to", "reply_all", "request_receipt"};

// The mail that started the run is the one that is answered, whoever has written since. Where a conversation
// is on another channel, an answer names no message unless the workflow does.
void answerTrigger(Json& request, const Json& scope) {
    const Json& message = memberAt(memberAt(scope, "trigger"), "message");
    const bool is_answer = request.contains("conversation_id") &&
                           memberAt(request, "conversation_id") == memberAt(message, "conversation_id") &&
                           textAt(request, "reply_to").empty() && textAt(request, "in_reply_to").empty();
    const bool is_mail_of_theirs = textAt(message, "channel") == "email" &&
                                   textAt(message, "direction") == "in" &&
                                   textAt(memberAt(message, "content"), "auto_kind").empty();
    if (is_answer && is_mail_of_theirs) request["reply_to"] = textAt(message, "id");
}

}  // namespace

std::vector<std::string> SendNode::check(const Json& params) const {
    auto faults = checkAll(params);
    if (!textAt(params, "account").empty() && !params.contains("to"))
        faults.push_back("to: is missing beside account");
    return faults;
}

Result<std::unique_ptr<const Prepared>> SendNode::prepare(const Json& params) const {
    Json request = Json::object();
    for (const char* field : kFields) {
        if (params.contains(field)) request[field] = params[field];
    }
    // data.type is the node's own name where the editor's node.type says only "custom".
    request["type"] = textAt(params, "message_type", textAt(params, "type", channel_.empty() ? "" : name_));
    if (request["type"] == name_) request["type"] = params.contains("template") ? "template" : "text";
    // Without an address the answer goes where the trigger's message came from, by that conversation's
    // account.
    if (!params.contains("to")) {
        request.erase("account");
        request["conversation_id"] = textAt(params, "conversation");
    }
    if (!channel_.empty()) request["channel"] = channel_;
    auto compiled = Params::compile(request);
    if (!compiled) return compiled.error();
    auto prepared = std::make_unique<PreparedSend>();
    compiled->collectNames(prepared->names);
    prepared->params = std::move(*compiled);
    return std::unique_ptr<const Prepared>(std::move(prepared));
}

Result<Outcome> SendNode::enter(const NodeInput& input) const {
    auto request = static_cast<const PreparedSend&>(input.prepared).params.render(input.scope);
    if (!request) return request.error();
    if (request->contains("conversation_id") && !(*request)["conversation_id"].is_string()) {
        return Error{
            ErrorKind::Invalid,
            "conversation: there is none in the trigger's data; say `account` and `to`, or `conversation`"};
    }
    answerTrigger(*request, input.scope);
    if (memberAt(*request, "type") == "text" && !memberAt(*request, "text").is_null()) {
        (*request)["text"] = textIn((*request)["text"]);
    }
    return Outcome(Send{std::move(*request), flagAt(input.params, "wait_for_receipt", true)});
}

Result<Outcome> SendNode::resume(const NodeInput&, const Json& answer) const {
    if (auto taken = readReceipt("send", answer); !taken) return taken.error();
    return Outcome(Next{"out", answer});
}

}  // namespace signalbox::workflow
