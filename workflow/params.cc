#include "workflow/params.h"

#include <charconv>
#include <cmath>

#include "workflow/data_size.h"

namespace signalbox::workflow {
namespace {

constexpr int kMaxDepth = 32;

std::string memberPath(const std::string& path, const std::string& key) {
    return path.empty() ? key : path + "." + key;
}

}  // namespace

Result<Params> Params::compile(const Json& value) {
    return compile(value, "", 0);
}

Result<Params> Params::compile(const Json& value, const std::string& path, int depth) {
    if (depth > kMaxDepth) return Error{ErrorKind::Invalid, path + ": nested deeper than 32"};
    Params out;
    out.path_ = path;
    out.is_array_ = value.is_array();
    if (value.is_string()) {
        auto made = Template::compile(value.get_ref<const std::string&>());
        if (!made) return path.empty() ? made.error() : withContext(path, made.error());
        // Also a plain text goes through the template: `\{{` stands for `{{` there.
        out.template_.push_back(std::move(*made));
        return out;
    }
    bool has_templates = false;
    std::size_t i = 0;
    for (auto at = value.begin(); value.is_structured() && at != value.end(); ++at, ++i) {
        const std::string key = value.is_object() ? at.key() : "";
        auto member = compile(
            *at, value.is_object() ? memberPath(path, key) : path + "[" + std::to_string(i) + "]", depth + 1);
        if (!member) return member.error();
        has_templates = has_templates || !member->template_.empty() || !member->members_.empty();
        out.members_.emplace_back(key, std::move(*member));
    }
    if (!has_templates) {
        out.members_.clear();
        out.plain_ = value;
    }
    return out;
}

Result<Json> Params::render(const Json& scope) const {
    if (!template_.empty()) {
        auto text = template_.front().render(scope);
        if (!text && !path_.empty()) return withContext(path_, text.error());
        return text;
    }
    if (members_.empty()) return plain_;
    Json out = is_array_ ? Json::array() : Json::object();
    DataSize made;
    for (const auto& [key, member] : members_) {
        auto value = member.render(scope);
        if (!value) return value.error();
        // What stands in the graph itself is small; templates may bring the same data many times.
        if (!member.template_.empty() || !member.members_.empty()) made += DataSize::of(*value);
        if (!made.isWithin(kMaxRunBytes, kMaxRunValues))
            return withContext(member.path_, tooLarge("its values"));
        if (is_array_) {
            out.push_back(std::move(*value));
        } else {
            out[key] = std::move(*value);
        }
    }
    return out;
}

void Params::collectNames(std::vector<std::string>& names) const {
    for (const auto& one : template_) {
        const auto used = one.names();
        names.insert(names.end(), used.begin(), used.end());
    }
    for (const auto& [key, member] : members_) member.collectNames(names);
}

std::optional<double> numberIn(const Json& value) {
    if (value.is_number()) return value.get<double>();
    if (!value.is_string()) return std::nullopt;
    const auto& text = value.get_ref<const std::string&>();
    double number = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (fault != std::errc{} || end != text.data() + text.size() || !std::isfinite(number))
        return std::nullopt;
    return number;
}

std::string textIn(const Json& value) {
    if (value.is_string()) return value.get<std::string>();
    return value.is_null() ? "" : dumpJson(value);
}

}  // namespace signalbox::workflow
