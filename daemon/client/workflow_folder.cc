#include "daemon/client/workflow_folder.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <set>
#include <sstream>

#include "daemon/client/command.h"
#include "workflow/graph/document.h"
#include "workflow/graph/graph.h"

namespace signalbox::client {
namespace {

constexpr const char* kLogic = "workflow.json";
constexpr const char* kLayout = "layout.json";
constexpr const char* kExport = "export.json";
constexpr const char* kYaml = "export.yaml";
constexpr std::array kNodeLogic = {"id", "type", "data", "parentId", "parentNode"};
constexpr std::array kEdgeLogic = {"id", "source", "target", "sourceHandle", "targetHandle", "data"};

template <class Logic>
bool isLogic(const Logic& logic, const std::string& key) {
    return std::find(logic.begin(), logic.end(), key) != logic.end();
}

// Every item has an id of its own that is a text.
bool haveIds(const Json& list) {
    std::set<std::string> seen;
    return list.is_array() && std::all_of(list.begin(), list.end(), [&](const Json& one) {
               return one.is_object() && memberAt(one, "id").is_string() &&
                      seen.insert(textAt(one, "id")).second;
           });
}

std::string scriptName(const std::string& id, const FolderFiles& taken) {
    std::string name;
    for (const char c : id) name += std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' ? c : '_';
    std::string file = "scripts/" + name + ".lua";
    for (int i = 2; taken.contains(file); ++i) file = "scripts/" + name + "_" + std::to_string(i) + ".lua";
    return file;
}

// The list sorted by id without what only an editor reads; that goes to `layout`.
template <class Logic>
Json splitList(const Json& list, const Logic& logic, Json& layout, Json& order) {
    std::vector<Json> out;
    for (const auto& one : list) {
        const std::string id = textAt(one, "id");
        order.push_back(id);
        Json kept = Json::object(), rest = Json::object();
        for (const auto& [key, value] : one.items()) (isLogic(logic, key) ? kept : rest)[key] = value;
        if (!rest.empty()) layout[id] = std::move(rest);
        out.push_back(std::move(kept));
    }
    std::sort(out.begin(), out.end(),
              [](const Json& a, const Json& b) { return textAt(a, "id") < textAt(b, "id"); });
    return out;
}

void takeScripts(Json& nodes, FolderFiles& files) {
    for (auto& node : nodes) {
        const Json& source = memberAt(memberAt(node, "data"), "source");
        if (textAt(node, "type") != "lua" || !source.is_string() ||
            source.get_ref<const std::string&>().empty())
            continue;
        const std::string file = scriptName(textAt(node, "id"), files);
        files[file] = source.get<std::string>();
        node["data"]["source"] = {{"$file", file}};
    }
}

Json joinList(const Json& list, const Json& layout, const Json& order) {
    std::map<std::string, Json> by_id;
    std::vector<std::string> ids;
    for (const auto& one : list) {
        const std::string id = textAt(one, "id");
        Json whole = one;
        if (memberAt(layout, id).is_object()) whole.update(layout[id]);
        ids.push_back(id);
        by_id.emplace(id, std::move(whole));
    }
    Json out = Json::array();
    for (const auto& id : order) {
        const auto at = id.is_string() ? by_id.find(id.get<std::string>()) : by_id.end();
        if (at == by_id.end()) continue;
        out.push_back(std::move(at->second));
        by_id.erase(at);
    }
    for (const auto& id : ids) {  // those that are new
        const auto at = by_id.find(id);
        if (at == by_id.end()) continue;
        out.push_back(std::move(at->second));
        by_id.erase(at);
    }
    return out;
}

Result<Json> readJson(const FolderFiles& files, const std::string& name) {
    const auto at = files.find(name);
    if (at == files.end()) return Json::object();
    auto json = parseJson(at->second, workflow::kGraphLimits);
    if (!json) return usageError(name + ": " + json.error().message);
    return json;
}

Result<std::string> readFile(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) return usageError(path.string() + ": cannot be read");
    return std::move(text).str();
}

// Only what writeFolder would have made: nothing outside of the folder.
bool isScript(const std::string& file) {
    return file.starts_with("scripts/") && file.ends_with(".lua") && file.find("..") == std::string::npos &&
           std::count(file.begin(), file.end(), '/') == 1;
}

void collectScripts(const std::string& logic, std::set<std::string>& out) {
    const auto json = parseJson(logic, workflow::kGraphLimits);
    if (!json) return;
    for (const auto& node : memberAt(*json, "nodes")) {
        const std::string file = textAt(memberAt(memberAt(node, "data"), "source"), "$file");
        if (isScript(file)) out.insert(file);
    }
}

Status writeFile(const std::filesystem::path& path, const std::string& text) {
    std::error_code error;
    std::filesystem::create_directories(path.parent_path(), error);
    const std::filesystem::path fresh = path.string() + ".new";
    std::ofstream out(fresh, std::ios::binary);
    out << text;
    out.close();
    if (out) std::filesystem::rename(fresh, path, error);
    if (!out || error)
        return usageError(path.string() + ": cannot be written" + (error ? ": " + error.message() : ""));
    return Done{};
}

}  // namespace

FolderFiles splitWorkflow(const std::string& text) {
    if (workflow::looksLikeYaml(text)) return {{kYaml, text}};
    const auto document = parseJson(text, workflow::kGraphLimits);
    const bool is_bare = document && document->is_object() && haveIds(memberAt(*document, "nodes")) &&
                         (!document->contains("edges") || haveIds(memberAt(*document, "edges")));
    if (!is_bare) return {{kExport, text}};
    FolderFiles files;
    Json logic = Json::object();
    Json layout = {{"nodes", Json::object()},
                   {"edges", Json::object()},
                   {"graph", Json::object()},
                   {"order", {{"nodes", Json::array()}, {"edges", Json::array()}}}};
    for (const auto& [key, value] : document->items()) {
        if (key == "nodes") {
            logic[key] = splitList(value, kNodeLogic, layout["nodes"], layout["order"]["nodes"]);
        } else if (key == "edges") {
            logic[key] = splitList(value, kEdgeLogic, layout["edges"], layout["order"]["edges"]);
        } else {
            (key == "settings" ? logic : layout["graph"])[key] = value;
        }
    }
    takeScripts(logic["nodes"], files);
    files[kLogic] = dumpJsonPretty(logic) + "\n";
    files[kLayout] = dumpJsonPretty(layout) + "\n";
    return files;
}

Result<std::string> joinWorkflow(const FolderFiles& files) {
    for (const char* whole : {kExport, kYaml}) {
        if (const auto at = files.find(whole); at != files.end()) return at->second;
    }
    if (!files.contains(kLogic)) return usageError(std::string(kLogic) + ": is not there");
    auto logic = readJson(files, kLogic);
    if (!logic) return logic.error();
    const auto layout = readJson(files, kLayout);
    if (!layout) return layout.error();
    if (!logic->is_object() || !memberAt(*logic, "nodes").is_array())
        return usageError(std::string(kLogic) + ": holds no nodes");
    for (auto& node : (*logic)["nodes"]) {
        const Json& source = memberAt(memberAt(node, "data"), "source");
        const std::string file = textAt(source, "$file");
        if (file.empty()) continue;
        const auto script = files.find(file);
        if (script == files.end() || !isScript(file))
            return usageError(file + ": is named in workflow.json, but not there");
        node["data"]["source"] = script->second;
    }
    const Json& order = memberAt(*layout, "order");
    Json out = memberAt(*layout, "graph").is_object() ? memberAt(*layout, "graph") : Json::object();
    for (const auto& [key, value] : logic->items()) {
        const bool is_list = key == "nodes" || key == "edges";
        out[key] = is_list ? joinList(value, memberAt(*layout, key), memberAt(order, key)) : value;
    }
    return dumpJson(out);
}

bool isWorkflowFolder(const std::filesystem::path& folder) {
    for (const char* name : {kLogic, kExport, kYaml}) {
        std::error_code ignored;
        if (std::filesystem::exists(folder / name, ignored)) return true;
    }
    return false;
}

Result<FolderFiles> readFolder(const std::filesystem::path& folder) {
    if (!isWorkflowFolder(folder))
        return usageError(folder.string() +
                          ": holds no workflow.json; get one with `signalbox workflow pull`");
    FolderFiles files;
    std::set<std::string> names = {kLogic, kLayout, kExport, kYaml};
    std::error_code ignored;
    if (std::filesystem::exists(folder / kLogic, ignored)) {
        const auto logic = readFile(folder / kLogic);
        if (!logic) return logic.error();
        collectScripts(*logic, names);
    }
    for (const auto& name : names) {
        if (!std::filesystem::exists(folder / name, ignored)) continue;
        auto text = readFile(folder / name);
        if (!text) return text.error();
        files[name] = std::move(*text);
    }
    return files;
}

Status writeFolder(const std::filesystem::path& folder, const FolderFiles& files) {
    std::set<std::string> before = {kLogic, kLayout, kExport, kYaml};
    if (const auto logic = readFile(folder / kLogic)) collectScripts(*logic, before);
    for (const auto& [name, text] : files) {
        if (const Status written = writeFile(folder / name, text); !written) return written.error();
        before.erase(name);
    }
    std::error_code ignored;
    for (const auto& name : before) std::filesystem::remove(folder / name, ignored);
    return Done{};
}

}  // namespace signalbox::client
