#include "workflow/graph/document.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <sstream>

#include "workflow/expr/unicode.h"

namespace signalbox::workflow {
namespace {

// Ends the reading from inside a callback; yaml-cpp has no other way.
struct Stopped {
    Error error;
};

Error syntaxError(const YAML::Mark& mark, const std::string& what) {
    return {ErrorKind::Invalid,
            "yaml: line " + std::to_string(mark.line + 1) + ", column " + std::to_string(mark.column + 1) +
                ": " + what,
            {},
            "yaml_syntax"};
}

template <class Number>
std::optional<Number> numberFrom(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    Number number{};
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

// "007" and "1_000" are texts: who wrote them meant more than a number.
bool looksLikeNumber(std::string_view text) {
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    if (text.empty() || text.find_first_not_of("0123456789.eE+-") != std::string_view::npos) return false;
    if (text[0] != '.' && (text[0] < '0' || text[0] > '9')) return false;
    return text.size() < 2 || text[0] != '0' || text[1] < '0' || text[1] > '9';
}

Json plainScalar(const std::string& text) {
    if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return nullptr;
    if (text == "true" || text == "True" || text == "TRUE") return true;
    if (text == "false" || text == "False" || text == "FALSE") return false;
    if (!looksLikeNumber(text)) return text;
    if (const auto whole = numberFrom<std::int64_t>(text)) return *whole;
    if (const auto real = numberFrom<double>(text); real && std::isfinite(*real)) return *real;
    return text;
}

// Builds the value from the inside out: a container is placed when it is complete.
class Builder : public YAML::EventHandler {
public:
    explicit Builder(const JsonLimits& limits) : limits_(limits) {}

    Json take() { return std::move(root_); }

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { scalar(mark, nullptr, "", anchor); }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const auto known = anchors_.find(anchor);
        if (known == anchors_.end()) throw Stopped{syntaxError(mark, "an alias inside of what it names")};
        if (isKeyNext()) throw Stopped{syntaxError(mark, "a key must be a text")};
        count(known->second, mark);
        place(Json(known->second));
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        const bool is_plain = tag == "?" || tag.empty();
        scalar(mark, is_plain ? plainScalar(value) : Json(value), value, anchor);
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        open(mark, Json::array(), anchor);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        open(mark, Json::object(), anchor);
    }
    void OnMapEnd() override { close(); }

private:
    struct Level {
        Json container;
        std::optional<std::string> key;
        YAML::anchor_t anchor = 0;
    };

    bool isKeyNext() const {
        return !levels_.empty() && levels_.back().container.is_object() && !levels_.back().key;
    }

    void scalar(const YAML::Mark& mark, Json value, const std::string& text, YAML::anchor_t anchor) {
        if (isKeyNext()) {
            levels_.back().key = text;
            return;
        }
        if (++values_ > limits_.max_values) throw Stopped{tooMuch(mark)};
        if (anchor != 0) anchors_[anchor] = value;
        place(std::move(value));
    }

    void open(const YAML::Mark& mark, Json empty, YAML::anchor_t anchor) {
        if (isKeyNext()) throw Stopped{syntaxError(mark, "a key must be a text")};
        if (levels_.size() >= limits_.max_depth || ++values_ > limits_.max_values)
            throw Stopped{tooMuch(mark)};
        levels_.push_back({std::move(empty), std::nullopt, anchor});
    }

    void close() {
        Level level = std::move(levels_.back());
        levels_.pop_back();
        if (level.anchor != 0) anchors_[level.anchor] = level.container;
        place(std::move(level.container));
    }

    void place(Json value) {
        if (levels_.empty()) {
            root_ = std::move(value);
        } else if (Level& level = levels_.back(); level.container.is_array()) {
            level.container.push_back(std::move(value));
        } else {
            level.container[*level.key] = std::move(value);
            level.key.reset();
        }
    }

    // A few lines of aliases of aliases would otherwise fill the memory.
    void count(const Json& value, const YAML::Mark& mark) {
        if (++values_ > limits_.max_values) throw Stopped{tooMuch(mark)};
        if (!value.is_structured()) return;
        for (const auto& member : value) count(member, mark);
    }

    static Error tooMuch(const YAML::Mark& mark) {
        Error error = syntaxError(mark, "too many values, or nested too deep");
        error.code = "json_limit";
        return error;
    }

    const JsonLimits limits_;
    Json root_;
    std::vector<Level> levels_;
    std::map<YAML::anchor_t, Json> anchors_;
    std::size_t values_ = 0;
};

}  // namespace

bool looksLikeYaml(std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    const auto first = text.find_first_not_of(" \t\r\n");
    return first != std::string_view::npos && text[first] != '{' && text[first] != '[';
}

Result<Json> parseYamlDocument(std::string_view text, const JsonLimits& limits) {
    if (!expr::isUtf8(text) || text.find('\0') != std::string_view::npos)
        return Error{ErrorKind::Invalid, "yaml: is no UTF-8 text", {}, "yaml_syntax"};
    std::istringstream stream{std::string(text)};
    Builder builder(limits);
    try {
        YAML::Parser parser(stream);
        parser.HandleNextDocument(builder);
    } catch (const Stopped& stopped) {
        return stopped.error;
    } catch (const YAML::Exception& failure) {
        return syntaxError(failure.mark, failure.msg);
    }
    return builder.take();
}

namespace {

// Four hexadecimal digits of a \u escape at `at`; 0 when there is none.
unsigned escapeAt(std::string_view text, std::size_t at) {
    if (at + 6 > text.size() || text.substr(at, 2) != "\\u") return 0;
    unsigned code = 0;
    const auto [end, fault] = std::from_chars(text.data() + at + 2, text.data() + at + 6, code, 16);
    return fault == std::errc{} && end == text.data() + at + 6 ? code : 0;
}

// JSON.stringify writes half a pair of a cut text as an escape; no UTF-8 says what that is.
std::string withoutHalfPairs(std::string text) {
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '\\') continue;
        const unsigned code = escapeAt(text, at), next = escapeAt(text, at + 6);
        const bool is_high = code >= 0xD800 && code <= 0xDBFF, is_low = code >= 0xDC00 && code <= 0xDFFF;
        if (is_high && next >= 0xDC00 && next <= 0xDFFF) {
            at += 11;
        } else {
            if (is_high || is_low) text.replace(at + 2, 4, "fffd");
            ++at;
        }
    }
    return text;
}

}  // namespace

Result<Json> parseDocument(std::string_view text, const JsonLimits& limits) {
    if (looksLikeYaml(text)) return parseYamlDocument(text, limits);
    auto json = parseJson(text, limits);
    if (json || json.error().code != "json_syntax" || text.find("\\u") == std::string_view::npos) return json;
    auto mended = parseJson(withoutHalfPairs(std::string(text)), limits);
    return mended ? std::move(mended) : std::move(json);
}

}  // namespace signalbox::workflow
