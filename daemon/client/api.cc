#include "daemon/client/api.h"

#include <algorithm>

#include "base/crypto.h"

namespace signalbox::client {
namespace {

constexpr std::size_t kMaxPage = 200;
constexpr HttpOptions kPatience{.read_timeout = std::chrono::seconds(60),
                                .total_timeout = std::chrono::seconds(90)};

Error unreachable(const std::string& url, Error error) {
    // The HTTP client names method and address, which stand in our own words already.
    if (const auto end = error.message.find(": ", error.message.find("://")); end != std::string::npos)
        error.message.erase(0, end + 2);
    return {ErrorKind::Unavailable,
            "no answer from " + url + " (" + error.message +
                "); is signalboxd running there? (--url, SIGNALBOX_URL)",
            {},
            "unreachable"};
}

}  // namespace

Error usageError(std::string message) {
    return {ErrorKind::Invalid, std::move(message), {}, "usage"};
}

Exit exitFor(const Error& error) {
    if (error.code == "usage") return Exit::Usage;
    if (error.code == "unreachable") return Exit::Unreachable;
    return error.code == "unanswered" ? Exit::Uncertain : Exit::Refused;
}

Error transportError(const std::string& url, const Error& error) {
    if (error.kind == ErrorKind::Unavailable) return unreachable(url, error);
    if (error.kind == ErrorKind::Invalid) return usageError("--url " + url + ": " + error.message);
    return {error.kind,
            "sent to " + url + ", but the answer never came: it may or may not have been done",
            {},
            "unanswered"};
}

Error refusalOf(const HttpResponse& response) {
    const auto problem = parseJson(response.body);
    const std::string code = problem ? textAt(*problem, "code") : "";
    if (code.empty())
        return {ErrorKind::Rejected, "answered with status " + std::to_string(response.status), {}, "http"};
    std::string message = textAt(*problem, "detail") + " (" + code + ")";
    if (code == "token_missing" || code == "token_invalid")
        message += "; make one with `signalboxd token create --config FILE --role admin`";
    return {ErrorKind::Rejected, message, {}, code};
}

Api::Api(HttpClient& http, std::string url, Secret token)
    : http_(http), url_(std::move(url)), token_(std::move(token)) {
    while (url_.ends_with('/')) url_.pop_back();
}

HttpRequest Api::request(const std::string& method, const std::string& path) const {
    return {method, url_ + "/api/v1" + path, {}, ""};
}

Result<HttpResponse> Api::send(HttpRequest request) {
    if (!token_.empty()) request.headers.set("authorization", "Bearer " + token_.reveal());
    request.headers.set("accept", "application/json, application/problem+json");
    auto response = http_.send(request, kPatience, {});
    // With the key a repetition is harmless; without it nobody knows what happened.
    const bool may_repeat = request.headers.find("idempotency-key").has_value();
    if (!response && response.error().kind == ErrorKind::Uncertain && may_repeat)
        response = http_.send(request, kPatience, {});
    if (!response) return transportError(url_, response.error());
    if (response->status >= 300) return refusalOf(*response);
    return response;
}

Result<Json> Api::sendForJson(HttpRequest request) {
    const auto response = send(std::move(request));
    if (!response) return response.error();
    if (response->body.empty()) return Json(nullptr);
    auto body = parseJson(response->body, {.max_values = 10'000'000});
    if (!body) return Error{ErrorKind::Rejected, "answered with something that is no JSON", {}, "http"};
    return body;
}

Result<Json> Api::get(const std::string& path, const FormFields& query) {
    return sendForJson(request("GET", query.empty() ? path : path + '?' + formEncode(query)));
}

Result<Json> Api::post(const std::string& path, const Json& body, const std::string& key) {
    HttpRequest call = request("POST", path);
    call.headers.set("idempotency-key", key.empty() ? toHex(randomBytes(16)) : key);
    if (!body.is_null()) {
        call.headers.set("content-type", "application/json");
        call.body = dumpJson(body);
    }
    return sendForJson(std::move(call));
}

Result<Json> Api::postOnce(const std::string& path, const Json& body) {
    return postRaw(path, dumpJson(body));
}

Result<Json> Api::postRaw(const std::string& path, const std::string& body) {
    HttpRequest call = request("POST", path);
    call.headers.set("content-type", "application/json");
    call.body = body;
    return sendForJson(std::move(call));
}

Result<Json> Api::putRaw(const std::string& path, const std::string& body, const std::string& type) {
    HttpRequest call = request("PUT", path);
    call.headers.set("content-type", type);
    call.body = body;
    return sendForJson(std::move(call));
}

Result<Json> Api::patchPiece(const std::string& path, std::string bytes, std::int64_t offset) {
    HttpRequest call = request("PATCH", path);
    call.headers.set("content-type", "application/offset+octet-stream");
    call.headers.set("upload-offset", std::to_string(offset));
    call.headers.set("upload-checksum", "sha256 " + toBase64(hash(HashAlgorithm::Sha256, bytes)));
    call.body = std::move(bytes);
    return sendForJson(std::move(call));
}

Result<std::string> Api::getRaw(const std::string& path) {
    auto response = send(request("GET", path));
    if (!response) return response.error();
    return std::move(response->body);
}

Result<Json> Api::remove(const std::string& path) {
    return sendForJson(request("DELETE", path));
}

Result<Json> Api::list(const std::string& path, FormFields query, std::size_t limit) {
    Json all = {{"items", Json::array()}, {"next", nullptr}};
    while (true) {
        FormFields page_query = query;
        const std::size_t wanted = std::min(kMaxPage, limit - all["items"].size());
        page_query.emplace_back("limit", std::to_string(wanted));
        if (all["next"].is_string()) page_query.emplace_back("cursor", all["next"].get<std::string>());
        auto page = get(path, page_query);
        if (!page) return page.error();
        const Json& items = memberAt(*page, "items");
        for (const Json& item : items) all["items"].push_back(item);
        all["next"] = memberAt(*page, "next");
        if (!all["next"].is_string() || items.empty() || all["items"].size() >= limit) return all;
        std::erase_if(query, [](const auto& field) { return field.first == "cursor"; });
    }
}

Result<HttpResponse> Api::sendPlain(HttpRequest request) {
    request.target = url_ + request.target;
    auto response = http_.send(request, kPatience, {});
    if (!response) return transportError(url_, response.error());
    return response;
}

}  // namespace signalbox::client
