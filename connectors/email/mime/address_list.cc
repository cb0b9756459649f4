#include "connectors/email/mime/address_list.h"

#include <algorithm>

#include "connectors/email/mime/ascii.h"
#include "connectors/email/mime/header_text.h"

namespace signalbox::mime {
namespace {

constexpr std::size_t kMaxAddresses = 2000;
// Each is looked for to the end of the header.
constexpr std::size_t kMaxUnclosed = 20;

class AddressReader {
public:
    explicit AddressReader(std::string_view text) : text_(text) {}

    std::vector<MailAddress> run() {
        while (at_ < text_.size() && found_.size() < kMaxAddresses) step();
        finish();
        return std::move(found_);
    }

private:
    void step() {
        const char c = text_[at_];
        if (c == '"' && unclosed_ < kMaxUnclosed) return takeQuoted();
        if (c == '(' && unclosed_ < kMaxUnclosed) return takeComment();
        if (c == '<') return takeAngle();
        ++at_;
        if (c == ',' || c == ';') return finish();
        if (c == ':' && !contains(words_, "@") && address_.empty()) {
            // A group's name; «mailto:» in front of an address is no group and goes as well.
            words_.clear();
            comment_.clear();
            return;
        }
        if (c == '\\' && at_ < text_.size()) {
            words_.push_back(text_[at_++]);
            return;
        }
        words_.push_back(c);
    }

    void takeQuoted() {
        std::string inside;
        std::size_t i = at_ + 1;
        for (; i < text_.size() && text_[i] != '"'; ++i) {
            if (text_[i] == '\\' && i + 1 < text_.size()) ++i;
            inside.push_back(text_[i]);
        }
        const bool is_closed = i < text_.size();
        if (!is_closed) {
            ++unclosed_;
            // A quote that never ends: it is a character like others.
            ++at_;
            return;
        }
        at_ = i + 1;
        // "a b"@example.org: the quotes belong to the address.
        if (at_ < text_.size() && text_[at_] == '@')
            words_ += '"' + inside + '"';
        else
            words_ += inside;
        has_quoted_ = true;
    }

    void takeComment() {
        int depth = 0;
        std::size_t i = at_;
        std::string inside;
        for (; i < text_.size(); ++i) {
            if (text_[i] == '\\' && i + 1 < text_.size()) {
                inside.push_back(text_[++i]);
                continue;
            }
            if (text_[i] == '(' && depth++ == 0) continue;
            if (text_[i] == ')' && --depth == 0) break;
            inside.push_back(text_[i]);
        }
        if (i >= text_.size()) {
            ++unclosed_;
            words_.push_back(text_[at_++]);
            return;
        }
        at_ = i + 1;
        if (!comment_.empty()) comment_.push_back(' ');
        comment_ += inside;
    }

    void takeAngle() {
        std::size_t i = at_ + 1;
        std::string inside;
        bool is_quoted = false;
        for (; i < text_.size() && (is_quoted || (text_[i] != '>' && text_[i] != '<')); ++i) {
            if (text_[i] == '"') is_quoted = !is_quoted;
            inside.push_back(text_[i]);
        }
        if (is_quoted) {
            inside.clear();
            for (i = at_ + 1; i < text_.size() && text_[i] != '>'; ++i) inside.push_back(text_[i]);
        }
        at_ = i < text_.size() && text_[i] == '>' ? i + 1 : i;
        // A route: <@a,@b:c@d>.
        if (inside.starts_with('@')) {
            if (const auto colon = inside.find(':'); colon != std::string::npos) inside.erase(0, colon + 1);
        }
        if (startsIgnoringCase(inside, "mailto:")) inside.erase(0, 7);
        // «Ada <a@b> Bob <c@d>»: the comma was forgotten.
        if (contains(address_, "@") && contains(inside, "@") &&
            !trimmed(std::string_view(words_).substr(words_at_angle_)).empty()) {
            std::string next = words_.substr(words_at_angle_);
            words_.resize(words_at_angle_);
            finish();
            words_ = std::move(next);
        }
        if (!has_angle_) words_at_angle_ = words_.size();
        if (address_.empty())
            address_ = std::string(trimmed(inside));
        else if (!contains(address_, "@"))
            address_ = std::string(trimmed(inside));
        has_angle_ = true;
    }

    void finish() {
        const std::string words = joinedSpaces(words_);
        if (has_angle_) {
            if (address_.empty() && contains(words, "@") && !contains(words, " ")) {
                add("", words);
            } else if (!address_.empty() || !words.empty()) {
                add(words.empty() ? comment_ : words, address_);
            }
        } else if (!words.empty()) {
            addBare(words);
        }
        words_.clear();
        comment_.clear();
        address_.clear();
        words_at_angle_ = 0;
        has_angle_ = has_quoted_ = false;
    }

    // Without brackets: the word with the «@» is the address, the others are the name.
    void addBare(const std::string& words) {
        const auto at = words.find('@');
        if (at == std::string::npos) {
            if (contains(words, " ") || has_quoted_) return add(words, "");
            return add(comment_, words);
        }
        // «a @ b» is legal and old.
        std::string joined;
        for (std::size_t i = 0; i < words.size(); ++i) {
            const bool is_beside = words[i] == ' ' && ((i > 0 && words[i - 1] == '@') ||
                                                       (i + 1 < words.size() && words[i + 1] == '@'));
            if (!is_beside) joined.push_back(words[i]);
        }
        const bool is_local_quoted = joined.starts_with('"');
        const auto mark = joined.rfind('@');
        auto begin = is_local_quoted ? 0 : joined.rfind(' ', mark);
        begin = begin == std::string::npos || is_local_quoted ? 0 : begin + 1;
        const auto end = std::min(joined.find(' ', mark), joined.size());
        std::string name = joined.substr(0, begin) + joined.substr(end);
        name = std::string(trimmed(name));
        std::string address = joined.substr(begin, end - begin);
        add(name.empty() ? comment_ : name, address);
    }

    void add(std::string_view name, std::string_view address) {
        std::string clean = decodeHeader(address);
        while (clean.size() > 1 && (clean.back() == '.' || clean.back() == '>')) clean.pop_back();
        std::string shown(trimmed(decodeHeader(name)));
        if (shown.size() > 1 && shown.front() == '"' && shown.back() == '"')
            shown = shown.substr(1, shown.size() - 2);
        if (clean.empty() && shown.empty()) return;
        // "john.doe"@example.org: quotes that nothing needs.
        if (const auto mark = clean.rfind("\"@");
            clean.starts_with('"') && mark != std::string::npos && mark > 1) {
            const std::string_view local = std::string_view(clean).substr(1, mark - 1);
            const bool is_plain = std::all_of(local.begin(), local.end(), [](char c) {
                return isLetter(c) || isDigit(c) || contains(".!#$%&'*+-/=?^_`{|}~", std::string_view(&c, 1));
            });
            if (is_plain && !local.starts_with('.') && !local.ends_with('.') && !contains(local, ".."))
                clean = std::string(local) + clean.substr(mark + 1);
        }
        found_.push_back({std::move(shown), std::move(clean)});
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::string words_, comment_, address_;
    std::size_t words_at_angle_ = 0;  // where the words behind the first «<…>» begin
    std::size_t unclosed_ = 0;
    bool has_angle_ = false, has_quoted_ = false;
    std::vector<MailAddress> found_;
};

}  // namespace

std::vector<MailAddress> parseAddresses(std::string_view raw) {
    const std::string text = unfold(raw);
    // «=?utf-8?Q?Doe,_Jane?=» keeps its comma: words are decoded after the list is split.
    return AddressReader(text).run();
}

}  // namespace signalbox::mime
