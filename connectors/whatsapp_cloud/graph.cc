#include "connectors/whatsapp_cloud/graph.h"

#include <algorithm>
#include <iterator>

#include "connectors/sdk/url.h"
#include "connectors/whatsapp_cloud/errors.h"

namespace signalbox::whatsapp_cloud {
namespace {

using namespace std::chrono_literals;

constexpr const char* kSend = "whatsapp send";
constexpr std::size_t kMaxMedia = 100 * 1024 * 1024;
constexpr int kMaxRedirects = 3;

bool isSuccess(int status) {
    return status == 200 || status == 201;
}
bool isRedirect(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// A gateway on the way gave up; Meta may have taken the message. 503 is said before anything is done.
bool isOutcomeUnknown(const HttpResponse& response, const Error& error) {
    return response.status >= 500 && response.status != 503 && error.code.starts_with("http_");
}

Error uncertain(std::string reason) {
    return {ErrorKind::Uncertain, std::string(kSend) + ": " + std::move(reason), {}, "no_receipt"};
}

Result<Receipt> readReceipt(const HttpResponse& response) {
    const auto body = parseJson(response.body);
    if (!body) return uncertain("taken, but the answer is not JSON");
    Receipt receipt;
    if (flagAt(*body, "success")) return receipt;  // mark_read
    const Json& messages = memberAt(*body, "messages");
    if (!messages.is_array() || messages.empty() || textAt(messages[0], "id").empty())
        return uncertain("taken, but the answer names no message");
    const Json& message = messages[0];
    receipt.external_id = textAt(message, "id");
    // held_for_quality_assessment: Meta decides later, a status tells.
    if (const auto held = textAt(message, "message_status"); !held.empty())
        receipt.content["message_status"] = held;
    const Json& contacts = memberAt(*body, "contacts");
    if (contacts.is_array() && !contacts.empty()) {
        for (const char* id : {"wa_id", "user_id"}) {
            if (const auto value = textAt(contacts[0], id); !value.empty()) receipt.content[id] = value;
        }
    }
    return receipt;
}

bool isMetaHost(const Url& url) {
    constexpr std::string_view kDomains[] = {"facebook.com", "fbsbx.com", "fbcdn.net", "whatsapp.net",
                                             "whatsapp.com"};
    return url.is_tls && std::any_of(std::begin(kDomains), std::end(kDomains), [&](std::string_view domain) {
               return url.host == domain || url.host.ends_with('.' + std::string(domain));
           });
}

}  // namespace

Result<Receipt> Graph::send(const HttpRequest& request, const std::stop_token& stop) const {
    auto response = http_.send(
        request, {.read_timeout = config_.request_timeout, .total_timeout = 2 * config_.request_timeout},
        stop);
    if (!response) return withContext(kSend, response.error());
    if (isSuccess(response->status)) return readReceipt(*response);
    Error error = errorFromAnswer(kSend, *response);
    if (isOutcomeUnknown(*response, error)) error.kind = ErrorKind::Uncertain;
    return withoutToken(std::move(error));
}

Result<Json> Graph::read(const std::string& path, const std::stop_token& stop) const {
    const HttpRequest request{
        "GET", graphUrl(config_, path), {{"Authorization", "Bearer " + config_.access_token.reveal()}}};
    auto response = http_.send(
        request, {.read_timeout = config_.request_timeout, .total_timeout = 2 * config_.request_timeout},
        stop);
    if (!response) return withContext("whatsapp read", response.error());
    if (!isSuccess(response->status)) return withoutToken(errorFromAnswer("whatsapp read", *response));
    auto body = parseJson(response->body);
    if (!body)
        return Error{ErrorKind::Unavailable, "whatsapp read: the answer is not JSON", {}, "bad_answer"};
    return body;
}

Result<HttpResponse> Graph::download(const std::string& first, const std::stop_token& stop) const {
    const auto base = parseUrl(config_.base_url);
    std::string target = first;
    for (int hop = 0; hop <= kMaxRedirects; ++hop) {
        const auto url = parseUrl(target);
        if (!url) return withContext("whatsapp media", url.error());
        HttpRequest request{"GET", target};
        if (isMetaHost(*url) || (base && url->origin() == base->origin()))
            request.headers.add("Authorization", "Bearer " + config_.access_token.reveal());
        auto response = http_.send(
            request,
            {.read_timeout = config_.request_timeout, .total_timeout = 300s, .max_response_bytes = kMaxMedia},
            stop);
        if (!response) return withContext("whatsapp media", response.error());
        if (!isRedirect(response->status)) return response;
        target = std::string(response->headers.get("location"));
    }
    return Error{ErrorKind::Rejected, "whatsapp media: more than 3 redirects", {}, "redirects"};
}

Error Graph::withoutToken(Error error) const {
    const std::string& token = config_.access_token.reveal();
    for (auto at = error.message.find(token); at != std::string::npos && !token.empty();
         at = error.message.find(token))
        error.message.replace(at, token.size(), "***");
    return error;
}

}  // namespace signalbox::whatsapp_cloud
