// HTTP requests and responses as values (RFC 9110), shared by the doors, the connectors and the client.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/http_body.h"

namespace signalbox {

// Field names compare without case and keep the order of arrival.
class Headers {
public:
    Headers() = default;
    Headers(std::initializer_list<std::pair<std::string, std::string>> fields) : fields_(fields) {}

    void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
    void reserve(std::size_t fields) { fields_.reserve(fields); }
    void set(std::string_view name, std::string value);
    void remove(std::string_view name);
    // The first value.
    std::optional<std::string_view> find(std::string_view name) const;
    std::string_view get(std::string_view name, std::string_view fallback = "") const;

    auto begin() const { return fields_.begin(); }
    auto end() const { return fields_.end(); }
    bool empty() const { return fields_.empty(); }

private:
    std::vector<std::pair<std::string, std::string>> fields_;
};

using FormFields = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
    std::string method = "GET";
    std::string target = "/";  // inbound: origin-form as it came, path and query; outbound: the absolute URL
    Headers headers;
    std::string body;
    std::string remote_address;  // inbound only, no port
    // Inbound: instead of `body` where the door was told that it may be large. Shared, because a request is a
    // value and the file is not.
    std::shared_ptr<BodyFile> body_file;

    std::string_view path() const;   // still percent-encoded
    std::string_view query() const;  // without the question mark
};

struct HttpResponse {
    int status = 200;
    Headers headers;
    std::string body;
    std::shared_ptr<BodySource> source;  // instead of `body`, for what is too large for memory
};

bool equalsIgnoringCase(std::string_view a, std::string_view b);

// application/x-www-form-urlencoded and query strings; a malformed % is kept as text. Repeated names stay.
FormFields parseForm(std::string_view text);
std::optional<std::string_view> findField(const FormFields& fields, std::string_view name);
std::string formEncode(const FormFields& fields);

// Everything but A–Z a–z 0–9 - . _ ~ becomes %XX.
std::string percentEncode(std::string_view text);
std::string percentDecode(std::string_view text);

// "text/html; charset=x" → "text/html", lower case.
std::string mediaType(std::string_view content_type);

// application/json answer.
HttpResponse jsonResponse(int status, std::string body);
// RFC 9457; `code` is stable and documented in docs/errors.md.
HttpResponse problem(int status, std::string_view code, std::string_view detail);

}  // namespace signalbox
