#include "hub/search/highlight.h"

#include <algorithm>

#include "hub/search/tokens.h"

namespace signalbox::search {
namespace {

constexpr std::size_t kMaxTextBytes = 64 * 1024;

bool isHit(const std::vector<Token>& tokens, std::size_t at, const Term& term) {
    if (at + term.words.size() > tokens.size()) return false;
    for (std::size_t i = 0; i < term.words.size(); ++i) {
        const bool is_last = i + 1 == term.words.size();
        const std::string& word = tokens[at + i].word;
        if (is_last && term.is_prefix ? !word.starts_with(term.words[i]) : word != term.words[i])
            return false;
    }
    return true;
}

std::size_t longestHit(const std::vector<Token>& tokens, std::size_t at, const Query& query) {
    std::size_t longest = 0;
    for (const Clause& clause : query.all) {
        if (clause.is_not) continue;
        for (const Term& term : clause.any)
            if (isHit(tokens, at, term)) longest = std::max(longest, term.words.size());
    }
    return longest;
}

bool isInsideCharacter(std::string_view text, std::size_t at) {
    return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
}

// [begin, end) of at most `max_bytes` around the first hit, on boundaries of words where there are some near.
std::pair<std::size_t, std::size_t> window(std::string_view text, const std::vector<Hit>& hits,
                                           std::size_t max_bytes) {
    if (text.size() <= max_bytes) return {0, text.size()};
    const std::size_t first = hits.empty() ? 0 : hits.front().begin;
    std::size_t begin = first > max_bytes / 3 ? first - max_bytes / 3 : 0;
    begin = std::min(begin, text.size() - max_bytes);
    std::size_t end = begin + max_bytes;
    if (begin > 0) {
        const auto space = text.find(' ', begin);
        if (space != std::string_view::npos && space < first) begin = space + 1;
    }
    if (end < text.size()) {
        const auto space = text.rfind(' ', end);
        if (space != std::string_view::npos && space > begin + max_bytes / 2) end = space;
    }
    while (isInsideCharacter(text, begin)) ++begin;
    while (isInsideCharacter(text, end)) --end;
    return {begin, end};
}

void add(Json& pieces, std::string_view text, bool is_match) {
    if (!text.empty()) pieces.push_back({{"text", text}, {"match", is_match}});
}

}  // namespace

std::vector<Hit> findHits(std::string_view text, const Query& query) {
    std::vector<Hit> hits;
    if (!query.hasWords()) return hits;
    const auto tokens = tokenize(text.substr(0, kMaxTextBytes));
    for (std::size_t at = 0; at < tokens.size();) {
        const std::size_t length = longestHit(tokens, at, query);
        if (length > 0) hits.push_back({tokens[at].begin, tokens[at + length - 1].end});
        at += std::max<std::size_t>(length, 1);
    }
    return hits;
}

Json highlight(std::string_view text, const std::vector<Hit>& hits, std::size_t max_bytes) {
    Json pieces = Json::array();
    const auto [begin, end] = window(text, hits, max_bytes);
    if (begin > 0) add(pieces, "… ", false);
    std::size_t at = begin;
    for (const Hit& hit : hits) {
        if (hit.begin < at || hit.end > end) continue;
        add(pieces, text.substr(at, hit.begin - at), false);
        add(pieces, text.substr(hit.begin, hit.end - hit.begin), true);
        at = hit.end;
    }
    add(pieces, text.substr(at, end - at), false);
    if (end < text.size()) add(pieces, " …", false);
    return pieces;
}

}  // namespace signalbox::search
