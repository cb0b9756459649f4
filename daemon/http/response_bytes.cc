#include "daemon/http/response_bytes.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

#include "daemon/http/request_head.h"

namespace signalbox::http {
namespace {

const char* reasonOf(int status) {
    switch (status) {
        case 100:
            return "Continue";
        case 200:
            return "OK";
        case 201:
            return "Created";
        case 202:
            return "Accepted";
        case 204:
            return "No Content";
        case 206:
            return "Partial Content";
        case 301:
            return "Moved Permanently";
        case 302:
            return "Found";
        case 303:
            return "See Other";
        case 304:
            return "Not Modified";
        case 307:
            return "Temporary Redirect";
        case 308:
            return "Permanent Redirect";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 410:
            return "Gone";
        case 412:
            return "Precondition Failed";
        case 413:
            return "Content Too Large";
        case 414:
            return "URI Too Long";
        case 415:
            return "Unsupported Media Type";
        case 416:
            return "Range Not Satisfiable";
        case 417:
            return "Expectation Failed";
        case 422:
            return "Unprocessable Content";
        case 426:
            return "Upgrade Required";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 501:
            return "Not Implemented";
        case 502:
            return "Bad Gateway";
        case 503:
            return "Service Unavailable";
        case 504:
            return "Gateway Timeout";
        case 505:
            return "HTTP Version Not Supported";
        default:
            return "";  // the reason may be empty (RFC 9112, 4)
    }
}

void appendNumber(std::string& out, std::size_t number) {
    std::array<char, 24> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out.append(digits.data(), end);
}

// What frames a message or belongs to one connection is never the handler's.
bool isOurs(std::string_view name) {
    constexpr std::string_view kOurs[] = {
        "content-length", "transfer-encoding", "connection", "keep-alive", "date",
        "server",         "upgrade",           "trailer"};
    return std::any_of(std::begin(kOurs), std::end(kOurs),
                       [&](std::string_view ours) { return equalsIgnoringCase(ours, name); });
}

void appendField(std::string& out, std::string_view name, std::string_view value) {
    out.append(name).append(": ");
    const auto start = out.size();
    out.append(value);
    if (!isFieldValue(value)) {
        std::replace_if(
            out.begin() + static_cast<std::ptrdiff_t>(start), out.end(),
            [](char c) { return !isFieldValue(std::string_view(&c, 1)); }, ' ');
    }
    out.append("\r\n");
}

bool hasNoBody(int status) {
    return status < 200 || status == 204 || status == 304;
}

}  // namespace

std::string httpDate(TimePoint t) {
    using namespace std::chrono;
    constexpr std::string_view kDays = "SunMonTueWedThuFriSat";
    constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const auto day = floor<days>(t);
    const year_month_day date{day};
    const hh_mm_ss time{floor<seconds>(t - day)};
    char out[64];
    std::snprintf(out, sizeof out, "%.3s, %02u %.3s %04d %02d:%02d:%02d GMT",
                  kDays.data() + 3 * weekday{day}.c_encoding(), unsigned{date.day()},
                  kMonths.data() + 3 * (unsigned{date.month()} - 1), int{date.year()},
                  static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                  static_cast<int>(time.seconds().count()));
    return out;
}

bool sendsBody(const HttpResponse& response, const ResponseFraming& framing) {
    return !framing.is_head_request && !hasNoBody(response.status);
}

void appendHead(std::string& out, const HttpResponse& response, const ResponseFraming& framing) {
    out.append("HTTP/1.1 ");
    appendNumber(out, static_cast<std::size_t>(std::clamp(response.status, 100, 999)));
    out.append(" ").append(reasonOf(response.status)).append("\r\ndate: ").append(framing.date);
    if (!hasNoBody(response.status)) {
        out.append("\r\ncontent-length: ");
        appendNumber(out, response.source ? response.source->size() : response.body.size());
    }
    if (!framing.keeps_alive) {
        out.append("\r\nconnection: close");
    } else if (framing.is_http_1_0) {
        out.append("\r\nconnection: keep-alive");
    }
    out.append("\r\n");
    for (const auto& [name, value] : response.headers) {
        if (isToken(name) && !isOurs(name)) appendField(out, name, value);
    }
    out.append("\r\n");
}

void appendEventStreamHead(std::string& out, std::string_view date) {
    out.append("HTTP/1.1 200 OK\r\ndate: ").append(date);
    // x-accel-buffering: nginx would otherwise hold events back until its buffer is full.
    out.append(
        "\r\ncontent-type: text/event-stream\r\ncache-control: no-store\r\n"
        "x-accel-buffering: no\r\nx-content-type-options: nosniff\r\nconnection: close\r\n\r\n");
}

}  // namespace signalbox::http
