#include "daemon/config/suggestion.h"

#include <algorithm>
#include <numeric>

namespace signalbox::config {
namespace {

// Damerau–Levenshtein with adjacent swaps: inserted, lost, changed and swapped letters count one each.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before_last(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
    std::iota(last.begin(), last.end(), 0);
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t change = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, change});
            const bool is_swap = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (is_swap) row[j] = std::min(row[j], before_last[j - 2] + 1);
        }
        before_last.swap(last);
        last.swap(row);
    }
    return last[b.size()];
}

}  // namespace

std::string suggest(std::string_view written, const std::vector<std::string>& known) {
    if (written.size() > 100) return "";
    std::string nearest;
    std::size_t shortest = std::max<std::size_t>(1, written.size() / 3) + 1;
    for (const std::string& word : known) {
        const bool is_beginning = written.size() >= 3 && word.starts_with(written);
        const std::size_t steps = is_beginning ? 1 : distance(written, word);
        if (steps < shortest) {
            shortest = steps;
            nearest = word;
        }
    }
    return nearest;
}

std::string suggestionFor(std::string_view written, const std::vector<std::string>& known) {
    const std::string meant = suggest(written, known);
    return meant.empty() ? "" : " (" + meant + "?)";
}

}  // namespace signalbox::config
