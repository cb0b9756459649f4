#include "workflow/expr/value.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace signalbox::workflow::expr {
namespace {

const Json kNull;

// Order of types for sort.
int rankOf(const Json& value) {
    switch (value.type()) {
        case Json::value_t::boolean:
            return 1;
        case Json::value_t::number_integer:
        case Json::value_t::number_unsigned:
        case Json::value_t::number_float:
            return 2;
        case Json::value_t::string:
            return 3;
        case Json::value_t::array:
            return 4;
        case Json::value_t::object:
            return 5;
        default:
            return 0;
    }
}

int sign(bool is_less, bool is_greater) {
    return is_less ? -1 : is_greater ? 1 : 0;
}

int orderNumbers(const Json& a, const Json& b) {
    const auto whole_a = wholeOf(a), whole_b = wholeOf(b);
    if (whole_a && whole_b) return sign(*whole_a<*whole_b, *whole_a> * whole_b);
    const auto x = a.get<double>(), y = b.get<double>();
    return sign(x<y, x> y);
}

const std::string& stringOf(const Json& value) {
    return value.get_ref<const std::string&>();
}

}  // namespace

bool Budget::chargeTop(const Json& value) {
    return charge(1 + (value.is_string()       ? stringOf(value).size()
                       : value.is_structured() ? value.size()
                                               : 0));
}

bool Budget::chargeDeep(const Json& value) {
    if (!chargeTop(value)) return false;
    if (!value.is_structured()) return true;
    for (const auto& member : value)
        if (!chargeDeep(member)) return false;
    return true;
}

const char* typeName(const Json& value) {
    constexpr const char* kNames[] = {"null", "true or false", "a number", "text", "a list", "an object"};
    return kNames[rankOf(value)];
}

std::string textOf(const Json& value) {
    if (value.is_null()) return "";
    if (value.is_string()) return stringOf(value);
    if (const auto whole = value.is_number() ? wholeOf(value) : std::nullopt) return std::to_string(*whole);
    return dumpJson(value);
}

std::optional<Json> numberJson(double value) {
    if (!std::isfinite(value)) return std::nullopt;
    constexpr double kExact = 9007199254740992.0;  // 2^53: from here on a double skips whole numbers
    if (std::trunc(value) == value && std::abs(value) <= kExact)
        return Json(static_cast<std::int64_t>(value));
    return Json(value);
}

std::optional<std::int64_t> wholeOf(const Json& value) {
    if (value.is_number_unsigned()) {
        const auto number = value.get<std::uint64_t>();
        if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
            return std::nullopt;
        return static_cast<std::int64_t>(number);
    }
    if (value.is_number_integer()) return value.get<std::int64_t>();
    if (!value.is_number_float()) return std::nullopt;
    const auto number = value.get<double>();
    if (std::trunc(number) != number || std::abs(number) >= 9.2e18) return std::nullopt;
    return static_cast<std::int64_t>(number);
}

std::optional<Json> parseNumber(std::string_view text) {
    constexpr std::string_view kSpace = " \t\r\n";
    const auto first = text.find_first_not_of(kSpace);
    if (first == std::string_view::npos) return std::nullopt;
    text = text.substr(first, text.find_last_not_of(kSpace) - first + 1);
    if (text.find_first_not_of("0123456789+-.eE") != std::string_view::npos) return std::nullopt;
    if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
    const char* const end = text.data() + text.size();
    std::int64_t whole = 0;
    if (const auto read = std::from_chars(text.data(), end, whole); read.ec == std::errc{} && read.ptr == end)
        return Json(whole);
    double value = 0;
    if (const auto read = std::from_chars(text.data(), end, value); read.ec != std::errc{} || read.ptr != end)
        return std::nullopt;
    return numberJson(value);
}

bool areEqual(const Json& a, const Json& b) {
    if (rankOf(a) != rankOf(b)) return false;
    if (a.is_number()) return orderNumbers(a, b) == 0;
    if (a.is_structured() && a.size() != b.size()) return false;
    if (a.is_array()) return std::equal(a.begin(), a.end(), b.begin(), &areEqual);
    if (!a.is_object()) return a == b;
    for (auto x = a.begin(), y = b.begin(); x != a.end(); ++x, ++y)
        if (x.key() != y.key() || !areEqual(*x, *y)) return false;
    return true;
}

std::optional<int> order(const Json& a, const Json& b) {
    if (a.is_number() && b.is_number()) return orderNumbers(a, b);
    if (!a.is_string() || !b.is_string()) return std::nullopt;
    const int compared = stringOf(a).compare(stringOf(b));
    return sign(compared<0, compared> 0);
}

bool sortsBefore(const Json& a, const Json& b) {
    if (rankOf(a) != rankOf(b)) return rankOf(a) < rankOf(b);
    if (const auto known = order(a, b)) return *known < 0;
    if (a.is_boolean()) return !a.get<bool>() && b.get<bool>();
    if (a.is_array())
        return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), &sortsBefore);
    return a.is_object() && dumpJson(a) < dumpJson(b);
}

const Json& atDottedPath(const Json& value, std::string_view path) {
    const Json* at = &value;
    while (!path.empty()) {
        const auto dot = path.find('.');
        at = &memberAt(*at, path.substr(0, dot));
        path = dot == std::string_view::npos ? std::string_view{} : path.substr(dot + 1);
    }
    return *at;
}

const Json& nullValue() {
    return kNull;
}

}  // namespace signalbox::workflow::expr
