#include "daemon/config/yaml_document.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <charconv>
#include <sstream>

namespace signalbox::config {
namespace {

constexpr std::size_t kMaxValues = 100'000;
constexpr std::size_t kMaxDepth = 64;

Position positionOf(const YAML::Mark& mark) {
    return {mark.line + 1, mark.column + 1};
}

// Ends the reading from inside a callback; yaml-cpp has no other way.
struct Stopped {
    Problem problem;
};

// Builds the value while yaml-cpp reads. A map's key arrives as a scalar like any other.
class Builder : public YAML::EventHandler {
public:
    Builder(YamlDocument& document, std::vector<Problem>& problems)
        : document_(document), problems_(problems) {}

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t) override { scalar(mark, "?", ""); }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
        throw Stopped{{positionOf(mark), "", "aliases (*name) are not taken; write the value out"}};
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        refuseAnchor(mark, anchor);
        scalar(mark, tag, value);
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        refuseAnchor(mark, anchor);
        open(mark, Json::array());
    }
    void OnSequenceEnd() override { levels_.pop_back(); }
    void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        refuseAnchor(mark, anchor);
        open(mark, Json::object());
    }
    void OnMapEnd() override { levels_.pop_back(); }

private:
    struct Level {
        Json* container;
        std::string path;
        std::optional<std::string> key;  // of a map, once it was read
        std::size_t items = 0;           // of a list
    };

    static void refuseAnchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
        if (anchor != 0) throw Stopped{{positionOf(mark), "", "anchors (&name) are not taken"}};
    }

    void scalar(const YAML::Mark& mark, const std::string& tag, const std::string& text) {
        if (!levels_.empty() && levels_.back().container->is_object() && !levels_.back().key)
            return takeKey(mark, text);
        const bool is_plain = tag == "?" || tag.empty();
        if (!is_plain && tag != "!" && tag != "tag:yaml.org,2002:str")
            throw Stopped{{positionOf(mark), "", "tags (!name) are not taken"}};
        Json value = is_plain ? readScalar(text) : Json(text);
        const bool has_literal = !value.is_string() && !value.is_null();
        place(mark, std::move(value));
        if (has_literal) document_.literals[last_path_] = text;
    }

    void takeKey(const YAML::Mark& mark, const std::string& key) {
        Level& level = levels_.back();
        const std::string path = memberPath(level.path, key);
        const auto [known, is_new] = document_.keys.emplace(path, positionOf(mark));
        if (!is_new && level.container->contains(key)) {
            problems_.push_back({positionOf(mark), path,
                                 "given twice (first in line " + std::to_string(known->second.line) + ")"});
        }
        level.key = key;
    }

    void open(const YAML::Mark& mark, Json empty) {
        if (levels_.size() >= kMaxDepth)
            throw Stopped{
                {positionOf(mark), "", "nested deeper than " + std::to_string(kMaxDepth) + " levels"}};
        if (!levels_.empty() && levels_.back().container->is_object() && !levels_.back().key)
            throw Stopped{{positionOf(mark), levels_.back().path, "a key must be a text"}};
        Json* placed = place(mark, std::move(empty));
        levels_.push_back({placed, last_path_, std::nullopt, 0});
    }

    // Puts a value where the reading stands and remembers the place.
    Json* place(const YAML::Mark& mark, Json value) {
        if (++count_ > kMaxValues)
            throw Stopped{{positionOf(mark), "", "more than " + std::to_string(kMaxValues) + " values"}};
        if (levels_.empty()) {
            document_.value = std::move(value);
            last_path_.clear();
            document_.values[last_path_] = positionOf(mark);
            return &document_.value;
        }
        Level& level = levels_.back();
        Json* placed = nullptr;
        if (level.container->is_array()) {
            last_path_ = itemPath(level.path, level.items++);
            document_.keys.emplace(last_path_, positionOf(mark));
            // A list may move its items as it grows: nothing inside them is being built at this moment.
            placed = &level.container->emplace_back(std::move(value));
        } else {
            last_path_ = memberPath(level.path, *level.key);
            placed = &((*level.container)[*level.key] = std::move(value));
            level.key.reset();
        }
        document_.values[last_path_] = positionOf(mark);
        return placed;
    }

    YamlDocument& document_;
    std::vector<Problem>& problems_;
    std::vector<Level> levels_;
    std::string last_path_;
    std::size_t count_ = 0;
};

template <class Number>
bool parseNumber(const std::string& text, Number& out) {
    const char* begin = text.data() + (text.starts_with('+') ? 1 : 0);
    const auto [end, error] = std::from_chars(begin, text.data() + text.size(), out);
    return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

Json readScalar(const std::string& text) {
    if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return nullptr;
    if (text == "true" || text == "True" || text == "TRUE") return true;
    if (text == "false" || text == "False" || text == "FALSE") return false;
    // A leading zero or plus is how people write codes and phone numbers, so those stay texts.
    const std::size_t first = text.starts_with('-') ? 1 : 0;
    const bool looks_like_number = first < text.size() && text[first] >= '0' && text[first] <= '9' &&
                                   !(text[first] == '0' && first + 1 < text.size() && text[first + 1] != '.');
    if (!looks_like_number) return text;
    if (std::int64_t whole = 0; parseNumber(text, whole)) return whole;
    if (double number = 0; parseNumber(text, number)) return number;
    return text;
}

YamlDocument parseYaml(std::string_view text, std::vector<Problem>& problems) {
    YamlDocument document;
    document.value = Json::object();
    try {
        std::istringstream in{std::string(text)};
        YAML::Parser parser(in);
        Builder builder(document, problems);
        parser.HandleNextDocument(builder);
        std::vector<Problem> ignored;
        YamlDocument second;
        Builder rest(second, ignored);
        if (parser.HandleNextDocument(rest))
            problems.push_back({{}, "", "holds more than one document; remove the line ---"});
        document.is_whole = true;
    } catch (const Stopped& stopped) {
        problems.push_back(stopped.problem);
    } catch (const YAML::Exception& fault) {
        problems.push_back({positionOf(fault.mark), "", "not valid YAML: " + fault.msg});
    }
    return document;
}

Position YamlDocument::keyPosition(const std::string& path) const {
    if (const auto it = keys.find(path); it != keys.end()) return it->second;
    return valuePosition(path);
}

Position YamlDocument::valuePosition(const std::string& path) const {
    for (std::string at = path;;
         at.resize(at.find_last_of(".[") == std::string::npos ? 0 : at.find_last_of(".["))) {
        if (const auto it = values.find(at); it != values.end()) return it->second;
        if (at.empty()) return {};
    }
}

}  // namespace signalbox::config
