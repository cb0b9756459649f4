// An HTTP client that remembers what it was asked and answers from a list. Thread-safe.
//   ScriptedHttp http{reply(429, {{"retry-after", "30"}}), reply(200, R"({"id":"1"})"),
//   Error{ErrorKind::Uncertain}};
#pragma once

#include <deque>
#include <initializer_list>
#include <mutex>
#include <vector>

#include "connectors/sdk/http_client.h"

namespace signalbox {

inline HttpResponse reply(int status, std::string body = {}) {
    return jsonResponse(status, std::move(body));
}
inline HttpResponse reply(int status, Headers headers, std::string body = {}) {
    return {status, std::move(headers), std::move(body)};
}

class ScriptedHttp : public HttpClient {
public:
    ScriptedHttp() = default;
    ScriptedHttp(std::initializer_list<Result<HttpResponse>> answers) : answers_(answers) {}

    void willAnswer(Result<HttpResponse> answer) {
        std::lock_guard lock(mutex_);
        answers_.push_back(std::move(answer));
    }

    // With no answer left: Rejected, code "script_is_over", which no provider says.
    Result<HttpResponse> send(const HttpRequest& request, const HttpOptions& options,
                              const std::stop_token&) override {
        std::lock_guard lock(mutex_);
        requests_.push_back(request);
        options_.push_back(options);
        if (answers_.empty())
            return Error{ErrorKind::Rejected, "scripted http: no answer left", {}, "script_is_over"};
        auto answer = std::move(answers_.front());
        answers_.pop_front();
        return answer;
    }

    std::vector<HttpRequest> requests() const {
        std::lock_guard lock(mutex_);
        return requests_;
    }
    std::vector<HttpOptions> options() const {
        std::lock_guard lock(mutex_);
        return options_;
    }
    std::size_t answersLeft() const {
        std::lock_guard lock(mutex_);
        return answers_.size();
    }

private:
    mutable std::mutex mutex_;
    std::deque<Result<HttpResponse>> answers_;
    std::vector<HttpRequest> requests_;
    std::vector<HttpOptions> options_;
};

}  // namespace signalbox
