// The words that mail programs put around what they quote, in the languages they speak; all lower case.
// Read-only tables, safe from every thread.
#pragma once

#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace signalbox::mime {

class WordList {
public:
    // Words between «|».
    explicit WordList(std::string_view words);

    bool has(std::string_view word) const { return set_.contains(word); }
    bool begins(std::string_view text) const;
    // As a word of its own: no letter of ASCII stands before it.
    bool ends(std::string_view text) const;
    bool isInside(std::string_view text) const;
    // Also behind a letter: in scripts without spaces.
    bool endsAnyhow(std::string_view text) const;

private:
    std::vector<std::string_view> words_;
    std::unordered_set<std::string_view> set_;
};

struct QuoteWords {
    WordList verbs;         // «wrote», at the end of an introduction
    WordList inner_verbs;   // « schrieb », with the person behind it
    WordList begins;        // «on », at its beginning
    WordList whole_begins;  // the same, which need no verb
    WordList from;          // the first label of a block of headers
    WordList labels;        // the others
    WordList subjects;      // of them those of the subject
    WordList first_labels;  // those that may stand before From
    WordList originals;     // «original message»
    WordList forwards;      // «forwarded message»
    WordList sent;          // «sent from », at the beginning of a telephone's signature
    WordList sent_begins;   // the same, where a device must be named as well
    WordList sent_ends;     // «から送信», at its end, with a device
    WordList devices;       // what it was sent with
};
const QuoteWords& quoteWords();

// Lower case in every script.
std::string foldWords(std::string_view text);
// Without marks of direction and other characters nobody sees; spaces of every width become plain ones.
std::string withoutInvisible(std::string_view text);

}  // namespace signalbox::mime
