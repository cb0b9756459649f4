// Makes the data that goes on: fields filled in by templates.
#include "workflow/node_type.h"
#include "workflow/params.h"

namespace signalbox::workflow::set {

extern const char* const kSchema;

namespace {

struct PreparedSet : Prepared {
    Params fields;
};

class Set : public NodeType {
public:
    std::string name() const override { return "set"; }
    const std::string& paramsSchema() const override {
        static const std::string schema = kSchema;
        return schema;
    }
    std::vector<std::string> check(const Json& params) const override {
        return checkAll(memberAt(params, "fields"));
    }
    Result<std::unique_ptr<const Prepared>> prepare(const Json& params) const override {
        auto fields = Params::compile(memberAt(params, "fields"));
        if (!fields) return withContext("fields", fields.error());
        auto prepared = std::make_unique<PreparedSet>();
        fields->collectNames(prepared->names);
        prepared->fields = std::move(*fields);
        return std::unique_ptr<const Prepared>(std::move(prepared));
    }
    Result<Outcome> enter(const NodeInput& input) const override {
        auto fields = static_cast<const PreparedSet&>(input.prepared).fields.render(input.scope);
        if (!fields) return withContext("fields", fields.error());
        const bool keeps = flagAt(input.params, "keep");
        if (keeps && fields->empty()) return Outcome(Next{});  // whatever it is
        if (!keeps || !input.item.is_object()) return Outcome(Next{"out", std::move(*fields)});
        Json out = input.item;
        for (auto& [key, value] : fields->items()) out[key] = std::move(value);
        return Outcome(Next{"out", std::move(out)});
    }
};

}  // namespace

const NodeType& type() {
    static const Set instance;
    return instance;
}

}  // namespace signalbox::workflow::set
