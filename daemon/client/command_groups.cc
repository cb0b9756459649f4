#include "daemon/client/command_groups.h"

#include <charconv>

#include "daemon/client/token_source.h"

namespace signalbox::client {
namespace {

constexpr std::size_t kDefaultLimit = 50;
constexpr std::size_t kMaxLimit = 100'000;

}  // namespace

const std::vector<Command>& allCommands() {
    static const std::vector<Command> commands = [] {
        std::vector<Command> all;
        for (const auto group :
             {statusCommands,       accountCommands,      setupCommands,     messageCommands,
              conversationCommands, searchCommands,       fileCommands,      workflowCommands,
              workflowLifeCommands, workflowSyncCommands, runCommands,       quarantineCommands,
              webhookCommands,      deadLetterCommands,   tokenCommands,     accessCommands,
              tailCommands,         mailCommands,         mailSetupCommands, simulateCommands,
              scheduleCommands,     expressionCommands,   completionCommands}) {
            for (Command& command : group()) all.push_back(std::move(command));
        }
        return all;
    }();
    return commands;
}

void addPageOptions(std::vector<Option>& options) {
    options.push_back({"--limit", "N", "How many, 50 unless given"});
    options.push_back({"--cursor", "CURSOR", "Go on where an earlier list ended"});
}

Result<std::size_t> readLimit(const Values& values) {
    const std::string text = values.text("--limit");
    if (text.empty()) return kDefaultLimit;
    std::size_t limit = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
    if (error != std::errc() || end != text.data() + text.size() || limit < 1 || limit > kMaxLimit)
        return usageError("--limit: a number from 1 to " + std::to_string(kMaxLimit));
    return limit;
}

FormFields queryFrom(const Values& values, const std::vector<std::pair<const char*, const char*>>& names) {
    FormFields query;
    for (const auto& [option, field] : names) {
        if (const std::string text = values.text(option); !text.empty()) query.emplace_back(field, text);
    }
    return query;
}

Result<Json> readJsonArgument(const std::string& option, const std::string& text) {
    std::string source = text;
    if (text.starts_with('@')) {
        auto content = readInput(text.substr(1));
        if (!content) return content.error();
        source = *std::move(content);
    }
    auto json = parseJson(source);
    if (!json) return usageError(option + ": not JSON: " + json.error().message);
    return json;
}

std::string failureText(const Json& failure) {
    if (!failure.is_object()) return "";
    const std::string code = textAt(failure, "code");
    return textAt(failure, "message") + (code.empty() ? "" : " (" + code + ")");
}

}  // namespace signalbox::client
