#include "daemon/config/problem.h"

#include <algorithm>
#include <tuple>

namespace signalbox::config {

std::string describe(const std::string& file, std::vector<Problem> problems) {
    std::stable_sort(problems.begin(), problems.end(), [](const Problem& a, const Problem& b) {
        return std::tie(a.position.line, a.position.column) < std::tie(b.position.line, b.position.column);
    });
    std::string text;
    for (const Problem& problem : problems) {
        if (!text.empty()) text += '\n';
        text += file;
        if (problem.position.line > 0)
            text +=
                ':' + std::to_string(problem.position.line) + ':' + std::to_string(problem.position.column);
        if (!problem.path.empty()) text += ' ' + problem.path;
        text += ": " + problem.what;
    }
    return text;
}

std::string memberPath(const std::string& parent, const std::string& key) {
    return parent.empty() ? key : parent + '.' + key;
}

std::string itemPath(const std::string& parent, std::size_t index) {
    return parent + '[' + std::to_string(index) + ']';
}

}  // namespace signalbox::config
