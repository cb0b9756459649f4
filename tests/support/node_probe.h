// Runs one node type as the engine would: defaults filled in, prepared once, then entered or resumed.
#pragma once

#include <boost/test/unit_test.hpp>
#include <string>

#include "workflow/graph/schema.h"
#include "workflow/node_type.h"

namespace signalbox::workflow {

class NodeProbe {
public:
    NodeProbe(const std::string& type, const std::string& params) : type_(*findNodeType(type)) {
        params_ = schemaOf(type_).withDefaults(Json::parse(params));
        for (const auto& fault : schemaOf(type_).validate(params_))
            faults_.push_back(fault.path + ": " + fault.message);
        if (!faults_.empty()) return;
        faults_ = type_.check(params_);
        if (!faults_.empty()) return;
        auto prepared = type_.prepare(params_);
        BOOST_REQUIRE_MESSAGE(prepared.ok(), (prepared ? "" : prepared.error().message));
        prepared_ = std::move(*prepared);
    }

    const std::vector<std::string>& faults() const { return faults_; }

    // `scope` has the trigger's data and more; its "item" is the item.
    Result<Outcome> enter(const std::string& scope = R"({"item":{}})") {
        scope_ = Json::parse(scope);
        return type_.enter(input());
    }
    Result<Outcome> resume(const std::string& answer, const std::string& scope = R"({"item":{}})") {
        scope_ = Json::parse(scope);
        return type_.resume(input(), Json::parse(answer));
    }
    bool matches(const std::string& event) const {
        const auto matched = type_.matches(*prepared_, Json::parse(event));
        BOOST_REQUIRE(matched.ok());
        return *matched;
    }
    std::vector<std::string> portIds() const {
        std::vector<std::string> out;
        for (const auto& port : type_.ports(params_)) out.push_back(port.id);
        return out;
    }

private:
    NodeInput input() {
        return {params_, *prepared_, scope_["item"], scope_, *parseRfc3339("2026-01-05T09:00:00Z"), 7};
    }

    const NodeType& type_;
    Json params_, scope_;
    std::vector<std::string> faults_;
    std::unique_ptr<const Prepared> prepared_;
};

// The alternative that the outcome must be.
template <class T>
T outcomeOf(Result<Outcome> outcome) {
    BOOST_REQUIRE_MESSAGE(outcome.ok(), (outcome ? "" : outcome.error().message));
    BOOST_REQUIRE(std::holds_alternative<T>(*outcome));
    return std::get<T>(std::move(*outcome));
}

}  // namespace signalbox::workflow
