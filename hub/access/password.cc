#include "hub/access/password.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <set>
#include <stdexcept>

#include "hub/access/guessable_passwords.h"

namespace signalbox {
namespace {

constexpr unsigned kAtOnce = 2, kMayWait = 64;
constexpr unsigned long long kPasses = 2;
constexpr std::size_t kMemory = 19'456UL * 1024;
constexpr std::size_t kMinLength = 12, kMaxLength = 1'024, kMinDifferent = 5;

std::string encode(const std::string& password) {
    if (sodium_init() < 0) throw std::runtime_error("passwords: libsodium does not start");
    std::array<char, crypto_pwhash_STRBYTES> out{};
    if (crypto_pwhash_str_alg(out.data(), password.data(), password.size(), kPasses, kMemory,
                              crypto_pwhash_ALG_ARGON2ID13) != 0) {
        throw std::runtime_error("passwords: not enough memory for Argon2id");
    }
    return out.data();
}

// Of a password that nobody has, with the same cost as every other.
const std::string& nobodys() {
    static const std::string encoded = [] {
        std::array<char, 32> random{};
        if (sodium_init() < 0) throw std::runtime_error("passwords: libsodium does not start");
        randombytes_buf(random.data(), random.size());
        return encode(std::string(random.data(), random.size()));
    }();
    return encoded;
}

std::size_t countCharacters(std::string_view utf8) {
    return static_cast<std::size_t>(
        std::count_if(utf8.begin(), utf8.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string lowerCase(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return out;
}

}  // namespace

Status checkNewPassword(const Secret& password, std::string_view email) {
    const std::string& text = password.reveal();
    if (countCharacters(text) < kMinLength)
        return Error{ErrorKind::Invalid, "password: at least 12 characters", {}, "password_weak"};
    if (text.size() > kMaxLength)
        return Error{ErrorKind::Invalid, "password: at most 1024 bytes", {}, "password_weak"};
    const std::string lower = lowerCase(text);
    if (std::set<char>(lower.begin(), lower.end()).size() < kMinDifferent)
        return Error{ErrorKind::Invalid, "password: at least five different characters", {}, "password_weak"};
    if (isGuessablePassword(text))
        return Error{ErrorKind::Invalid, "password: one that everybody tries first", {}, "password_weak"};
    const std::string mine = lowerCase(email);
    const std::string before_at = mine.substr(0, mine.find('@'));
    const bool is_of_email = lower == mine || (before_at.size() >= 4 && lower.starts_with(before_at) &&
                                               lower.size() - before_at.size() < 6);
    if (is_of_email)
        return Error{ErrorKind::Invalid, "password: not one's own e-mail address", {}, "password_weak"};
    return Done{};
}

class Passwords::Place {
public:
    explicit Place(Passwords& passwords) : passwords_(passwords), is_taken_(passwords.enter()) {}
    ~Place() {
        if (is_taken_) passwords_.leave();
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    explicit operator bool() const { return is_taken_; }

private:
    Passwords& passwords_;
    const bool is_taken_;
};

bool Passwords::enter() {
    std::unique_lock lock(mutex_);
    if (running_ >= kAtOnce) {
        if (waiting_ >= kMayWait) return false;
        ++waiting_;
        left_.wait(lock, [&] { return running_ < kAtOnce; });
        --waiting_;
    }
    ++running_;
    return true;
}

void Passwords::leave() {
    {
        std::lock_guard lock(mutex_);
        --running_;
    }
    left_.notify_one();
}

void Passwords::prepare() {
    (void)nobodys();
}

Result<std::string> Passwords::hash(const Secret& password) {
    const Place place(*this);
    if (!place)
        return Error{ErrorKind::Throttled, "too many passwords are being checked; try again in a moment",
                     std::chrono::seconds(2), "throttled"};
    return encode(password.reveal());
}

Result<bool> Passwords::verify(const std::string& encoded, const Secret& password) {
    const Place place(*this);
    if (!place)
        return Error{ErrorKind::Throttled, "too many passwords are being checked; try again in a moment",
                     std::chrono::seconds(2), "throttled"};
    const std::string& compared = encoded.empty() ? nobodys() : encoded;
    const bool is_right =
        crypto_pwhash_str_verify(compared.c_str(), password.reveal().data(), password.reveal().size()) == 0;
    return is_right && !encoded.empty();
}

}  // namespace signalbox
