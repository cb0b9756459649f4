// A signalboxd that says what a test wants, on a free port, and remembers what it was asked.
#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/http_message.h"
#include "base/json.h"
#include "tests/support/loopback_server.h"

namespace signalbox {

class FakeDaemon {
public:
    FakeDaemon() : server_([this](LoopbackServer::Peer& peer) { serve(peer); }) {}

    std::string url() const { return server_.url(""); }

    // The answers to a call ("GET /api/v1/runs", without query), one after the other; the last one stays.
    void answer(const std::string& call, int status, const std::string& body) {
        std::lock_guard lock(mutex_);
        answers_[call].push_back("HTTP/1.1 " + std::to_string(status) +
                                 " X\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    }
    void answer(const std::string& call, const Json& body) { answer(call, 200, dumpJson(body)); }
    // Bytes as they are, after which the connection is closed.
    void answerRaw(const std::string& call, const std::string& bytes) {
        std::lock_guard lock(mutex_);
        answers_[call].push_back('!' + bytes);
    }

    std::vector<HttpRequest> requests() const {
        std::lock_guard lock(mutex_);
        return requests_;
    }
    HttpRequest last() const { return requests().back(); }

private:
    static HttpRequest parse(const std::string& text) {
        HttpRequest request;
        const auto head_end = text.find("\r\n\r\n");
        request.body = text.substr(head_end + 4);
        std::size_t at = text.find("\r\n");
        const std::string line = text.substr(0, at);
        request.method = line.substr(0, line.find(' '));
        request.target = line.substr(line.find(' ') + 1, line.rfind(' ') - line.find(' ') - 1);
        while (at < head_end) {
            const auto end = text.find("\r\n", at + 2);
            const std::string field = text.substr(at + 2, end - at - 2);
            request.headers.add(field.substr(0, field.find(':')), field.substr(field.find(':') + 2));
            at = end;
        }
        return request;
    }

    std::string next(const HttpRequest& request) {
        std::lock_guard lock(mutex_);
        requests_.push_back(request);
        auto& known = answers_[request.method + ' ' + std::string(request.path())];
        if (known.empty()) {
            const std::string body = R"({"status":404,"code":"not_found","detail":"no such path"})";
            return "HTTP/1.1 404 X\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
        }
        std::string bytes = known.front();
        if (known.size() > 1) known.pop_front();
        return bytes;
    }

    void serve(LoopbackServer::Peer& peer) {
        while (true) {
            const std::string text = peer.readRequest();
            if (text.empty()) return;
            const std::string bytes = next(parse(text));
            const bool is_raw = bytes.starts_with('!');
            if (!peer.write(is_raw ? bytes.substr(1) : bytes) || is_raw) return;
        }
    }

    mutable std::mutex mutex_;
    std::map<std::string, std::deque<std::string>> answers_;
    std::vector<HttpRequest> requests_;
    LoopbackServer server_;  // last: it serves as soon as it is there
};

}  // namespace signalbox
