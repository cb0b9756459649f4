#include "base/json.h"

#include <algorithm>
#include <unordered_set>
#include <vector>

#include "base/json_fast.h"
#include "base/json_text.h"

namespace signalbox {
namespace {

// Builds the value through nlohmann's own SAX builder and watches the limits on the way.
class LimitedBuilder {
public:
    using number_integer_t = Json::number_integer_t;
    using number_unsigned_t = Json::number_unsigned_t;
    using number_float_t = Json::number_float_t;
    using string_t = Json::string_t;
    using binary_t = Json::binary_t;

    LimitedBuilder(Json& root, const JsonLimits& limits) : dom_(root, false), limits_(limits) {}

    bool null() { return count() && dom_.null(); }
    bool boolean(bool v) { return count() && dom_.boolean(v); }
    bool number_integer(number_integer_t v) { return count() && dom_.number_integer(v); }
    bool number_unsigned(number_unsigned_t v) { return count() && dom_.number_unsigned(v); }
    bool number_float(number_float_t v, const string_t& s) { return count() && dom_.number_float(v, s); }
    bool string(string_t& v) { return count() && dom_.string(v); }
    bool binary(binary_t& v) { return count() && dom_.binary(v); }
    bool start_object(std::size_t n) { return count() && enter() && dom_.start_object(n); }
    bool start_array(std::size_t n) { return count() && enter() && dom_.start_array(n); }
    bool key(string_t& v) {
        if (limits_.refuse_duplicate_keys && !keys_.back().insert(v).second) {
            reason_ = "the key \"" + v.substr(0, 64) + "\" stands twice in one object";
            return false;
        }
        return dom_.key(v);
    }
    bool end_object() { return leave() && dom_.end_object(); }
    bool end_array() { return leave() && dom_.end_array(); }

    template <class Exception>
    bool parse_error(std::size_t position, const std::string&, const Exception&) {
        if (reason_.empty()) reason_ = "not valid JSON";
        position_ = position;
        return false;
    }

    const std::string& reason() const { return reason_; }
    std::optional<std::size_t> position() const { return position_; }

private:
    bool count() {
        if (++values_ <= limits_.max_values) return true;
        reason_ = "more than " + std::to_string(limits_.max_values) + " values";
        return false;
    }
    bool enter() {
        if (++depth_ > limits_.max_depth) {
            reason_ = "nested deeper than " + std::to_string(limits_.max_depth);
            return false;
        }
        if (limits_.refuse_duplicate_keys) keys_.emplace_back();
        return true;
    }
    bool leave() {
        --depth_;
        if (limits_.refuse_duplicate_keys) keys_.pop_back();
        return true;
    }

    nlohmann::detail::json_sax_dom_parser<Json> dom_;
    const JsonLimits& limits_;
    std::size_t values_ = 0;
    std::size_t depth_ = 0;
    std::vector<std::unordered_set<std::string>> keys_;
    std::string reason_;
    std::optional<std::size_t> position_;
};

std::string place(std::string_view text, std::size_t position) {
    const auto before = text.substr(0, std::min(position > 0 ? position - 1 : 0, text.size()));
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const auto line_start = before.rfind('\n');
    const auto column = before.size() - (line_start == std::string_view::npos ? 0 : line_start + 1) + 1;
    return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

const Json kNull;

}  // namespace

Result<Json> parseJson(std::string_view text, const JsonLimits& limits) {
    if (auto value = parseJsonFast(text, limits)) return *std::move(value);
    Json root;
    LimitedBuilder builder(root, limits);
    if (Json::sax_parse(text.begin(), text.end(), &builder)) return root;
    const std::string reason = builder.reason().empty() ? "not valid JSON" : builder.reason();
    if (!builder.position()) return Error{ErrorKind::Invalid, reason, {}, "json_limit"};
    return Error{ErrorKind::Invalid, place(text, *builder.position()) + ": " + reason, {}, "json_syntax"};
}

std::string dumpJson(const Json& value) {
    std::string text;
    appendJson(text, value);
    return text;
}
std::string dumpJsonPretty(const Json& value) {
    return value.dump(2, ' ', false, Json::error_handler_t::replace);
}

const Json& memberAt(const Json& value, std::string_view key) {
    if (!value.is_object()) return kNull;
    const auto it = value.find(key);
    return it == value.end() ? kNull : *it;
}

std::string textAt(const Json& value, std::string_view key, std::string_view fallback) {
    const Json& member = memberAt(value, key);
    return member.is_string() ? member.get<std::string>() : std::string(fallback);
}

std::int64_t numberAt(const Json& value, std::string_view key, std::int64_t fallback) {
    const Json& member = memberAt(value, key);
    return member.is_number() ? member.get<std::int64_t>() : fallback;
}

bool flagAt(const Json& value, std::string_view key, bool fallback) {
    const Json& member = memberAt(value, key);
    return member.is_boolean() ? member.get<bool>() : fallback;
}

}  // namespace signalbox
