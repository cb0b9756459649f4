// A plain blocking HTTP/1.1 client for tests: one keep-alive connection to a loopback port. One thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/http_message.h"
#include "base/json.h"

namespace signalbox {

class HttpCall {
public:
    explicit HttpCall(int port, std::string token = "") : port_(port), token_(std::move(token)) {}
    ~HttpCall() { disconnect(); }
    HttpCall(const HttpCall&) = delete;
    HttpCall& operator=(const HttpCall&) = delete;

    // Nothing when the connection broke before a whole answer was there.
    std::optional<HttpResponse> send(HttpRequest request);
    // The same for calls that must be answered; throws std::runtime_error when they are not.
    HttpResponse get(const std::string& target);
    HttpResponse post(const std::string& target, const Json& body, Headers headers = {});
    HttpResponse put(const std::string& target, const std::string& body);
    // The body of a GET that must be 200.
    Json json(const std::string& target);

private:
    bool connect();
    void disconnect();
    std::optional<HttpResponse> readResponse();

    const int port_;
    const std::string token_;
    int socket_ = -1;
    std::string buffer_;
};

}  // namespace signalbox
