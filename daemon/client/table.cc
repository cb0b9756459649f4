#include "daemon/client/table.h"

#include <algorithm>
#include <numeric>

#include "daemon/client/text_width.h"

namespace signalbox::client {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kNarrowest = 8;

std::string padded(const std::string& text, std::size_t width) {
    const std::size_t taken = displayWidth(text);
    return text + std::string(width > taken ? width - taken : 0, ' ');
}

// Takes from the widest column until the row fits, but leaves each enough to recognise something.
void narrow(std::vector<std::size_t>& widths, std::size_t columns) {
    const auto total = [&] {
        return std::accumulate(widths.begin(), widths.end(), kGap * (widths.size() - 1));
    };
    while (total() > columns) {
        auto widest = std::max_element(widths.begin(), widths.end());
        if (*widest <= kNarrowest) return;
        --*widest;
    }
}

}  // namespace

void Table::add(const std::vector<std::string>& cells) {
    std::vector<std::string> row;
    for (const std::string& text : cells) row.push_back(printable(text));
    row.resize(titles_.size());
    rows_.push_back(std::move(row));
}

std::string Table::render(std::size_t columns) const {
    std::vector<std::size_t> widths;
    for (std::size_t i = 0; i < titles_.size(); ++i) {
        std::size_t width = displayWidth(titles_[i]);
        for (const auto& row : rows_) width = std::max(width, displayWidth(row[i]));
        widths.push_back(width);
    }
    if (columns > 0) narrow(widths, columns);
    std::string out;
    const auto line = [&](const std::vector<std::string>& cells) {
        std::string text;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            if (i > 0) text.append(kGap, ' ');
            text += padded(fitTo(cells[i], widths[i]), widths[i]);
        }
        text.erase(text.find_last_not_of(' ') + 1);
        out += text + '\n';
    };
    line(titles_);
    for (const auto& row : rows_) line(row);
    return out;
}

void Facts::add(const std::string& name, const std::string& value) {
    if (!value.empty()) lines_.emplace_back(name, printable(value));
}

std::string Facts::render() const {
    std::size_t width = 0;
    for (const auto& [name, value] : lines_) width = std::max(width, displayWidth(name));
    std::string out;
    for (const auto& [name, value] : lines_) out += padded(name, width + kGap) + value + '\n';
    return out;
}

std::string cell(const Json& value, const char* key) {
    const Json& member = memberAt(value, key);
    if (member.is_null()) return "";
    if (member.is_boolean()) return member.get<bool>() ? "yes" : "no";
    return member.is_string() ? member.get<std::string>() : dumpJson(member);
}

std::string timeCell(const Json& value, const char* key) {
    std::string text = cell(value, key);
    if (text.size() < 19 || text[10] != 'T') return text;
    text[10] = ' ';
    return text.substr(0, 19);
}

}  // namespace signalbox::client
