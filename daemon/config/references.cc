#include "daemon/config/references.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>

namespace signalbox::config {
namespace {

constexpr std::size_t kMaxFileBytes = 64 * 1024;

class Resolver {
public:
    Resolver(const YamlDocument& document, std::filesystem::path folder, std::vector<Problem>& problems,
             References& references)
        : document_(document), folder_(std::move(folder)), problems_(problems), references_(references) {}

    void resolve(Json& value, const std::string& path) {
        if (value.is_object()) {
            for (const auto& [name, item] : value.items()) resolve(item, memberPath(path, name));
        }
        for (std::size_t i = 0; value.is_array() && i < value.size(); ++i)
            resolve(value[i], itemPath(path, i));
        if (value.is_string() && value.get_ref<const std::string&>().find("${") != std::string::npos)
            resolveText(value.get_ref<std::string&>(), path);
    }

private:
    void resolveText(std::string& text, const std::string& path) {
        std::string out;
        for (std::size_t at = 0; at < text.size();) {
            if (text.compare(at, 3, "$${") == 0) {
                out += "${";
                at += 3;
            } else if (text.compare(at, 2, "${") == 0) {
                const auto end = text.find('}', at);
                if (end == std::string::npos) return fault(path, "${ without }; $${ stands for ${");
                const auto value = read(text.substr(at + 2, end - at - 2), path);
                if (!value) return;
                out += *value;
                at = end + 1;
            } else {
                out += text[at++];
            }
        }
        text = std::move(out);
    }

    std::optional<std::string> read(const std::string& reference, const std::string& path) {
        const auto colon = reference.find(':');
        const std::string kind = reference.substr(0, colon);
        const std::string name = colon == std::string::npos ? "" : reference.substr(colon + 1);
        std::optional<std::string> value;
        if (kind == "env" && !name.empty()) {
            value = readVariable(name, path);
        } else if (kind == "file" && !name.empty()) {
            value = readFile(folder_ / name, path);
        } else {
            fault(path, "write ${env:NAME} or ${file:PATH}; $${ stands for ${");
        }
        if (!value) return std::nullopt;
        references_.read.insert(path);
        if (!value->empty()) references_.secrets.emplace_back(*value);
        return value;
    }

    std::optional<std::string> readVariable(const std::string& name, const std::string& path) {
        if (const char* value = std::getenv(name.c_str())) return value;
        fault(path, "the environment variable " + name + " is not set");
        return std::nullopt;
    }

    std::optional<std::string> readFile(const std::filesystem::path& file, const std::string& path) {
        std::error_code error;
        std::ifstream in;
        if (std::filesystem::is_directory(file, error)) {
            errno = EISDIR;
        } else {
            in.open(file, std::ios::binary);
        }
        if (!in.is_open()) {
            fault(path, "cannot read " + file.string() + ": " + std::strerror(errno));
            return std::nullopt;
        }
        std::string text(kMaxFileBytes + 1, '\0');
        in.read(text.data(), static_cast<std::streamsize>(text.size()));
        text.resize(static_cast<std::size_t>(in.gcount()));
        if (text.size() > kMaxFileBytes) {
            fault(path, file.string() + " is longer than " + std::to_string(kMaxFileBytes / 1024) + " KiB");
            return std::nullopt;
        }
        if (text.ends_with('\n')) text.pop_back();
        if (text.ends_with('\r')) text.pop_back();
        return text;
    }

    void fault(const std::string& path, std::string what) {
        references_.unread.insert(path);
        problems_.push_back({document_.valuePosition(path), path, std::move(what)});
    }

    const YamlDocument& document_;
    const std::filesystem::path folder_;
    std::vector<Problem>& problems_;
    References& references_;
};

}  // namespace

References resolveReferences(YamlDocument& document, const std::filesystem::path& folder,
                             std::vector<Problem>& problems) {
    References references;
    Json value = std::move(document.value);
    Resolver(document, folder, problems, references).resolve(value, "");
    document.value = std::move(value);
    return references;
}

}  // namespace signalbox::config
