#include "connectors/email/mime/quote_marks.h"

#include <algorithm>
#include <optional>
#include <string>

#include "connectors/email/mime/ascii.h"
#include "connectors/email/mime/quote_words.h"

namespace signalbox::mime {
namespace {

constexpr std::size_t kMaxAttribution = 400;
constexpr std::size_t kMaxAttributionLines = 4;
constexpr std::size_t kMaxBlockLines = 14;

std::string_view withoutFrame(std::string_view line) {
    const auto isFrame = [](char c) {
        return c == '-' || c == '_' || c == '=' || c == '*' || c == '#' || c == '~' || isSpace(c);
    };
    while (!line.empty() && isFrame(line.front())) line.remove_prefix(1);
    while (!line.empty() && (isFrame(line.back()) || line.back() == ':')) line.remove_suffix(1);
    return line;
}

std::size_t frameLength(std::string_view line) {
    line = trimmed(line);
    std::size_t count = 0;
    while (count < line.size() && (line[count] == '-' || line[count] == '_' || line[count] == '=' ||
                                   line[count] == '*' || line[count] == '#'))
        ++count;
    return count;
}

// «*From:* x», «From : x» → "from"; empty: no label.
std::string labelOf(std::string_view line) {
    line = trimmed(line);
    // «| From | Ada<a@b> |», as NetEase writes.
    if (line.starts_with("| ")) {
        const auto bar = line.find(" |", 2);
        return bar == std::string_view::npos || bar > 40 ? "" : foldWords(trimmed(line.substr(2, bar - 2)));
    }
    while (!line.empty() &&
           (line.front() == '*' || line.front() == '>' || line.front() == '|' || isSpace(line.front())))
        line.remove_prefix(1);
    auto colon = line.find(':');
    if (const auto wide = line.find("："); wide != std::string_view::npos && wide < colon) colon = wide;
    if (colon == std::string_view::npos || colon > 40) return "";
    std::string_view label = line.substr(0, colon);
    while (!label.empty() && (label.back() == '*' || label.back() == '.' || isSpace(label.back())))
        label.remove_suffix(1);
    return foldWords(label);
}

bool hasDigit(std::string_view text) {
    return std::any_of(text.begin(), text.end(), isDigit);
}

std::ptrdiff_t digitsIn(std::string_view text) {
    return std::count_if(text.begin(), text.end(), isDigit);
}

// «10:11», «10.11».
bool hasClock(std::string_view text) {
    for (std::size_t i = 1; i + 2 < text.size(); ++i) {
        const bool is_time = (text[i] == ':' || text[i] == '.') && isDigit(text[i - 1]) &&
                             isDigit(text[i + 1]) && isDigit(text[i + 2]);
        if (is_time && (i + 3 == text.size() || !isDigit(text[i + 3]))) return true;
    }
    return false;
}

// «03.06.» stands before it.
bool isBehindMonth(std::string_view text, std::size_t at) {
    for (int i = 0; i < 2; ++i) {
        if (at < 2 || (text[at - 1] != '.' && text[at - 1] != '/' && text[at - 1] != '-')) return false;
        if (!isDigit(text[at - 2])) return false;
        --at;
        while (at > 0 && isDigit(text[at - 1])) --at;
    }
    return true;
}

// «2024», or «03.06.24», «6/3/24».
bool hasYear(std::string_view text) {
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {
        if (i > 0 && isDigit(text[i - 1])) continue;
        std::size_t end = i;
        while (end < text.size() && isDigit(text[end])) ++end;
        const std::size_t count = end - i;
        if (count == 4 && (text.substr(i, 2) == "19" || text.substr(i, 2) == "20")) return true;
        if (count == 2 && isBehindMonth(text, i)) return true;
    }
    return false;
}

// Without the colon, «>», quotes and stars behind the verb.
std::string_view attributionCore(std::string_view text, bool& has_colon) {
    text = trimmed(text);
    has_colon = false;
    bool is_changed = true;
    while (is_changed && !text.empty()) {
        is_changed = false;
        for (const std::string_view end : {":", "：", "*", "-", "_", "\"", " ", ">", "…", ","}) {
            if (!text.ends_with(end)) continue;
            if (end == ":" || end == "：") has_colon = true;
            text.remove_suffix(end.size());
            is_changed = true;
        }
    }
    return text;
}

bool isQuoted(std::string_view line) {
    line = trimmed(line);
    return !line.empty() && line.front() == '>';
}

bool isFollowedByQuote(const std::vector<std::string_view>& lines, std::size_t at) {
    while (at < lines.size() && trimmed(lines[at]).empty()) ++at;
    return at < lines.size() && isQuoted(lines[at]);
}

// «2011/4/7 Nathan <a@b>», without a verb at its end.
bool isDateAndAddress(std::string_view line) {
    const std::string_view core = trimmed(line);
    if (core.size() < 12 || core.size() > 200 || !isDigit(core.front()) || !contains(core, "@")) return false;
    const std::string_view head = core.substr(0, 24);
    const bool is_date = contains(head, "/") || contains(head, "-") || contains(head, ".") ||
                         contains(head, "年") || contains(head, "년");
    return is_date && contains(core, "<") &&
           (core.ends_with('>') || core.ends_with(">:") || core.ends_with(':') || core.ends_with("："));
}

// «Mo., 3. Feb. 2020 um 10:11 Ada <a@b>:», as Gmail writes in languages where it needs no verb; «Jun 3,
// 2024, 10:11 by a@b:».
bool isDatedPerson(std::string_view line) {
    line = trimmed(line);
    if (!line.ends_with(':') || line.size() > 200 || digitsIn(line) < 5 || !hasClock(line)) return false;
    const auto mark = line.rfind('@');
    if (mark == std::string_view::npos) return false;
    // The address closes the line, the date opens it.
    const auto space = line.rfind(' ');
    const bool is_last = space == std::string_view::npos || space < mark;
    // «… 10:12 login failed for a@b:» tells something.
    static const WordList by(" by| von| par| por| da| door| från| fra| od| от| de");
    const std::string before =
        foldWords(trimmed(line.substr(0, space == std::string_view::npos ? 0 : space)));
    const auto digit = static_cast<std::size_t>(
        std::find_if(line.begin(), line.end(), [](char c) { return isDigit(c); }) - line.begin());
    const bool is_bracketed = line.ends_with(">:") || line.ends_with("»:");
    return is_last && digit < mark &&
           (is_bracketed || (digit < 24 && hasYear(line) && by.endsAnyhow(before)));
}

// Most lines are none: no colon, frame or quote is near. The tables are not asked for those.
bool mayBeAttribution(const std::vector<std::string_view>& lines, std::size_t at) {
    const std::string_view first = trimmed(lines[at]);
    if (first.starts_with("--") || first.starts_with("__") || first.starts_with("==")) return true;
    for (std::size_t i = at; i < lines.size() && i < at + kMaxAttributionLines + 2; ++i) {
        if (i > at && isQuoted(lines[i])) return true;
        if (i < at + kMaxAttributionLines &&
            (contains(lines[i], ":") || contains(lines[i], "：") || contains(lines[i], "@")))
            return true;
    }
    return false;
}

// «pe 20. lokakuuta 2017 klo 17.50 …», «man. 3. juni 2024 kl. 10:11 …»: a date begins it, no preposition.
bool beginsWithClock(std::string_view text) {
    if (digitsIn(text) < 7 || text.size() > 120) return false;
    return contains(text, " klo ") || contains(text, " kello ") || contains(text, " kl. ") ||
           contains(text, " kl ") || contains(text, " klockan ");
}

bool isQuoting(std::string_view core) {
    return core.size() < 200 && contains(core, "@") &&
           (core.starts_with("quoting ") || core.starts_with("zitat von ") || core.starts_with("citando ") ||
            core.starts_with("quotation de ") || core.starts_with("citeren "));
}

// One introduction, its lines joined.
class Introduction {
public:
    Introduction(std::string_view joined, bool is_quote_next)
        : joined_(joined), is_quote_next_(is_quote_next) {
        text_ = foldWords(withoutFrame(joined));
        core_ = attributionCore(foldWords(trimmed(joined)), has_colon_);
        begins_ = quoteWords().begins.begins(text_) || beginsWithClock(text_);
        has_address_ = contains(core_, "@");
        has_facts_ = hasDigit(core_) || has_address_;
    }

    bool isComplete(bool is_one_line) const {
        // «Ada <a@b> skrev: (3 juni 2024 10:11:12 CEST)»
        if (has_address_ && joined_.ends_with(')') && contains(core_, " skrev: (") && isDated()) return true;
        // Most lines are words: the tables are not asked for those.
        if (!has_colon_ && !is_quote_next_ && frameLength(joined_) < 2 && !isDateAndAddress(joined_))
            return false;
        if (quoteWords().verbs.ends(core_)) {
            // «What the 2 of them wrote:» begins a sentence, no quote.
            const bool is_dated =
                begins_ ? has_facts_ : has_address_ || (digitsIn(core_) >= 4 && !hasSentence(joined_));
            if (has_colon_ && (is_dated || is_quote_next_) && (is_one_line || begins_ || has_address_))
                return true;
            if (frameLength(joined_) >= 2 && has_facts_) return true;
            if (begins_ && has_facts_ && is_quote_next_) return true;
        }
        if (has_colon_ && begins_ && has_facts_ && is_quote_next_ && core_.ends_with(" sent")) return true;
        if (is_quote_next_ && is_one_line && contains(core_, "@") && core_.starts_with("* ")) return true;
        if (has_colon_ && isPersonFirst() && digitsIn(core_) >= 3) return true;
        if (has_colon_ && (has_address_ || isDated()) && hasDigit(core_) &&
            quoteWords().whole_begins.begins(text_))
            return true;
        // «Ada schrieb am 2024-06-03 10:11:», «Ada şunları yazdı (3 Haz 2024 10:11):».
        if (has_colon_ && is_one_line && joined_.size() < 120 && isDated() && saysWritten() && endsInFacts())
            return true;
        if (frameLength(joined_) >= 3 && joined_.ends_with("---") && has_facts_ && isDated() &&
            hasInnerVerb())
            return true;
        if (has_colon_ && (isDatedPerson(joined_) || isQuoting(core_))) return true;
        if (has_colon_ && begins_ && has_facts_ && hasInnerVerb() &&
            (has_address_ || is_quote_next_ || hasClock(core_) || hasYear(core_)))
            return true;
        if (isDateAndAddress(joined_) && (is_quote_next_ || has_colon_)) return true;
        return has_colon_ && is_quote_next_ && has_facts_ && (begins_ || has_address_);
    }

    bool begins() const { return begins_; }

    // Only lines that begin like one may go on.
    bool mayGoOn() const {
        if (has_colon_ && !isFacts(core_)) return false;
        const std::string_view core = trimmed(joined_);
        if (endsSentence(core)) return false;
        return begins_ || isPersonFirst() || core.ends_with('<') || contains(core_, "<") ||
               (digitsIn(core_) >= 4 && (hasInnerVerb() || hasClock(core_) || hasYear(core_)));
    }

private:
    // «I ordered at 10:11. The confirmation said:»
    static bool hasSentence(std::string_view text) {
        for (auto at = text.find(". "); at != std::string_view::npos && at + 2 < text.size();
             at = text.find(". ", at + 1)) {
            const bool is_long = at > 2 && (isLetter(text[at - 1]) || isDigit(text[at - 1])) &&
                                 !isSpace(text[at - 2]) && !isSpace(text[at - 3]);
            if (is_long && text[at + 2] >= 'A' && text[at + 2] <= 'Z') return true;
        }
        return false;
    }
    // «hat» alone is said of much else.
    bool saysWritten() const {
        static const WordList written(
            " schrieb | schreef | skrev | escribió | a écrit | ha scritto | escreveu | napisał| pisze | píše "
            "|"
            " пишет | писал| написал| kirjoitti | wrote | yazdı | şunu yazdı | şunları yazdı | írta | rašė |"
            " rakstīja | napsal");
        return hasInnerVerb() && written.isInside(' ' + core_ + ' ');
    }
    bool isDated() const { return hasClock(core_) && hasYear(core_); }
    // «10:11», «10:11)», «+0200», «10:11 Uhr».
    bool endsInFacts() const {
        std::string_view core = core_;
        if (core.ends_with(" uhr")) core.remove_suffix(4);
        const auto last = core.find_last_not_of(")]");
        return last != std::string_view::npos && isDigit(core[last]);
    }
    bool hasInnerVerb() const {
        if (!inner_verb_) inner_verb_ = quoteWords().inner_verbs.isInside(' ' + core_ + ' ');
        return *inner_verb_;
    }
    // «Ada <a@b> schrieb am 3. Feb. 2020:»
    bool isPersonFirst() const { return (has_address_ || (is_quote_next_ && has_colon_)) && hasInnerVerb(); }
    // «… wrote the report.»; «Am So., 23.» and «Mo.» go on.
    static bool endsSentence(std::string_view core) {
        if (core.ends_with('!') || core.ends_with('?')) return true;
        if (!core.ends_with('.')) return false;
        const auto word = core.substr(core.find_last_of(' ') == core.npos ? 0 : core.find_last_of(' ') + 1);
        return word.size() > 6 && !hasDigit(word);
    }
    // A colon that belongs to a clock: «On Mon, Jun 3, 2024 at 10:» was wrapped inside.
    static bool isFacts(std::string_view core) { return !core.empty() && isDigit(core.back()); }

    std::string_view joined_;
    bool is_quote_next_, has_colon_ = false, begins_ = false, has_address_ = false, has_facts_ = false;
    mutable std::optional<bool> inner_verb_;
    std::string text_, core_;
};

// From:, Sent:, To: … from `first` on.
bool isHeaderBlock(const std::vector<std::string_view>& lines, std::size_t first) {
    const QuoteWords& words = quoteWords();
    const std::string label = labelOf(lines[first]);
    bool has_from = words.from.has(label);
    if (!has_from && !words.first_labels.has(label)) return false;
    std::size_t others = 0, seen = 0;
    // «From: Berlin», «To: Munich» is a journey.
    bool is_mail = words.subjects.has(label) || contains(lines[first], "@");
    for (std::size_t i = first + 1; i < lines.size() && seen < 8 && i < first + kMaxBlockLines; ++i) {
        const std::string_view next = trimmed(lines[i]);
        if (next.empty()) {
            // Paragraphs of HTML part each of them from the next.
            const std::string behind = i + 1 < lines.size() ? labelOf(lines[i + 1]) : "";
            if (others > 0 && !words.labels.has(behind) && !words.from.has(behind)) break;
            continue;
        }
        ++seen;
        const std::string other = labelOf(next);
        const bool is_from = words.from.has(other);
        if (words.labels.has(other) || is_from) ++others;
        has_from = has_from || is_from;
        is_mail = is_mail || words.subjects.has(other) || contains(next, "@");
    }
    // «From: a@b», «Sent: Tuesday, 1:27 PM»; «Date: …», «To: …»: old telephones.
    if (others == 1 && words.from.has(label) && contains(lines[first], "@") && first + 1 < lines.size() &&
        words.labels.has(labelOf(lines[first + 1])) && hasClock(lines[first + 1]))
        return true;
    const bool is_short = label == "date" && hasDigit(lines[first]) && others == 1 &&
                          first + 1 < lines.size() && labelOf(lines[first + 1]) == "to" &&
                          (hasClock(lines[first]) || contains(lines[first + 1], "@"));
    return (has_from && others >= 2 && is_mail) || is_short;
}

// The lines behind the first tell the day, the hour and who.
bool isWholeWithout(const std::vector<std::string_view>& lines, std::size_t at, std::size_t count) {
    std::string rest;
    for (std::size_t i = at + 1; i < at + count; ++i)
        rest += (rest.empty() ? "" : " ") + std::string(lines[i]);
    const Introduction introduction(rest, isFollowedByQuote(lines, at + count));
    if (trimmed(lines[at]).ends_with('<')) return false;
    if (contains(lines[at], "@") && !contains(rest, "@")) return false;
    if (quoteWords().whole_begins.begins(foldWords(trimmed(lines[at])))) return false;
    return hasClock(rest) && hasYear(rest) && introduction.begins() && introduction.isComplete(count == 2);
}

// «>>> Ada <a@b> 6/3/2024 10:11 AM >>>» of GroupWise.
bool isChevronMark(std::string_view line) {
    line = trimmed(line);
    return line.starts_with(">>> ") && line.ends_with(">>>") && line.size() < 200 && hasClock(line) &&
           digitsIn(line) >= 7;
}

// Ada <a@b> over «06/03/2024 10:11 AM», then «To» and «Subject» on lines of their own, as Notes writes.
bool isUprightBlock(const std::vector<std::string_view>& lines, std::size_t first) {
    const std::string_view who = trimmed(lines[first]);
    if (who.size() > 120 || (!contains(who, "@") && !contains(who, "/")) || who.ends_with(':')) return false;
    std::size_t at = first + 1;
    const std::string_view when = at < lines.size() ? trimmed(lines[at]) : "";
    if (when.size() > 60 || digitsIn(when) < 7 || !hasClock(when)) return false;
    bool has_label = false;
    for (++at; at < lines.size() && at < first + kMaxBlockLines; ++at) {
        std::string_view line = trimmed(lines[at]);
        if (line.size() > 40) continue;
        if (line.ends_with(':')) line.remove_suffix(1);
        const std::string label = foldWords(line);
        if (has_label && quoteWords().subjects.has(label)) return true;
        has_label = has_label || quoteWords().labels.has(label);
    }
    return false;
}

// A line, «Кому: …;», «Тема: …;» and the introduction of the quote, as Yandex writes.
bool isBlockOverAttribution(const std::vector<std::string_view>& lines, std::size_t first) {
    std::size_t at = first, labels = 0;
    while (at < lines.size() && at < first + 4 && quoteWords().labels.has(labelOf(lines[at]))) ++at, ++labels;
    return labels >= 2 && at < lines.size() && attributionLength(lines, at) > 0;
}

}  // namespace

std::size_t attributionLength(const std::vector<std::string_view>& lines, std::size_t at) {
    if (!mayBeAttribution(lines, at)) return 0;
    std::string joined;
    for (std::size_t count = 1; count <= kMaxAttributionLines && at + count <= lines.size(); ++count) {
        const std::string_view line = trimmed(lines[at + count - 1]);
        if (line.empty() || isQuoted(line)) return 0;
        if (!joined.empty() && !joined.ends_with('<')) joined += ' ';
        joined += line;
        if (joined.size() > kMaxAttribution) return 0;
        const Introduction introduction(joined, isFollowedByQuote(lines, at + count));
        if (introduction.isComplete(count == 1)) {
            // The words above belong to the answer when the rest says all of it without them.
            return count > 1 && isWholeWithout(lines, at, count) ? 0 : count;
        }
        if (!introduction.mayGoOn()) return 0;
    }
    return 0;
}

std::size_t sharedAttributionLength(std::string_view line) {
    const auto mark = line.find('@');
    if (mark == std::string_view::npos || line.size() > 2000) return 0;
    const std::size_t colon = line.find(": ", mark);
    if (colon == std::string_view::npos || trimmed(line.substr(colon + 1)).empty()) return 0;
    const std::string_view head = line.substr(0, colon + 1);
    if (!quoteWords().begins.begins(foldWords(trimmed(head))) || !hasClock(head)) return 0;
    return Introduction(head, false).isComplete(true) ? colon + 1 : 0;
}

std::size_t originalMarkLength(const std::vector<std::string_view>& lines, std::size_t at) {
    const std::string_view line = trimmed(lines[at]);
    if (line.empty()) return 0;
    const std::size_t frame = frameLength(line);
    if (frame >= 1 || line.starts_with("原始")) {
        const std::string core = foldWords(withoutFrame(line));
        if (core.size() < 80 && frame >= 2 && quoteWords().originals.has(core)) return 1;
        if (core == "原始邮件" || core == "原始郵件") return 1;
    }
    if (isChevronMark(line)) return 1;
    if (contains(line, "eply above this line") || contains(line, "berhalb dieser Zeile")) return 1;
    // A ruler of Outlook, or words in a language we do not know, then the block.
    std::size_t first = at;
    if (frame >= 5) {
        ++first;
        while (first < lines.size() && first < at + 3 && trimmed(lines[first]).empty()) ++first;
        if (first >= lines.size()) return 0;
        if (isBlockOverAttribution(lines, first)) return 1;
    }
    return isHeaderBlock(lines, first) || isUprightBlock(lines, first) ? 1 : 0;
}

bool isForwardMark(std::string_view line) {
    line = trimmed(line);
    const bool is_framed = frameLength(line) >= 2;
    // Apple writes none of the dashes.
    const bool is_heading = line.size() < 100 && (line.ends_with(':') || line.ends_with("："));
    if (!is_framed && !is_heading) return false;
    const std::string core = foldWords(withoutFrame(line));
    if (!quoteWords().forwards.begins(core)) return false;
    return is_framed || core.find_first_of("@<") == std::string::npos;
}

namespace {

// «Sent from my desk, which is easier than my phone» tells something, «…, please excuse typos» does not.
bool isSentence(std::string_view line) {
    const auto comma = line.find(", ");
    if (!line.starts_with("sent from my ") || comma == std::string_view::npos) return false;
    static const WordList excuses("excuse|pardon|typo|brev|sorry|forgive|apolog|short|galaxy|smartphone");
    return !excuses.isInside(line.substr(comma));
}

// «Sent from Missive»: a name and nothing more.
bool isProgramName(std::string_view line) {
    constexpr std::string_view kHead = "Sent from ";
    if (!line.starts_with(kHead) || line.size() > 40) return false;
    line.remove_prefix(kHead.size());
    if (line.find_first_of(":,;!?") != std::string_view::npos) return false;
    bool is_word_begin = true;
    for (const char c : line) {
        if (is_word_begin && (c < 'A' || c > 'Z')) return false;
        is_word_begin = c == ' ';
    }
    return true;
}

}  // namespace

bool isMobileSignature(std::string_view raw) {
    if (raw.size() > 200) return false;
    std::string line = foldWords(trimmed(raw));
    while (!line.empty() && (line.front() == '-' || line.front() == '_' || line.front() == '*' ||
                             line.front() == '(' || line.front() == '<' || isSpace(line.front())))
        line.erase(0, 1);
    const QuoteWords& words = quoteWords();
    if (words.sent.begins(line)) return !isSentence(line);
    if (isProgramName(trimmed(raw))) return true;
    // «С уважением, отправлено с iPhone».
    if (const auto comma = line.find(", "); comma < 40 && words.devices.isInside(line) &&
                                            words.sent.begins(std::string_view(line).substr(comma + 2)))
        return true;
    // The address of the shop says it as well.
    if (const auto link = line.find("<http"); link != std::string::npos) line.resize(link);
    const std::string_view core = trimmed(line);
    // «Xperiaから送信»: any device, named in Latin letters.
    if (core.size() < 60 && isLetter(core.empty() ? ' ' : core.front()) && core.ends_with("から送信"))
        return true;
    if (core.size() > 100 || !words.devices.isInside(core)) return false;
    if (words.sent_begins.begins(core)) return true;
    return std::any_of(core.begin(), core.end(), [](char c) { return (c & 0x80) != 0; })
               ? words.sent_ends.endsAnyhow(core)
               : words.sent_ends.ends(core);
}

}  // namespace signalbox::mime
