#include "tests/support/yaml_json.h"

#include <yaml-cpp/yaml.h>

#include <charconv>
#include <stdexcept>

namespace signalbox {
namespace {

template <class Number>
bool isNumber(const std::string& text, Number& out) {
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), out);
    return fault == std::errc() && end == text.data() + text.size();
}

Json scalar(const YAML::Node& node) {
    const std::string& text = node.Scalar();
    if (node.Tag() == "!") return text;  // it stood in quotes or in a block
    if (text == "null" || text == "~" || text.empty()) return nullptr;
    if (text == "true" || text == "false") return text == "true";
    std::int64_t whole = 0;
    double fraction = 0;
    if (isNumber(text, whole)) return whole;
    if (isNumber(text, fraction)) return fraction;
    return text;
}

Json toJson(const YAML::Node& node) {
    switch (node.Type()) {
        case YAML::NodeType::Sequence: {
            Json out = Json::array();
            for (const auto& item : node) out.push_back(toJson(item));
            return out;
        }
        case YAML::NodeType::Map: {
            Json out = Json::object();
            for (const auto& member : node) out[member.first.Scalar()] = toJson(member.second);
            return out;
        }
        case YAML::NodeType::Scalar:
            return scalar(node);
        default:
            return nullptr;
    }
}

}  // namespace

std::vector<Json> readYaml(const std::filesystem::path& file) {
    try {
        std::vector<Json> documents;
        for (const auto& node : YAML::LoadAllFromFile(file.string())) documents.push_back(toJson(node));
        return documents;
    } catch (const YAML::Exception& fault) {
        throw std::runtime_error(file.string() + ": " + fault.what());
    }
}

}  // namespace signalbox
