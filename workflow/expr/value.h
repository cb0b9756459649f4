// What evaluation works with: values borrowed from the scope or made on the way, and the rules that all
// operators and functions share. Pure; every function here is total.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/json.h"

namespace signalbox::workflow::expr {

class Value {
public:
    Value(Json made) : held_(std::move(made)) {}
    static Value borrowed(const Json& from) { return Value(&from); }  // `from` outlives the value

    const Json& operator*() const {
        const auto* borrowed = std::get_if<const Json*>(&held_);
        return borrowed != nullptr ? **borrowed : std::get<Json>(held_);
    }
    const Json* operator->() const { return &**this; }
    bool isBorrowed() const { return std::holds_alternative<const Json*>(held_); }
    Json take() && {
        const auto* borrowed = std::get_if<const Json*>(&held_);
        return borrowed != nullptr ? **borrowed : std::get<Json>(std::move(held_));
    }

private:
    explicit Value(const Json* from) : held_(from) {}
    std::variant<Json, const Json*> held_;
};

inline constexpr std::size_t kMaxText = 1 << 20;

// How much one evaluation may handle: bytes of text and elements of lists, read or made. Keeps a text of
// 16 KiB from doing gigabytes of work.
class Budget {
public:
    bool charge(std::size_t amount) {
        left_ = amount > left_ ? 0 : left_ - amount;
        return left_ > 0;
    }
    bool chargeDeep(const Json& value);  // all of it
    bool chargeTop(const Json& value);   // the length of a text, list or object
    bool isSpent() const { return left_ == 0; }

private:
    std::size_t left_ = 16 * kMaxText;
};

// "null", "true or false", "a number", "text", "a list", "an object".
const char* typeName(const Json& value);

// As `~` and templates write it: null is empty, lists and objects are JSON.
std::string textOf(const Json& value);

// Whole when it can be (3.0 → 3). Not finite gives nothing.
std::optional<Json> numberJson(double value);
// The number as a whole one, when it is one and fits.
std::optional<std::int64_t> wholeOf(const Json& value);
// The number that a text is, all of it: "12", " -3.5 ". Nothing for hexadecimal, inf, nan.
std::optional<Json> parseNumber(std::string_view text);

// `==`: same type and value; 1 and 1.0 are equal, "1" and 1 are not.
bool areEqual(const Json& a, const Json& b);
// `<`: numbers by value, texts by code point; nothing for other pairs.
std::optional<int> order(const Json& a, const Json& b);
// For sort: null, booleans, numbers, texts, lists, objects; among each other by value.
bool sortsBefore(const Json& a, const Json& b);

// "customer.address.city" in nested objects; null when it is missing.
const Json& atDottedPath(const Json& value, std::string_view path);
const Json& nullValue();

}  // namespace signalbox::workflow::expr
