#include "workflow/graph/node_policy.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "workflow/graph/schema.h"

namespace signalbox::workflow {
namespace {

constexpr std::array kKeys = {"join", "join_timeout_s", "retry", "timeout_s", "on_error", "max_iterations"};
constexpr std::array kRetryKeys = {"attempts", "first_wait_s", "factor", "max_wait_s",
                                   "jitter",   "total_s",      "on"};
constexpr double kMaxWaitS = 366.0 * 24 * 3600;

Error bad(const std::string& place, const std::string& message) {
    return {ErrorKind::Invalid, place + ": " + message, {}, "bad_policy"};
}

// The number at `key`, or `absent`; an error when it is none or out of bounds.
Result<double> number(const Json& json, const std::string& place, const char* key, double absent, double low,
                      double high) {
    const Json& value = memberAt(json, key);
    if (value.is_null()) return absent;
    if (!value.is_number() || value.get<double>() < low || value.get<double>() > high) {
        return bad(place, "must be a number from " + dumpJson(low) + " to " + dumpJson(high));
    }
    return value.get<double>();
}

std::chrono::milliseconds millis(double seconds) {
    return std::chrono::milliseconds(std::llround(seconds * 1000));
}

Status readJoin(const Json& data, JoinRule& join) {
    const Json& rule = memberAt(data, "join");
    if (rule.is_object() && rule.size() == 1 && rule.contains("n")) {
        const auto count = number(rule, "join.n", "n", 1, 1, 10'000);
        if (!count) return count.error();
        join.mode = JoinRule::Mode::Count;
        join.count = static_cast<std::uint32_t>(*count);
    } else if (rule == "any") {
        join.mode = JoinRule::Mode::Any;
    } else if (rule == "first") {
        join.mode = JoinRule::Mode::First;
    } else if (!rule.is_null() && rule != "all") {
        return bad("join", R"(must be "all", "any", "first" or {"n": K})");
    }
    const auto timeout = number(data, "join_timeout_s", "join_timeout_s", 0, 0, kMaxWaitS);
    if (!timeout) return timeout.error();
    if (*timeout > 0) join.timeout = millis(*timeout);
    return Done{};
}

Status readRetry(const Json& json, RetryRule& retry) {
    if (json.is_null()) return Done{};
    if (!json.is_object()) return bad("retry", "must be an object with attempts");
    for (const auto& [key, value] : json.items()) {
        if (std::find(kRetryKeys.begin(), kRetryKeys.end(), key) == kRetryKeys.end())
            return bad("retry." + key.substr(0, 40), "means nothing");
    }
    struct Field {
        const char* key;
        double low, high;
        double* into;
    };
    double attempts = 3, total = 0;
    for (const auto& field :
         {Field{"attempts", 1, 1000, &attempts}, Field{"first_wait_s", 0, kMaxWaitS, &retry.first_wait_s},
          Field{"factor", 1, 100, &retry.factor}, Field{"max_wait_s", 0, kMaxWaitS, &retry.max_wait_s},
          Field{"jitter", 0, 1, &retry.jitter}, Field{"total_s", 0, kMaxWaitS, &total}}) {
        const auto value =
            number(json, std::string("retry.") + field.key, field.key, *field.into, field.low, field.high);
        if (!value) return value.error();
        *field.into = *value;
    }
    retry.attempts = static_cast<std::int64_t>(attempts);
    if (total > 0) retry.total_s = total;
    const Json& on = memberAt(json, "on");
    if (!on.is_null() && !on.is_array()) return bad("retry.on", "must be a list of error kinds or codes");
    for (const auto& one : on) {
        if (!one.is_string()) return bad("retry.on", "must be a list of error kinds or codes");
        retry.on.push_back(one.get<std::string>());
    }
    return Done{};
}

Result<OnError> readOnError(const Json& data) {
    const Json& value = memberAt(data, "on_error");
    if (value.is_null()) return OnError::Unsaid;
    if (value == "fail") return OnError::Fail;
    if (value == "continue") return OnError::Continue;
    if (value == "port") return OnError::Port;
    return bad("on_error", R"(must be "fail", "continue" or "port")");
}

}  // namespace

bool RetryRule::covers(const Error& error) const {
    if (on.empty()) return isRetryable(error);
    return std::any_of(on.begin(), on.end(), [&](const std::string& one) {
        return one == "any" || one == toString(error.kind) || (!error.code.empty() && one == error.code);
    });
}

std::chrono::microseconds RetryRule::wait(std::int64_t made, const Error& error, double chance) const {
    double seconds =
        first_wait_s * std::pow(factor, static_cast<double>(std::max<std::int64_t>(made - 1, 0)));
    seconds = std::min(seconds, max_wait_s) * (1 + jitter * chance);
    if (error.retry_after) seconds = std::max(seconds, static_cast<double>(error.retry_after->count()));
    return std::chrono::microseconds(std::llround(std::min(seconds, kMaxWaitS) * 1e6));
}

bool isPolicyKey(std::string_view key) {
    return std::find(kKeys.begin(), kKeys.end(), key) != kKeys.end();
}

Result<std::unique_ptr<NodePolicy>> readPolicy(const Json& data, const NodeType& type) {
    const Json& own = memberAt(schemaOf(type).json(), "properties");
    // A node type that has such a parameter itself means its own.
    const auto says = [&](const char* key) { return data.contains(key) && !own.contains(key); };
    if (!data.is_object() || std::none_of(kKeys.begin(), kKeys.end(), says))
        return std::unique_ptr<NodePolicy>();
    auto policy = std::make_unique<NodePolicy>();
    if (auto read = readJoin(data, policy->join); !read) return read.error();
    if (says("retry")) {
        if (auto read = readRetry(data["retry"], policy->retry); !read) return read.error();
    }
    if (says("on_error")) {
        const auto on_error = readOnError(data);
        if (!on_error) return on_error.error();
        policy->on_error = *on_error;
    }
    if (says("timeout_s")) {
        const auto timeout = number(data, "timeout_s", "timeout_s", 0, 0.001, kMaxWaitS);
        if (!timeout) return timeout.error();
        if (*timeout > 0) policy->timeout = millis(*timeout);
    }
    if (says("max_iterations")) {
        const auto most = number(data, "max_iterations", "max_iterations", 0, 1, 1'000'000);
        if (!most) return most.error();
        policy->max_iterations = static_cast<std::int64_t>(*most);
    }
    return policy;
}

}  // namespace signalbox::workflow
