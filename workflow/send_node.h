// Node types that send a message through the outbox and go on when the provider took it: send_message, and
// one for each channel. Any thread.
#pragma once

#include <string>

#include "workflow/node_type.h"

namespace signalbox::workflow {

class SendNode : public NodeType {
public:
    // `channel`: the account is the organization's one of that channel where none is named; empty: an
    // account, or the conversation's.
    SendNode(std::string name, const char* schema, std::string channel)
        : name_(std::move(name)), schema_(schema), channel_(std::move(channel)) {}

    std::string name() const override { return name_; }
    const std::string& paramsSchema() const override { return schema_; }
    std::vector<Port> ports(const Json&) const override { return {{"out", "Sent"}, {"error", "Failed"}}; }
    std::vector<std::string> check(const Json& params) const override;
    Result<std::unique_ptr<const Prepared>> prepare(const Json& params) const override;
    Result<Outcome> enter(const NodeInput& input) const override;
    Result<Outcome> resume(const NodeInput& input, const Json& answer) const override;
    const std::string& channel() const { return channel_; }

private:
    const std::string name_, schema_, channel_;
};

}  // namespace signalbox::workflow
