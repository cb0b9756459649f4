#include "base/json_fast.h"

#include <simdjson.h>

namespace signalbox {
namespace {

namespace dom = simdjson::dom;

// A parser keeps the memory of its largest text.
constexpr std::size_t kLargestKept = 64 * 1024;

class Builder {
public:
    explicit Builder(const JsonLimits& limits)
        : values_left_(limits.max_values), depth_left_(limits.max_depth) {}

    // False when a limit is reached.
    bool build(const dom::element& element, Json& out) {
        if (values_left_ == 0) return false;
        --values_left_;
        switch (element.type()) {
            case dom::element_type::OBJECT:
                return buildObject(element.get_object().value_unsafe(), out);
            case dom::element_type::ARRAY:
                return buildArray(element.get_array().value_unsafe(), out);
            case dom::element_type::STRING:
                out = element.get_string().value_unsafe();
                return true;
            case dom::element_type::INT64:
                out = fromInteger(element.get_int64().value_unsafe());
                return true;
            case dom::element_type::UINT64:
                out = element.get_uint64().value_unsafe();
                return true;
            case dom::element_type::DOUBLE:
                out = element.get_double().value_unsafe();
                return true;
            case dom::element_type::BOOL:
                out = element.get_bool().value_unsafe();
                return true;
            default:
                return true;  // null, as `out` is
        }
    }

private:
    bool buildObject(const dom::object& object, Json& out) {
        if (depth_left_ == 0) return false;
        --depth_left_;
        out = Json::object();
        auto& members = out.get_ref<Json::object_t&>();
        for (const auto& [name, value] : object) {
            Json& member = members[std::string(name)];
            member = nullptr;  // of two with one name the last counts
            if (!build(value, member)) return false;
        }
        ++depth_left_;
        return true;
    }
    bool buildArray(const dom::array& array, Json& out) {
        if (depth_left_ == 0) return false;
        --depth_left_;
        out = Json::array();
        auto& elements = out.get_ref<Json::array_t&>();
        for (const auto& value : array) {
            if (!build(value, elements.emplace_back())) return false;
        }
        ++depth_left_;
        return true;
    }
    // As nlohmann has it: what has no sign is unsigned.
    static Json fromInteger(std::int64_t number) {
        return number < 0 ? Json(number) : Json(static_cast<std::uint64_t>(number));
    }

    std::size_t values_left_, depth_left_;
};

std::optional<Json> parse(dom::parser& parser, std::string_view text, const JsonLimits& limits) {
    const auto root = parser.parse(text.data(), text.size());
    Json value;
    if (root.error() != simdjson::SUCCESS || !Builder(limits).build(root.value_unsafe(), value)) return {};
    return value;
}

}  // namespace

std::optional<Json> parseJsonFast(std::string_view text, const JsonLimits& limits) {
    if (limits.refuse_duplicate_keys) return std::nullopt;
    if (text.size() > kLargestKept) {
        dom::parser parser;
        return parse(parser, text, limits);
    }
    thread_local dom::parser parser;
    return parse(parser, text, limits);
}

}  // namespace signalbox
