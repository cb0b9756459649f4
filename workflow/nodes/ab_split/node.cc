// Sends runs down several ways by weight; the same key always goes the same way.
#include <algorithm>

#include "workflow/expr/expression.h"
#include "workflow/node_type.h"
#include "workflow/params.h"

namespace signalbox::workflow::ab_split {

extern const char* const kSchema;

namespace {

struct PreparedAbSplit : Prepared {
    std::optional<Expression> key;
};

// FNV-1a, 64 bits, its bits mixed as MurmurHash3 ends (alone, keys that differ in their last digit stay
// neighbours): stable for all time, which the way of a person must be.
std::uint64_t hashOf(std::string_view text) {
    std::uint64_t hash = 14695981039346656037U;
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
    hash = (hash ^ hash >> 33) * 0xff51afd7ed558ccdU;
    hash = (hash ^ hash >> 33) * 0xc4ceb9fe1a85ec53U;
    return hash ^ hash >> 33;
}

class AbSplit : public NodeType {
public:
    std::string name() const override { return "ab_split"; }
    const std::string& paramsSchema() const override {
        static const std::string schema = kSchema;
        return schema;
    }
    std::vector<Port> ports(const Json& params) const override {
        std::vector<Port> out;
        for (const auto& way : memberAt(params, "ways"))
            out.push_back({textAt(way, "id"), textAt(way, "id")});
        return out;
    }
    std::vector<std::string> check(const Json& params) const override {
        std::vector<std::string> faults, seen{"error"};
        double total = 0;
        for (const auto& way : memberAt(params, "ways")) {
            const std::string id = textAt(way, "id");
            if (std::find(seen.begin(), seen.end(), id) != seen.end())
                faults.push_back("ways: the id " + id + " is taken");
            seen.push_back(id);
            total += memberAt(way, "weight").is_number() ? way["weight"].get<double>() : 1;
        }
        if (total <= 0) faults.push_back("ways: the weights add up to nothing");
        if (const auto made = prepare(params); !made) faults.push_back(made.error().message);
        return faults;
    }
    Result<std::unique_ptr<const Prepared>> prepare(const Json& params) const override {
        auto prepared = std::make_unique<PreparedAbSplit>();
        if (const std::string text = textAt(params, "key"); !text.empty()) {
            auto key = Expression::compile(text);
            if (!key) return withContext("key", key.error());
            prepared->names = key->names();
            prepared->key = std::move(*key);
        }
        return std::unique_ptr<const Prepared>(std::move(prepared));
    }
    Result<Outcome> enter(const NodeInput& input) const override {
        std::uint64_t random = input.seed;
        if (const auto& key = static_cast<const PreparedAbSplit&>(input.prepared).key) {
            const auto value = key->evaluate(input.scope);
            if (!value) return withContext("key", value.error());
            random = hashOf(textIn(*value));
        }
        const Json& ways = memberAt(input.params, "ways");
        double total = 0;
        for (const auto& way : ways) total += weightOf(way);
        double at = static_cast<double>(random >> 11) / 9007199254740992.0 * total;
        for (const auto& way : ways) {
            at -= weightOf(way);
            if (at < 0) return Outcome(Next{textAt(way, "id"), {}});
        }
        return Outcome(Next{textAt(ways.back(), "id"), {}});
    }

private:
    static double weightOf(const Json& way) {
        return memberAt(way, "weight").is_number() ? way["weight"].get<double>() : 1;
    }
};

}  // namespace

const NodeType& type() {
    static const AbSplit instance;
    return instance;
}

}  // namespace signalbox::workflow::ab_split
