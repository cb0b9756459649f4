#include <algorithm>

#include "base/crypto.h"
#include "base/http_message.h"
#include "workflow/expr/function.h"
#include "workflow/expr/operators.h"
#include "workflow/expr/unicode.h"

namespace signalbox::workflow::expr {
namespace {

Json lower(Arguments& in) {
    return toLower(in.text(0));
}
Json upper(Arguments& in) {
    return toUpper(in.text(0));
}

Json trim(Arguments& in) {
    constexpr std::string_view kSpace = " \t\r\n\f\v";
    const std::string text = in.text(0);
    const auto first = text.find_first_not_of(kSpace);
    if (first == std::string::npos) return "";
    return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

Json truncate(Arguments& in) {
    const std::string text = in.text(0);
    const auto limit = static_cast<std::size_t>(std::max<std::int64_t>(0, in.whole(1, 0)));
    const std::string ending = in.count() > 2 ? in.text(2) : "…";
    if (countCharacters(text) <= limit) return text;
    const auto taken = countCharacters(ending);
    if (taken >= limit) return text.substr(0, offsetOfCharacter(text, limit));
    return text.substr(0, offsetOfCharacter(text, limit - taken)) + ending;
}

Json replace(Arguments& in) {
    const std::string text = in.text(0), from = in.text(1), to = in.text(2);
    if (from.empty()) return text;
    std::string out;
    std::size_t begin = 0;
    for (auto found = text.find(from); found != std::string::npos; found = text.find(from, begin)) {
        out.append(text, begin, found - begin).append(to);
        begin = found + from.size();
        if (out.size() > kMaxText) return in.fail("the text grows over 1 MiB");
    }
    return out.append(text, begin);
}

Json split(Arguments& in) {
    const std::string text = in.text(0), separator = in.text(1);
    Json parts = Json::array();
    if (separator.empty()) return in.fail("the separator is empty; write split(',')");
    std::size_t begin = 0;
    for (auto found = text.find(separator); found != std::string::npos; found = text.find(separator, begin)) {
        // An element of a list costs sixteen bytes at least, so many short parts count for more.
        if (!in.budget().charge(16)) return nullptr;
        parts.push_back(text.substr(begin, found - begin));
        begin = found + separator.size();
    }
    parts.push_back(text.substr(begin));
    return parts;
}

Json join(Arguments& in) {
    const std::string separator = in.count() > 1 ? in.text(1) : "";
    std::string out;
    bool is_first = true;
    for (const auto& element : in.list(0)) {
        if (!in.budget().chargeDeep(element)) return nullptr;
        if (!is_first) out += separator;
        out += textOf(element);
        is_first = false;
        if (out.size() > kMaxText) return in.fail("the text grows over 1 MiB");
    }
    return out;
}

Json urlEncode(Arguments& in) {
    return percentEncode(in.text(0));
}
Json base64(Arguments& in) {
    return toBase64(in.text(0));
}

Json base64Decode(Arguments& in) {
    const auto bytes = fromBase64(in.text(0));
    if (!bytes) return nullptr;
    return isUtf8(*bytes) ? Json(*bytes) : Json(nullptr);
}

Json sha256(Arguments& in) {
    return toHex(hash(HashAlgorithm::Sha256, in.text(0)));
}

Json test(Arguments& in, Operator op) {
    auto verdict = compare(op, in.at(0), in.at(1), nullptr, in.budget());
    if (auto* fault = std::get_if<Fault>(&verdict)) return in.fail(fault->why);
    return std::get<bool>(verdict);
}
Json contains(Arguments& in) {
    return in.budget().chargeDeep(in.at(0)) ? test(in, Operator::Contains) : Json();
}
Json startsWith(Arguments& in) {
    return test(in, Operator::StartsWith);
}
Json endsWith(Arguments& in) {
    return test(in, Operator::EndsWith);
}
Json matchesPattern(Arguments& in) {
    return test(in, Operator::Matches);
}

Json extract(Arguments& in) {
    const std::string text = in.text(0);
    if (!in.budget().charge(kCompileCost)) return nullptr;
    const auto pattern = Pattern::compile(in.text(1));
    if (!pattern) return in.fail(pattern.error().message);
    if (!in.budget().charge((*pattern)->costOn(text))) return nullptr;
    auto found = (*pattern)->extractFrom(text);
    return found ? Json(std::move(*found)) : Json(nullptr);
}

constexpr Function kFunctions[] = {
    {"lower", 1, 1, true, &lower},
    {"upper", 1, 1, true, &upper},
    {"trim", 1, 1, true, &trim},
    {"truncate", 2, 3, true, &truncate},
    {"replace", 3, 3, true, &replace},
    {"split", 2, 2, true, &split},
    {"join", 1, 2, true, &join},
    {"url_encode", 1, 1, true, &urlEncode},
    {"base64", 1, 1, true, &base64},
    {"base64_decode", 1, 1, true, &base64Decode},
    {"sha256", 1, 1, true, &sha256},
    {"contains", 2, 2, false, &contains},
    {"starts_with", 2, 2, false, &startsWith},
    {"ends_with", 2, 2, false, &endsWith},
    {"matches", 2, 2, false, &matchesPattern},
    {"extract", 2, 2, true, &extract},
};

}  // namespace

std::span<const Function> textFunctions() {
    return kFunctions;
}

}  // namespace signalbox::workflow::expr
