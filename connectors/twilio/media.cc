#include "connectors/twilio/media.h"

#include "connectors/twilio/render.h"

namespace signalbox::twilio {
namespace {

constexpr int kMaxRedirects = 3;
constexpr const char* kFetch = "twilio fetch media";

// WhatsApp's own limit for documents; nothing on the other channels is larger.
constexpr std::chrono::minutes kMaxDuration{2};
constexpr std::size_t kMaxBytes = 100 * 1024 * 1024;

Error rejected(std::string message) {
    return withContext(kFetch, Error{ErrorKind::Rejected, std::move(message), {}, "media"});
}

bool isRedirect(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

Result<Url> redirectTarget(const Url& from, std::string_view location) {
    const bool is_path = location.starts_with('/') && !location.starts_with("//");
    return parseUrl((is_path ? from.origin() : "") + std::string(location));
}

}  // namespace

Result<HttpResponse> TwilioMedia::get(const Url& url, const std::stop_token& stop) {
    HttpRequest request{"GET", url.origin() + url.target};
    if (url.origin() == config_.base_url.origin())
        request.headers.add("authorization", basicAuthorization(config_));
    HttpOptions options;
    options.read_timeout = config_.request_timeout;
    options.total_timeout = kMaxDuration;
    options.max_response_bytes = kMaxBytes;
    return http_.send(request, options, stop);
}

Result<Media> TwilioMedia::fetch(const Attachment& attachment, const std::stop_token& stop) {
    auto url = parseUrl(attachment.url);
    if (!url || url->origin() != config_.base_url.origin())
        return rejected("the attachment's URL is not at " + config_.base_url.origin());
    for (int redirects = 0; redirects <= kMaxRedirects; ++redirects) {
        auto response = get(*url, stop);
        if (!response) {
            // Reading twice harms nobody.
            Error error = withContext(kFetch, response.error());
            if (error.kind == ErrorKind::Uncertain) error.kind = ErrorKind::Unavailable;
            return error;
        }
        if (response->status == 200) {
            return Media{std::move(response->body),
                         mediaType(response->headers.get("content-type", attachment.mime)),
                         attachment.filename};
        }
        if (!isRedirect(response->status)) return readError(kFetch, *response);
        url = redirectTarget(*url, response->headers.get("location"));
        if (!url) return withContext(kFetch, url.error());
        if (!url->is_tls && config_.base_url.is_tls) return rejected("redirected away from https");
    }
    return rejected("more than " + std::to_string(kMaxRedirects) + " redirects");
}

}  // namespace signalbox::twilio
