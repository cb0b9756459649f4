// The body of a call read field by field: the first fault is kept, later reads give defaults, and `status`
// says it at the end. Unknown fields are faults.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/json.h"
#include "base/result.h"

namespace signalbox::api {

class Body {
public:
    // `json` outlives the reader; null counts as an object without members.
    Body(const Json& json, std::initializer_list<std::string_view> known);

    // An empty body is a fault, too.
    void mustBeThere();
    bool has(std::string_view name) const { return json_.is_object() && json_.contains(name); }
    bool isNull(std::string_view name) const { return has(name) && memberAt(json_, name).is_null(); }
    // "" when it is not there.
    std::string text(std::string_view name, std::size_t longest = 2'048);
    std::string requiredText(std::string_view name, std::size_t longest = 2'048);
    // One of the words; the first of them when it is not there.
    std::string word(std::string_view name, std::initializer_list<std::string_view> words);
    std::optional<bool> flag(std::string_view name);
    std::optional<std::int64_t> number(std::string_view name, std::int64_t least, std::int64_t most);
    std::optional<TimePoint> time(std::string_view name);
    // Nothing: not there; 0: null.
    std::optional<Id> id(std::string_view name, std::string_view prefix);
    Id requiredId(std::string_view name, std::string_view prefix);
    std::vector<std::string> texts(std::string_view name, std::size_t most = 100);
    std::vector<Id> ids(std::string_view name, std::string_view prefix, std::size_t most = 500);
    Json object(std::string_view name);  // {} when it is not there
    Json list(std::string_view name);    // [] when it is not there

    // A fault that somebody else found.
    void refuse(const Error& error) {
        if (status_) status_ = error;
    }
    void fault(std::string_view name, std::string_view what);
    const Status& status() const { return status_; }

private:
    const Json& member(std::string_view name) const { return memberAt(json_, name); }

    const Json& json_;
    Status status_ = Done{};
};

}  // namespace signalbox::api
