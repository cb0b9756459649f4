// Passwords: Argon2id (19456 KiB, 2 passes, 1 lane) by libsodium. Each evaluation costs 25 ms and 19 MiB, so
// at most two run at once; 64 more may wait, others are turned away. Thread-safe.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace signalbox {

// Invalid with the reason: too short (12 characters), too long, too simple, or made from `email`.
Status checkNewPassword(const Secret& password, std::string_view email);

class Passwords {
public:
    // The encoded form to store. Throttled when too many are waiting.
    Result<std::string> hash(const Secret& password);
    // At start: makes the hash of nothing, which the first comparison would have to wait for.
    static void prepare();
    // An empty `encoded` (no such user) is compared with a hash of nothing: false, after the same time.
    Result<bool> verify(const std::string& encoded, const Secret& password);

private:
    class Place;  // one of the two
    bool enter();
    void leave();

    std::mutex mutex_;
    std::condition_variable left_;
    unsigned running_ = 0, waiting_ = 0;
};

}  // namespace signalbox
