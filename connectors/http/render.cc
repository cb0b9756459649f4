#include "connectors/http/render.h"

#include <algorithm>

namespace signalbox::http_account {
namespace {

constexpr std::int64_t kMaxTimeoutSeconds = 120;

Error invalid(std::string message) {
    return {ErrorKind::Invalid, "http request: " + std::move(message), {}, "request"};
}

template <std::size_t N>
bool isOneOf(std::string_view text, const char* const (&known)[N]) {
    return std::any_of(std::begin(known), std::end(known),
                       [&](const char* entry) { return equalsIgnoringCase(text, entry); });
}

Result<std::string> methodOf(const Json& content) {
    static constexpr const char* kMethods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
    std::string method = textAt(content, "method", "GET");
    std::transform(method.begin(), method.end(), method.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c & ~0x20) : c; });
    if (!isOneOf(method, kMethods))
        return invalid("method: one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
    return method;
}

// A name or a street put into a URL by a template: its spaces and letters beyond ASCII are encoded.
std::string encodeForeign(std::string_view url) {
    std::string out;
    for (const char c : url) {
        const bool is_foreign = c == ' ' || static_cast<unsigned char>(c) >= 0x80;
        out += is_foreign ? percentEncode(std::string_view(&c, 1)) : std::string(1, c);
    }
    return out;
}

Result<Url> urlOf(const Json& content, const AccountConfig& config) {
    std::string text = textAt(content, "url");
    const bool is_absolute = text.find("://") < text.find_first_of("/?#");
    if (!is_absolute) {
        if (!config.base) return invalid("url: not absolute, and the account has no base_url");
        if (!text.empty() && text[0] != '?' && text[0] != '/') text.insert(0, "/");
        text.insert(0, config.base_url);
    }
    auto url = parseUrl(encodeForeign(text));
    if (!url) return withContext("http request", url.error());
    return url;
}

Result<std::string> scalar(const char* key, const Json& value) {
    if (value.is_string()) return value.get<std::string>();
    if (value.is_number() || value.is_boolean()) return dumpJson(value);
    return invalid(std::string(key) + ": values are texts, numbers or flags");
}

// {"a": 1, "b": ["x", "y"]} as fields; null leaves a field out.
Result<FormFields> fieldsOf(const char* key, const Json& content) {
    const Json& object = memberAt(content, key);
    if (!object.is_null() && !object.is_object()) return invalid(std::string(key) + ": must be an object");
    FormFields out;
    for (const auto& [name, value] : object.items()) {
        for (const auto& one : value.is_array() ? value : Json::array({value})) {
            if (one.is_null()) continue;
            auto text = scalar(key, one);
            if (!text) return text.error();
            out.emplace_back(name, std::move(*text));
        }
    }
    return out;
}

void addAccountHeaders(Prepared& out, const Url& url, const AccountConfig& config) {
    out.is_at_base = config.base && url.origin() == config.base->origin();
    if (!out.is_at_base) return;
    for (const auto& [name, value] : config.headers) out.request.headers.set(name, value);
    for (const auto& [name, value] : config.credentials) out.request.headers.set(name, value.reveal());
    out.is_authorized = !config.credentials.empty();
}

Status addHeaders(Prepared& out, const Json& content) {
    static constexpr const char* kOurs[] = {
        "host", "content-length", "transfer-encoding", "connection",         "upgrade", "expect",
        "te",   "trailer",        "keep-alive",        "proxy-authorization"};
    const auto headers = fieldsOf("headers", content);
    if (!headers) return headers.error();
    for (const auto& [name, value] : *headers) {
        if (!isHeaderName(name) || !isHeaderValue(value))
            return invalid("headers: a name or value holds a character that headers cannot hold");
        if (isOneOf(name, kOurs)) return invalid("headers: " + name + " is set by the connection itself");
        out.request.headers.set(name, value);
    }
    return Done{};
}

Status addBody(Prepared& out, const Json& content) {
    const Json& body = memberAt(content, "body");
    const auto form = fieldsOf("form", content);
    if (!form) return form.error();
    if (!body.is_null() && !form->empty()) return invalid("body and form: only one of them can be sent");
    const char* type = "application/json";
    if (!form->empty()) {
        type = "application/x-www-form-urlencoded";
        out.request.body = formEncode(*form);
    } else if (body.is_string()) {
        type = "text/plain; charset=utf-8";
        out.request.body = body.get<std::string>();
    } else if (!body.is_null()) {
        out.request.body = dumpJson(body);
    } else {
        return Done{};
    }
    if (!out.request.headers.find("content-type")) out.request.headers.add("content-type", type);
    return Done{};
}

Result<std::chrono::milliseconds> timeoutOf(const Json& content, const AccountConfig& config) {
    const Json& timeout = memberAt(content, "timeout_s");
    if (timeout.is_null()) return std::chrono::milliseconds(config.request_timeout);
    const double seconds = timeout.is_number() ? timeout.get<double>() : 0;
    if (!(seconds > 0) || seconds > kMaxTimeoutSeconds)
        return invalid("timeout_s: a number above 0, at most " + std::to_string(kMaxTimeoutSeconds));
    return std::chrono::milliseconds(std::max<std::int64_t>(1, static_cast<std::int64_t>(seconds * 1000)));
}

// Whoever misspells a member should hear of it, not wonder why it has no effect.
Status checkMembers(const OutboundMessage& message) {
    static constexpr const char* kMembers[] = {
        "method",         "url",        "headers",   "query", "body",    "form", "credential", "timeout_s",
        "fail_on_status", "pagination", "signature", "tries", "response"};
    if (message.type != "http") return invalid("type " + message.type + " cannot be sent by an http account");
    for (const auto& [name, value] : message.content.items()) {
        if (!isOneOf(name, kMembers)) return invalid("unknown member " + name);
    }
    return Done{};
}

Status readPaging(Prepared& out, const Json& content) {
    const Json& given = memberAt(content, "pagination");
    if (given.is_null()) return Done{};
    if (out.request.method != "GET") return invalid("pagination: only answers to GET come in pages");
    auto paging = readPagination(given);
    if (!paging) return withContext("http request", paging.error());
    out.pagination = std::move(*paging);
    return Done{};
}

void addIdempotencyKey(Prepared& out, const OutboundMessage& message) {
    const bool is_reading = out.request.method == "GET" || out.request.method == "HEAD";
    if (is_reading || message.idempotency_key.empty() || out.request.headers.find("idempotency-key")) return;
    out.request.headers.add("idempotency-key", message.idempotency_key);
}

}  // namespace

Result<Prepared> render(const OutboundMessage& message, const AccountConfig& config) {
    const Json& content = message.content;
    if (auto known = checkMembers(message); !known) return known.error();
    auto method = methodOf(content);
    if (!method) return method.error();
    auto url = urlOf(content, config);
    if (!url) return url.error();
    const auto query = fieldsOf("query", content);
    if (!query) return query.error();
    if (!query->empty())
        url->target += (url->target.find('?') == std::string::npos ? '?' : '&') + formEncode(*query);
    const auto timeout = timeoutOf(content, config);
    if (!timeout) return timeout.error();

    Prepared out;
    out.request.method = *method;
    out.request.target = url->origin() + url->target;
    out.what = "http " + *method + ' ' + url->host;
    out.timeout = *timeout;
    out.fails_on_status = flagAt(content, "fail_on_status", true);
    const std::string response = textAt(content, "response", "auto");
    if (response != "auto" && response != "text") return invalid("response: must be auto or text");
    out.takes_text = response == "text";
    if (out.takes_text && !memberAt(content, "pagination").is_null())
        return invalid("response: text has no pages; leave pagination out");
    out.credential = textAt(content, "credential");
    out.signing_credential = textAt(memberAt(content, "signature"), "credential");
    // The receiver of a signed webhook knows it again by its id.
    out.is_repeatable =
        config.is_idempotent || (*method != "POST" && *method != "PATCH") || !out.signing_credential.empty();
    if (auto read = readPaging(out, content); !read) return read.error();
    addAccountHeaders(out, *url, config);
    if (auto added = addHeaders(out, content); !added) return added.error();
    if (auto added = addBody(out, content); !added) return added.error();
    addIdempotencyKey(out, message);
    return out;
}

}  // namespace signalbox::http_account
