#include <algorithm>
#include <deque>

#include "connectors/email/mime/ascii.h"
#include "connectors/email/mime/charset.h"
#include "connectors/email/mime/quote_marks.h"
#include "connectors/email/mime/quote_words.h"
#include "connectors/email/mime/reply_text.h"

namespace signalbox::mime {
namespace {

constexpr std::size_t kMaxLines = 20'000;
constexpr std::size_t kMaxSignatureLines = 20;

enum class Line : char { Empty, Text, Quoted, Intro, Original, Forward };

bool isQuotedLine(std::string_view line) {
    line = trimmed(line);
    // «>>> http://shop.example <<<» is an ornament.
    if (line.empty() || line.front() != '>' || line.ends_with("<<")) return false;
    return !line.starts_with(">From ");
}

// «Thanks On Wed, 4 Apr 2012, Bob wrote:»: a web mailer forgot the line break. «On … wrote: Hello»: a
// telephone did.
std::vector<std::string_view> splitSharedLines(const std::vector<std::string_view>& lines) {
    std::vector<std::string_view> out;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const std::string_view line = lines[i];
        if (const std::size_t length = isQuotedLine(line) ? 0 : sharedAttributionLength(line); length > 0) {
            out.push_back(line.substr(0, length));
            out.push_back(line.substr(length));
            continue;
        }
        const bool is_quote_next = i + 1 < lines.size() && isQuotedLine(lines[i + 1]);
        const bool is_candidate = is_quote_next && trimmed(line).ends_with("wrote:");
        auto at = is_candidate ? line.rfind("On ") : std::string_view::npos;
        const bool is_inside =
            at != std::string_view::npos && at > 0 && (isSpace(line[at - 1]) || line[at - 1] == '-');
        if (!is_inside || trimmed(line.substr(0, at)).empty() ||
            attributionLength({line.substr(at), lines[i + 1]}, 0) != 1) {
            out.push_back(line);
            continue;
        }
        std::string_view words = line.substr(0, at);
        while (!words.empty() && (words.back() == '-' || isSpace(words.back()))) words.remove_suffix(1);
        out.push_back(words);
        out.push_back(line.substr(at));
    }
    return out;
}

std::vector<Line> classify(const std::vector<std::string_view>& shown) {
    // What is judged, beside what is shown.
    std::vector<std::string_view> lines = shown;
    std::deque<std::string> cleaned;
    for (std::string_view& line : lines) {
        if (isAscii(line)) continue;
        line = cleaned.emplace_back(withoutInvisible(line));
    }
    std::vector<Line> kinds(lines.size(), Line::Text);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (trimmed(lines[i]).empty()) {
            kinds[i] = Line::Empty;
        } else if (isQuotedLine(lines[i])) {
            // «>>> Ada 6/3/2024 10:11 AM >>>» of GroupWise.
            const bool is_mark = trimmed(lines[i]).ends_with(">>>") && originalMarkLength(lines, i) > 0;
            kinds[i] = is_mark ? Line::Original : Line::Quoted;
        } else if (isForwardMark(lines[i])) {
            kinds[i] = Line::Forward;
        } else if (originalMarkLength(lines, i) > 0) {
            kinds[i] = Line::Original;
        } else if (const auto count = attributionLength(lines, i); count > 0) {
            for (std::size_t n = 0; n < count; ++n) kinds[i + n] = Line::Intro;
            i += count - 1;
        }
    }
    return kinds;
}

// A link that was wrapped out of its quote is no answer: «> see (http://a.example/x», «y=1)»; «(http://…) >».
void rejoinWrappedLinks(const std::vector<std::string_view>& lines, std::vector<Line>& kinds) {
    for (std::size_t i = 1; i < lines.size(); ++i) {
        if (kinds[i] != Line::Text || kinds[i - 1] != Line::Quoted) continue;
        const std::string_view line = trimmed(lines[i]), before = lines[i - 1];
        const auto open = before.rfind("(http");
        const bool is_begun = open != std::string_view::npos && before.find(')', open) == before.npos;
        const bool is_end = is_begun && line.ends_with(')') && line.find(' ') == line.npos;
        const auto end = std::min(line.find_first_of(" \t"), line.size());
        const bool is_link =
            (line.starts_with("(http") || line.starts_with("<http")) && trimmed(line.substr(end)).size() <= 1;
        if (is_end || is_link) kinds[i] = Line::Quoted;
    }
}

// «--- Original Message ---» over a quote with its marks, and nothing above it: the answer is below.
void readAnswersBelow(std::vector<Line>& kinds) {
    const auto mark = std::find_if(kinds.begin(), kinds.end(),
                                   [](Line kind) { return kind != Line::Empty && kind != Line::Intro; });
    if (mark == kinds.end() || *mark != Line::Original) return;
    const auto next = std::find_if(mark + 1, kinds.end(), [](Line kind) { return kind != Line::Empty; });
    if (next != kinds.end() && (*next == Line::Quoted || *next == Line::Intro)) *mark = Line::Intro;
}

// One line with «>» amid words, no introduction anywhere: the writer's own.
void keepLoneMarks(std::vector<Line>& kinds) {
    const auto is_text = [&](std::size_t at) { return at < kinds.size() && kinds[at] == Line::Text; };
    if (std::any_of(kinds.begin(), kinds.end(), [](Line kind) { return kind > Line::Quoted; })) return;
    if (std::count(kinds.begin(), kinds.end(), Line::Quoted) != 1) return;
    const auto at =
        static_cast<std::size_t>(std::find(kinds.begin(), kinds.end(), Line::Quoted) - kinds.begin());
    const bool is_last = std::all_of(kinds.begin() + static_cast<std::ptrdiff_t>(at) + 1, kinds.end(),
                                     [](Line kind) { return kind == Line::Empty; });
    if (at > 0 && is_text(at - 1) && (is_last || is_text(at + 1))) kinds[at] = Line::Text;
}

// Text between two runs of quotes.
bool hasInlineAnswers(const std::vector<Line>& kinds) {
    bool has_quote = false, has_answer = false;
    for (const Line kind : kinds) {
        if (kind == Line::Original || kind == Line::Forward) break;
        if (kind == Line::Quoted) {
            if (has_answer) return true;
            has_quote = true;
        } else if (kind == Line::Text && has_quote) {
            has_answer = true;
        } else if (kind == Line::Intro) {
            // A second introduction begins another quote, no answer.
            if (has_answer) return false;
        }
    }
    return false;
}

std::string join(const std::vector<std::string_view>& lines, std::size_t begin, std::size_t end) {
    std::string out;
    for (std::size_t i = begin; i < end; ++i) {
        out += lines[i];
        out += '\n';
    }
    return out;
}

std::size_t find(const std::vector<Line>& kinds, Line wanted, std::size_t from = 0) {
    return static_cast<std::size_t>(
        std::find(kinds.begin() + static_cast<std::ptrdiff_t>(from), kinds.end(), wanted) - kinds.begin());
}

std::size_t nextFilled(const std::vector<Line>& kinds, std::size_t at) {
    while (at < kinds.size() && kinds[at] == Line::Empty) ++at;
    return at;
}

}  // namespace

std::string withoutTextQuotes(std::string_view text) {
    std::vector<std::string_view> lines = linesOf(text);
    if (lines.size() > kMaxLines) lines.resize(kMaxLines);
    lines = splitSharedLines(lines);
    std::vector<Line> kinds = classify(lines);
    rejoinWrappedLinks(lines, kinds);
    readAnswersBelow(kinds);
    keepLoneMarks(kinds);
    const std::size_t none = kinds.size();
    const std::size_t forward = find(kinds, Line::Forward);
    std::size_t original = find(kinds, Line::Original);
    // What is forwarded is what the mail is about.
    if (forward < original) original = none;
    const std::size_t end = original;
    const std::vector<Line> own(kinds.begin(), kinds.begin() + static_cast<std::ptrdiff_t>(end));
    if (hasInlineAnswers(own)) return join(lines, 0, end);

    std::string out;
    for (std::size_t i = 0; i < end; ++i) {
        if (i >= forward) {
            out += lines[i];
            out += '\n';
            continue;
        }
        if (kinds[i] == Line::Intro) {
            std::size_t behind = i;
            while (behind < end && kinds[behind] == Line::Intro) ++behind;
            behind = nextFilled(kinds, behind);
            // Without «>» nothing says where the quote ends.
            if (behind >= end || kinds[behind] != Line::Quoted) return out;
            i = behind;
        }
        if (kinds[i] == Line::Quoted) continue;
        out += lines[i];
        out += '\n';
    }
    return out;
}

namespace {

// «-- », «____», «————».
bool isSignatureMark(std::string_view line) {
    const std::string_view core = trimmed(line);
    if (core == "--" || core == "—" || core == "__") return true;
    if (core.size() < 3 || core.size() > 60) return false;
    if (core.find_first_not_of('_') == std::string_view::npos) return true;
    std::string_view rest = core;
    while (rest.starts_with("—") || rest.starts_with("–") || rest.starts_with("―")) rest.remove_prefix(3);
    return rest.empty();
}

}  // namespace

std::string withoutSignature(std::string_view text) {
    const std::vector<std::string_view> lines = linesOf(text);
    std::size_t end = lines.size();
    while (end > 0 && trimmed(lines[end - 1]).empty()) --end;
    const std::size_t first = end > kMaxSignatureLines ? end - kMaxSignatureLines : 0;
    for (std::size_t i = first; i < end; ++i) {
        const std::string line = withoutInvisible(lines[i]);
        if (isSignatureMark(line) || isMobileSignature(line)) {
            if (isMobileSignature(line) && end - i > 5) continue;
            end = i;
            break;
        }
    }
    std::string out;
    for (std::size_t i = 0; i < end; ++i) {
        out += lines[i];
        out += '\n';
    }
    return out;
}

}  // namespace signalbox::mime
