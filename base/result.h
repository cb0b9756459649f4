// What a call that may fail for expected reasons gives back: a value, or an Error that says what was tried,
// on what, and why it failed. Exceptions are kept for what nobody near can handle (disk, database, broken
// invariant).
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace signalbox {

// Why something failed, as far as the caller's next step depends on it.
enum class ErrorKind {
    Invalid,       // the input is wrong; sending it again will not help
    NotFound,      // no such thing
    Conflict,      // it exists already, or was changed meanwhile
    Unauthorized,  // credentials missing or wrong
    Forbidden,     // credentials fine, but not for this
    Rejected,      // the other side understood and refuses for good
    Throttled,     // too fast; try later (retry_after when it said so)
    Unavailable,   // not reachable, or failing for a while; try later
    Uncertain,     // the request left, the answer never came: it may or may not have been done
};

struct Error {
    ErrorKind kind = ErrorKind::Invalid;
    std::string message;                              // one line, lower case, no full stop, never a secret
    std::optional<std::chrono::seconds> retry_after;  // what the other side asked for
    std::string code;                                 // the provider's own code ("131047"), or our stable one
};

// The one place that decides what is worth another try. Uncertain is not: whether it may be repeated depends
// on the connector honouring an idempotency key, which only delivery knows.
bool isRetryable(const Error& error);

// "invalid", "not_found", … as it appears in logs, in the API and in tests.
const char* toString(ErrorKind kind);

template <class T>
class [[nodiscard]] Result {
public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    bool ok() const { return state_.index() == 0; }
    explicit operator bool() const { return ok(); }

    T& operator*() & { return std::get<0>(state_); }
    const T& operator*() const& { return std::get<0>(state_); }
    T&& operator*() && { return std::get<0>(std::move(state_)); }
    T* operator->() { return &std::get<0>(state_); }
    const T* operator->() const { return &std::get<0>(state_); }

    const Error& error() const { return std::get<1>(state_); }
    Error& error() { return std::get<1>(state_); }

private:
    std::variant<T, Error> state_;
};

struct Done {};  // the value of a call that has nothing to say but «it worked»
using Status = Result<Done>;

// `prefix: message`, kind and the rest unchanged: whoever passes an error on adds where it happened.
Error withContext(std::string prefix, Error error);

}  // namespace signalbox
