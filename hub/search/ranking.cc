#include "hub/search/ranking.h"

#include <cmath>

namespace signalbox::search {
namespace {

constexpr double kK1 = 1.2, kB = 0.75;  // the usual constants of BM25

std::vector<std::string_view> splitWords(std::string_view text) {
    std::vector<std::string_view> words;
    while (!text.empty()) {
        const auto end = std::min(text.find(' '), text.size());
        words.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
}

bool standsAt(const std::vector<std::string_view>& words, std::size_t at, const Term& term) {
    if (at + term.words.size() > words.size()) return false;
    for (std::size_t i = 0; i < term.words.size(); ++i) {
        const bool is_beginning = term.is_prefix && i + 1 == term.words.size();
        if (is_beginning ? !words[at + i].starts_with(term.words[i]) : words[at + i] != term.words[i])
            return false;
    }
    return true;
}

double occurrences(const std::vector<std::string_view>& words, const Term& term) {
    double count = 0;
    for (std::size_t at = 0; at < words.size(); ++at) count += standsAt(words, at, term) ? 1 : 0;
    return count;
}

}  // namespace

std::vector<double> scores(const Query& query, const std::vector<std::string_view>& texts) {
    std::vector<std::vector<std::string_view>> documents;
    double total_length = 0;
    for (const std::string_view text : texts) {
        documents.push_back(splitWords(text));
        total_length += static_cast<double>(documents.back().size());
    }
    const auto count = static_cast<double>(texts.size());
    const double average = texts.empty() ? 1 : std::max(1.0, total_length / count);
    std::vector<double> out(texts.size(), 0);
    for (const Clause& clause : query.all) {
        if (clause.is_not) continue;
        for (const Term& term : clause.any) {
            std::vector<double> found(texts.size(), 0);
            double having = 0;
            for (std::size_t i = 0; i < documents.size(); ++i) {
                found[i] = occurrences(documents[i], term);
                having += found[i] > 0 ? 1 : 0;
            }
            const double weight = std::log(1 + (count - having + 0.5) / (having + 0.5));
            for (std::size_t i = 0; i < documents.size(); ++i) {
                const double length = static_cast<double>(documents[i].size()) / average;
                out[i] += weight * found[i] * (kK1 + 1) / (found[i] + kK1 * (1 - kB + kB * length));
            }
        }
    }
    return out;
}

}  // namespace signalbox::search
