// Asks a language model over the chat completions that OpenAI defined and many servers speak.
#include "workflow/http_node.h"

namespace signalbox::workflow::ai_completion {

extern const char* const kSchema;

namespace {

class AiCompletion : public HttpNode {
public:
    AiCompletion() : HttpNode("ai_completion", kSchema) {}

private:
    std::vector<std::string> faultsOf(const Json& params) const override {
        if (textAt(params, "prompt").empty() == memberAt(params, "messages").empty())
            return {"prompt: give either prompt or messages"};
        return {};
    }
    Json wantedOf(const Json& params) const override {
        return membersOf(params, {"base_url", "model", "system", "prompt", "messages", "options"});
    }
    Result<Json> requestOf(const NodeInput& input, Json wanted) const override {
        Json messages = Json::array();
        if (const std::string system = textIn(memberAt(wanted, "system")); !system.empty())
            messages.push_back({{"role", "system"}, {"content", system}});
        if (wanted.contains("messages")) {
            if (!wanted["messages"].is_array())
                return Error{ErrorKind::Invalid, "messages: must be a list of {role, content}"};
            messages.insert(messages.end(), wanted["messages"].begin(), wanted["messages"].end());
        }
        if (wanted.contains("prompt"))
            messages.push_back({{"role", "user"}, {"content", textIn(wanted["prompt"])}});
        Json body = wanted.contains("options") ? wanted["options"] : Json::object();
        body["model"] = textIn(memberAt(wanted, "model"));
        body["messages"] = std::move(messages);
        for (const char* name : {"temperature", "max_tokens"})
            if (input.params.contains(name)) body[name] = input.params[name];
        if (wantsJson(input.params)) body["response_format"] = {{"type", "json_object"}};
        std::string url = textIn(memberAt(wanted, "base_url"));
        while (url.ends_with('/')) url.pop_back();
        Json content = {{"method", "POST"},
                        {"url", url + "/chat/completions"},
                        {"body", std::move(body)},
                        {"timeout_s", input.params["timeout_s"]},
                        {"expires_in_s", numberAt(input.params, "try_for_s")}};
        if (const std::string name = textAt(input.params, "credential"); !name.empty())
            content["credential"] = name;
        return content;
    }
    Result<Json> outputOf(const NodeInput& input, const Json& answer) const override {
        const Json& body = memberAt(answer, "body");
        const Json& choices = memberAt(body, "choices");
        if (!choices.is_array() || choices.empty())
            return Error{ErrorKind::Rejected,
                         "ai_completion: the answer has no choices; does base_url end where "
                         "/chat/completions follows?",
                         {},
                         "bad_answer"};
        const Json& message = memberAt(choices[0], "message");
        const std::string text = textAt(message, "content");
        const Json& usage = memberAt(body, "usage");
        Json output = {{"text", text},
                       {"finish_reason", memberAt(choices[0], "finish_reason")},
                       {"model", memberAt(body, "model")},
                       {"usage",
                        {{"prompt_tokens", numberAt(usage, "prompt_tokens")},
                         {"completion_tokens", numberAt(usage, "completion_tokens")},
                         {"total_tokens", numberAt(usage, "total_tokens")}}}};
        if (message.contains("tool_calls")) output["tool_calls"] = message["tool_calls"];
        if (!wantsJson(input.params)) return output;
        auto parsed = parseJson(unfenced(text));
        if (!parsed)
            return Error{ErrorKind::Rejected,
                         "ai_completion: the model's answer is no JSON (finish_reason " +
                             textAt(choices[0], "finish_reason", "unknown") + "): " + parsed.error().message,
                         {},
                         "bad_json"};
        output["json"] = std::move(*parsed);
        return output;
    }

    static bool wantsJson(const Json& params) { return textAt(params, "answer") == "json"; }
    // Models like to put JSON into a fence of Markdown.
    static std::string_view unfenced(std::string_view text) {
        const auto open = text.find("```");
        if (open == std::string_view::npos) return text;
        const auto line = text.find('\n', open), close = text.rfind("```");
        if (line == std::string_view::npos || close <= line) return text;
        return text.substr(line + 1, close - line - 1);
    }
};

}  // namespace

const NodeType& type() {
    static const AiCompletion instance;
    return instance;
}

}  // namespace signalbox::workflow::ai_completion
