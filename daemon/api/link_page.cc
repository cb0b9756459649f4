#include "daemon/api/link_page.h"

#include "base/html_text.h"

namespace signalbox::api {

HttpResponse linkPage(int status, const std::string& title, const std::string& body) {
    HttpResponse response;
    response.status = status;
    response.headers = {
        {"content-type", "text/html; charset=utf-8"},
        {"cache-control", "no-store"},
        {"referrer-policy", "no-referrer"},
        {"content-security-policy",
         "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"}};
    response.body =
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" "
        "content=\"width=device-width\"><title>" +
        escapeHtml(title) +
        "</title><style>body{font:16px sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem}"
        "pre{white-space:pre-wrap;font:inherit}textarea{width:100%}button{font:inherit;padding:.5rem "
        "1.5rem}</style><h1>" +
        escapeHtml(title) + "</h1>" + body + "</html>\n";
    return response;
}

}  // namespace signalbox::api
