// Node types that make one value of a list: its items by the expression `items`, and for each item the values
// of further expressions, in which `item` is that item. What limit, sort, aggregate and remove_duplicates
// are. Any thread.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "workflow/node_type.h"

namespace signalbox::workflow {

class ListNode : public NodeType {
public:
    ListNode(std::string name, const char* schema) : name_(std::move(name)), schema_(schema) {}

    std::string name() const override { return name_; }
    const std::string& paramsSchema() const override { return schema_; }
    std::vector<std::string> check(const Json& params) const override;
    Result<std::unique_ptr<const Prepared>> prepare(const Json& params) const override;
    Result<Outcome> enter(const NodeInput& input) const override;

protected:
    struct Entry {
        Json item;
        std::vector<Json> keys;  // the values of `keysOf`, in its order
    };
    // {"by", "item.price"}: where an expression stands in the params, and its text.
    using Keys = std::vector<std::pair<std::string, std::string>>;

private:
    virtual Result<Keys> keysOf(const Json& params) const = 0;
    virtual Result<Json> make(const Json& params, std::vector<Entry> entries) const = 0;

    const std::string name_, schema_;
};

// An order of any two values: null, flags, numbers, texts (by code point), then lists and objects by their
// JSON. Below 0, 0 or above.
int compareValues(const Json& a, const Json& b);

}  // namespace signalbox::workflow
