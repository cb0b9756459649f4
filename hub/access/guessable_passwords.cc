#include "hub/access/guessable_passwords.h"

#include <algorithm>
#include <string>

namespace signalbox {
namespace {

// What leaked lists have in their first places, in small letters and without what is stripped below. Sorted.
constexpr std::string_view kWords[] = {
    "aaaaaa",     "abc",           "abcd",       "abcdef",     "abcdefg",   "abcdefgh",       "access",
    "admin",      "administrator", "adminadmin", "andrew",     "angel",     "anthony",        "apple",
    "asdf",       "asdfasdf",      "asdfgh",     "asdfghjkl",  "ashley",    "baby",           "babygirl",
    "bailey",     "banana",        "baseball",   "basketball", "batman",    "buster",         "changeit",
    "changeme",   "charlie",       "cheese",     "chelsea",    "chocolate", "computer",       "cookie",
    "corona",     "daniel",        "default",    "dragon",     "football",  "freedom",        "fuckyou",
    "geheim",     "george",        "ginger",     "guest",      "hallo",     "hannah",         "harley",
    "hello",      "helloworld",    "hunter",     "iloveyou",   "internet",  "jennifer",       "jessica",
    "jordan",     "joshua",        "killer",     "kennwort",   "letmein",   "login",          "london",
    "lovely",     "loveme",        "maggie",     "manager",    "master",    "masterpassword", "matrix",
    "matthew",    "michael",       "michelle",   "monkey",     "mustang",   "mypassword",     "newpassword",
    "nicole",     "ninja",         "nothing",    "oracle",     "pass",      "passw",          "passwd",
    "passwort",   "password",      "pepper",     "pokemon",    "princess",  "purple",         "qazwsx",
    "qazwsxedc",  "qwer",          "qwert",      "qwerty",     "qwertyui",  "qwertyuiop",     "qwertz",
    "qwertzuiop", "ranger",        "robert",     "root",       "samsung",   "secret",         "shadow",
    "signalbox",  "soccer",        "starwars",   "summer",     "sunshine",  "superman",       "support",
    "system",     "taylor",        "tequiero",   "test",       "testing",   "testtest",       "thomas",
    "thunder",    "tigger",        "trustno",    "user",       "username",  "welcome",        "whatever",
    "william",    "winter",        "zaq",        "zxcvbn",     "zxcvbnm"};

// Ways over a keyboard or along the digits, of any length.
constexpr std::string_view kWays[] = {"01234567890123456789",
                                      "98765432109876543210",
                                      "11223344556677889900",
                                      "1q2w3e4r5t6y7u8i9o0p",
                                      "qwertyuiopasdfghjklzxcvbnm",
                                      "qwertzuiopasdfghjklyxcvbnm",
                                      "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
                                      "abcdefghijklmnopqrstuvwxyz",
                                      "qazwsxedcrfvtgbyhnujm",
                                      "asdfghjklqwertyuiop",
                                      "zaq12wsxcde34rfv"};

bool isKnown(std::string_view word) {
    return std::find(std::begin(kWords), std::end(kWords), word) != std::end(kWords);
}

bool isWay(std::string_view text) {
    return std::any_of(std::begin(kWays), std::end(kWays),
                       [&](std::string_view way) { return way.find(text) != std::string_view::npos; });
}

std::string small(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return out;
}

bool isLetter(char c) {
    return c >= 'a' && c <= 'z';
}

// Digits and signs that stand for letters.
std::string undressed(std::string text) {
    for (char& c : text) {
        switch (c) {
            case '0':
                c = 'o';
                break;
            case '1':
            case '!':
                c = 'i';
                break;
            case '3':
                c = 'e';
                break;
            case '4':
            case '@':
                c = 'a';
                break;
            case '5':
            case '$':
                c = 's';
                break;
            case '7':
                c = 't';
                break;
            default:
                break;
        }
    }
    return text;
}

std::string_view withoutEnds(std::string_view text) {
    while (!text.empty() && !isLetter(text.front())) text.remove_prefix(1);
    while (!text.empty() && !isLetter(text.back())) text.remove_suffix(1);
    return text;
}

std::string lettersOf(std::string_view text) {
    std::string out;
    for (const char c : text)
        if (isLetter(c)) out += c;
    return out;
}

// The shortest piece that gives the text when it is repeated.
std::string_view pieceOf(std::string_view text) {
    for (std::size_t length = 1; length <= text.size() / 2; ++length) {
        if (text.size() % length != 0) continue;
        bool is_repeated = true;
        for (std::size_t i = length; i < text.size() && is_repeated; ++i)
            is_repeated = text[i] == text[i - length];
        if (is_repeated) return text.substr(0, length);
    }
    return text;
}

bool isCommonWord(std::string_view text) {
    return text.empty() || isKnown(text) || isKnown(pieceOf(text));
}

}  // namespace

bool isGuessablePassword(std::string_view password) {
    const std::string plain = small(password);
    const std::string_view core = withoutEnds(plain), piece = pieceOf(plain);
    if (isWay(plain) || isWay(piece) || (core.size() >= 6 && isWay(core))) return true;
    if (isCommonWord(core) || isCommonWord(lettersOf(plain))) return true;
    // Without what stands behind, then with digits read as letters.
    const std::string dressed = undressed(std::string(core));
    if (isCommonWord(withoutEnds(dressed))) return true;
    std::string_view front = plain;
    while (!front.empty() && !isLetter(front.back())) front.remove_suffix(1);
    return isCommonWord(withoutEnds(undressed(std::string(front))));
}

}  // namespace signalbox
