// The daemon's HTTP API as the commands use it. Errors carry the exit code in their kind of code: see
// exitFor. One thread.
#pragma once

#include <optional>
#include <string>

#include "base/http_message.h"
#include "base/json.h"
#include "base/result.h"
#include "base/secret.h"
#include "connectors/sdk/http_client.h"
#include "daemon/client/command.h"

namespace signalbox::client {

// What the exit code of a failed command is: "usage" and "unreachable" and "unanswered" are codes of ours,
// every other error is the daemon's.
Exit exitFor(const Error& error);

// A problem of the daemon, or of whatever else answered there.
Error refusalOf(const HttpResponse& response);
// What went wrong below HTTP.
Error transportError(const std::string& url, const Error& error);

class Api {
public:
    // `url` is where the daemon is, with or without a slash at the end. Empty token: none is sent.
    Api(HttpClient& http, std::string url, Secret token);

    const std::string& url() const { return url_; }

    // `path` begins behind /api/v1. The answer's body, null when it is empty.
    Result<Json> get(const std::string& path, const FormFields& query = {});
    // With an Idempotency-Key (one of our own making unless given), so that a call whose answer was lost is
    // sent once more.
    Result<Json> post(const std::string& path, const Json& body = nullptr, const std::string& key = "");
    // A body of its own that is not to be changed by a byte.
    Result<Json> putRaw(const std::string& path, const std::string& body,
                        const std::string& type = "application/json");
    Result<Json> postRaw(const std::string& path, const std::string& body);
    // A piece of an upload.
    Result<Json> patchPiece(const std::string& path, std::string bytes, std::int64_t offset);
    // Without an Idempotency-Key, since the daemon would keep the answer: for tokens.
    Result<Json> postOnce(const std::string& path, const Json& body);
    Result<std::string> getRaw(const std::string& path);
    Result<Json> remove(const std::string& path);

    // Up to `limit` items from the front, over as many pages as that takes: {"items": […], "next":
    // cursor|null}.
    Result<Json> list(const std::string& path, FormFields query, std::size_t limit);

    // As it comes, without a token, at any path: for callbacks.
    Result<HttpResponse> sendPlain(HttpRequest request);

private:
    Result<HttpResponse> send(HttpRequest request);
    Result<Json> sendForJson(HttpRequest request);
    HttpRequest request(const std::string& method, const std::string& path) const;

    HttpClient& http_;
    std::string url_;
    Secret token_;
};

// A path segment.
inline std::string segment(const std::string& text) {
    return '/' + percentEncode(text);
}

}  // namespace signalbox::client
