#include "hub/search/query.h"

#include <algorithm>

#include "base/crypto.h"
#include "hub/search/tokens.h"

namespace signalbox::search {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

// A piece of the text: a word or phrase with what stands before and behind it.
struct Piece {
    std::string text, field;
    bool is_not = false, is_phrase = false, is_prefix = false;

    bool isOr() const { return !is_phrase && !is_not && !is_prefix && field.empty() && text == "OR"; }
};

bool isFieldName(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

class Scanner {
public:
    explicit Scanner(std::string_view text) : rest_(text) {}

    std::optional<Piece> next() {
        rest_.remove_prefix(std::min(rest_.find_first_not_of(kSpace), rest_.size()));
        if (rest_.empty()) return std::nullopt;
        Piece piece;
        if (rest_.size() > 1 && rest_[0] == '-' && kSpace.find(rest_[1]) == std::string_view::npos) {
            piece.is_not = true;
            rest_.remove_prefix(1);
        }
        takeField(piece);
        piece.is_phrase = rest_.starts_with('"');
        piece.text = piece.is_phrase ? phrase() : word();
        piece.is_prefix = takeStar(piece);
        return piece;
    }

private:
    void takeField(Piece& piece) {
        const auto colon =
            rest_.substr(0, std::min(rest_.find_first_of(" \t\r\n\""), rest_.size())).find(':');
        if (colon == std::string_view::npos) {
            const auto quoted = rest_.find(":\"");
            if (quoted == std::string_view::npos || !isFieldName(rest_.substr(0, quoted))) return;
            piece.field = rest_.substr(0, quoted);
            return rest_.remove_prefix(quoted + 1);
        }
        // A time of day or a URL is no field.
        const auto name = rest_.substr(0, colon);
        if (!isFieldName(name) || rest_.substr(colon).starts_with("://") || colon + 1 == rest_.size()) return;
        piece.field = name;
        rest_.remove_prefix(colon + 1);
    }

    std::string phrase() {
        rest_.remove_prefix(1);
        const auto end = std::min(rest_.find('"'), rest_.size());  // not closed: to the end
        std::string text(rest_.substr(0, end));
        rest_.remove_prefix(std::min(end + 1, rest_.size()));
        return text;
    }

    std::string word() {
        const auto end = std::min(rest_.find_first_of(" \t\r\n\""), rest_.size());
        std::string text(rest_.substr(0, end));
        rest_.remove_prefix(end);
        return text;
    }

    bool takeStar(Piece& piece) {
        if (piece.is_phrase) {
            if (!rest_.starts_with('*')) return false;
            rest_.remove_prefix(1);
            return true;
        }
        if (!piece.text.ends_with('*')) return false;
        piece.text.pop_back();
        return true;
    }

    std::string_view rest_;
};

Term termOf(const Piece& piece) {
    Term term;
    for (Token& token : tokenize(piece.text)) term.words.push_back(std::move(token.word));
    term.is_prefix = piece.is_prefix;
    return term;
}

Error tooMany(const char* what) {
    return {ErrorKind::Invalid, std::string("q: ") + what, {}, "query_too_long"};
}

// FTS5 takes a doubled quote inside a string; folded words have none, but this must not depend on it.
std::string quotedText(std::string_view text, char quote) {
    std::string out(1, quote);
    for (const char c : text) {
        if (c == quote || (quote == '\'' && c == '\\')) out += c;
        out += c;
    }
    return out + quote;
}

std::string fts5Term(const Term& term) {
    std::string words;
    for (const std::string& word : term.words) words += (words.empty() ? "" : " ") + word;
    return quotedText(words, '"') + (term.is_prefix ? " *" : "");
}

std::string tsqueryTerm(const Term& term) {
    std::string out;
    for (std::size_t i = 0; i < term.words.size(); ++i) {
        if (i > 0) out += " <-> ";
        out += quotedText(term.words[i], '\'');
        if (term.is_prefix && i + 1 == term.words.size()) out += ":*";
    }
    return '(' + out + ')';
}

template <class Render>
std::string anyOf(const Clause& clause, std::string_view either, Render render) {
    std::string out;
    for (const Term& term : clause.any) {
        if (!out.empty()) out += either;
        out += render(term);
    }
    return '(' + out + ')';
}

std::vector<std::string> scopeOf(const Query& query, Id org) {
    const Filters& filters = query.filters;
    std::vector<std::string> words{scopeWord('o', org)};
    const auto addText = [&](char letter, const std::string& value) {
        if (!value.empty()) words.push_back(scopeWord(letter, value));
    };
    const auto addId = [&](char letter, Id id) {
        if (id != 0) words.push_back(scopeWord(letter, id));
    };
    addText('k', filters.kind);
    addText('h', filters.channel);
    addText('d', filters.direction);
    addText('f', filters.file_type);
    addId('a', filters.account);
    addId('p', filters.person);
    addId('c', filters.conversation);
    return words;
}

// Messages of these conversations, and whatever belongs to none. Empty: anything.
std::vector<std::string> seenOf(const Query& query) {
    std::vector<std::string> words;
    if (query.filters.seen_conversations.empty()) return words;
    for (const Id conversation : query.filters.seen_conversations)
        words.push_back(scopeWord('c', conversation));
    for (const char* kind : {"person", "file"}) words.push_back(scopeWord('k', kind));
    return words;
}

constexpr std::string_view kRoomChannel = "internal";

std::vector<std::string> wordsOf(char letter, const std::vector<Id>& ids) {
    std::vector<std::string> words;
    for (const Id id : ids) words.push_back(scopeWord(letter, id));
    return words;
}

// What carries one of the words `hidden` is left out, but for what carries one of `shown` as well.
struct Exception {
    std::vector<std::string> hidden, shown;
};

std::vector<Exception> exceptionsOf(const Filters& filters) {
    std::vector<Exception> all;
    if (filters.seen_rooms)
        all.push_back({{scopeWord('h', kRoomChannel)}, wordsOf('c', *filters.seen_rooms)});
    if (!filters.others_accounts.empty())
        all.push_back({wordsOf('a', filters.others_accounts), wordsOf('c', filters.granted_conversations)});
    return all;
}

std::string joined(const std::vector<std::string>& words, char quote, std::string_view between,
                   std::string_view before = "") {
    std::string out;
    for (const std::string& word : words) {
        if (!out.empty()) out += between;
        out += quotedText(std::string(before) + word, quote);
    }
    return out;
}

// By what was asked for, not by what the caller may see.
bool isNarrowed(const Filters& f) {
    for (const auto* text : {&f.kind, &f.channel, &f.direction, &f.status, &f.priority, &f.tag, &f.file_type})
        if (!text->empty()) return true;
    return f.account != 0 || f.person != 0 || f.conversation != 0 || f.agent || f.is_unread || f.from || f.to;
}

}  // namespace

bool Query::hasWords() const {
    return std::any_of(all.begin(), all.end(), [](const Clause& clause) { return !clause.is_not; });
}

Result<Query> parseQuery(std::string_view text, Filters filters, const SetField& set_field) {
    if (text.size() > kMaxQueryBytes) return tooMany("at most 1000 bytes");
    Query query{{}, std::move(filters)};
    Scanner scanner(text);
    std::size_t terms = 0;
    bool joins = false;      // OR stands before the next word
    bool has_signs = false;  // something was typed that is no word: 🎉, (, %
    while (auto piece = scanner.next()) {
        if (piece->isOr()) {
            joins = !query.all.empty() && !query.all.back().is_not;
            continue;
        }
        if (!piece->field.empty()) {
            if (piece->is_not)
                return Error{ErrorKind::Invalid, "q: -" + piece->field + ": a field cannot be excluded"};
            const auto set = set_field(query.filters, piece->field, piece->text);
            if (!set) return set.error();
            continue;
        }
        Term term = termOf(*piece);
        if (term.words.empty()) {
            has_signs = true;
            continue;
        }
        terms += term.words.size();
        if (terms > kMaxTerms) return tooMany("at most 32 words");
        if (joins && !piece->is_not) {
            query.all.back().any.push_back(std::move(term));
        } else {
            query.all.push_back({{std::move(term)}, piece->is_not});
        }
        joins = false;
    }
    if (has_signs && query.all.empty() && !isNarrowed(query.filters))
        return Error{ErrorKind::Invalid,
                     "q: has no word in it; signs are not searched for, so write a word or a field:value",
                     {},
                     "query_without_words"};
    return query;
}

std::optional<TimePoint> parseMoment(std::string_view text) {
    if (text.size() == 10) return parseRfc3339(std::string(text) + "T00:00:00Z");
    return parseRfc3339(text);
}

std::string scopeWord(char letter, std::string_view value) {
    return letter + toHex(value);  // so that any value is one word of letters and digits
}

std::string scopeWord(char letter, Id id) {
    return letter + std::to_string(id);
}

std::string toFts5(const Query& query, Id org) {
    std::string scope = joined(scopeOf(query, org), '"', " AND ");
    if (const auto seen = seenOf(query); !seen.empty()) scope += " AND (" + joined(seen, '"', " OR ") + ")";
    std::string out = "scope : (" + scope + ")";
    for (const Clause& clause : query.all)
        if (!clause.is_not) out += " AND terms : " + anyOf(clause, " OR ", fts5Term);
    out = '(' + out + ')';
    for (const Exception& one : exceptionsOf(query.filters)) {
        out += " NOT (scope : (" + joined(one.hidden, '"', " OR ") + ")";
        if (!one.shown.empty()) out += " NOT scope : (" + joined(one.shown, '"', " OR ") + ")";
        out += ')';
    }
    for (const Clause& clause : query.all)
        if (clause.is_not) out += " NOT terms : " + anyOf(clause, " OR ", fts5Term);
    return out;
}

std::string toTsquery(const Query& query, Id org) {
    std::string out = joined(scopeOf(query, org), '\'', " & ", "=");
    if (const auto seen = seenOf(query); !seen.empty()) out += " & (" + joined(seen, '\'', " | ", "=") + ")";
    for (const Exception& one : exceptionsOf(query.filters)) {
        out += " & !((" + joined(one.hidden, '\'', " | ", "=") + ")";
        if (!one.shown.empty()) out += " & !(" + joined(one.shown, '\'', " | ", "=") + ")";
        out += ')';
    }
    for (const Clause& clause : query.all)
        out += (clause.is_not ? " & !" : " & ") + anyOf(clause, " | ", tsqueryTerm);
    return out;
}

}  // namespace signalbox::search
