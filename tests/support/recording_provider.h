// For the crash tests: a provider on loopback that counts what it is sent under each key, accounts that use
// it, a workflow that sends through both of them, and the load that goes on until the daemon is gone.
// Thread-safe.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>

#include "tests/support/gateway.h"
#include "tests/support/loopback_server.h"

namespace signalbox {

// Counts what it is sent under each key; answers like the Graph API and like any other JSON API.
class RecordingProvider {
public:
    RecordingProvider() : server_([this](LoopbackServer::Peer& peer) { serve(peer); }) {}
    std::string url() const { return server_.url(""); }
    std::map<std::string, int> sends() const { return copy(sends_); }
    std::map<std::string, int> requests() const { return copy(requests_); }

private:
    void serve(LoopbackServer::Peer& peer) {
        for (std::string request = peer.readRequest(); !request.empty(); request = peer.readRequest()) {
            const auto body = parseJson(request.substr(request.find("\r\n\r\n") + 4));
            const std::string key = body ? textAt(*body, "biz_opaque_callback_data") : "";
            std::string answer = R"({"ok":true})";
            {
                std::lock_guard lock(mutex_);
                if (key.empty()) ++requests_[headerOf(request, "idempotency-key")];
                if (!key.empty()) ++sends_[key];
                if (!key.empty()) answer = R"({"messages":[{"id":"wamid.sent.)" + key + R"("}]})";
            }
            if (!peer.write(okResponse(answer))) return;
        }
    }
    static std::string headerOf(const std::string& request, const std::string& name) {
        std::string lower = request;
        for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        const auto at = lower.find("\r\n" + name + ":");
        if (at == std::string::npos) return "";
        const auto from = request.find_first_not_of(' ', at + name.size() + 3);
        return request.substr(from, request.find("\r\n", from) - from);
    }
    std::map<std::string, int> copy(const std::map<std::string, int>& counts) const {
        std::lock_guard lock(mutex_);
        return counts;
    }

    mutable std::mutex mutex_;
    std::map<std::string, int> sends_, requests_;
    LoopbackServer server_;
};

inline std::string accountsOf(const RecordingProvider& provider) {
    return "  - {name: wa, type: whatsapp_cloud, app_secret: " + kAppSecret +
           ", verify_token: " + kVerifyToken +
           ", phone_number_id: '1001', access_token: test-access-token, base_url: '" + provider.url() +
           "'}\n"
           "  - {name: out, type: http, base_url: '" +
           provider.url() + "', idempotent: true, allow_networks: ['127.0.0.0/8']}\n";
}

// Half of the texts are answered on WhatsApp, the others told to another system.
inline constexpr const char* kAnsweringGraph = R"({
 "nodes": [
  {"id": "in", "type": "trigger.message", "position": {"x": 0, "y": 0}, "data": {"account": "wa"}},
  {"id": "think", "type": "lua", "position": {"x": 1, "y": 0},
   "data": {"source": "function run(item) return {answer = 'you said ' .. item.message.text} end"}},
  {"id": "which", "type": "if", "position": {"x": 2, "y": 0}, "data": {"condition": "trigger.message.text contains 'tell'"}},
  {"id": "answer", "type": "send_message", "position": {"x": 3, "y": 0},
   "data": {"type": "text", "text": "{{ nodes.think.output.answer }}"}},
  {"id": "tell", "type": "http_request", "position": {"x": 3, "y": 1},
   "data": {"account": "out", "method": "POST", "url": "/told", "body": {"text": "{{ trigger.message.text }}"}}}
 ],
 "edges": [
  {"id": "e1", "source": "in", "target": "think"},
  {"id": "e2", "source": "think", "target": "which"},
  {"id": "e3", "source": "which", "sourceHandle": "false", "target": "answer"},
  {"id": "e4", "source": "which", "sourceHandle": "true", "target": "tell"}
 ], "viewport": {"x": 0, "y": 0, "zoom": 1}})";

// Posts until the daemon is gone; every fifth callback is sent twice. What was answered 200 is noted.
inline void postUntilGone(int port, int thread, int round, std::set<std::string>& acknowledged,
                          std::mutex& mutex) {
    HttpCall http(port);
    for (int i = 0;; ++i) {
        const std::string id =
            "wamid." + std::to_string(round) + "." + std::to_string(thread) + "." + std::to_string(i);
        const std::string text = (i % 2 == 0 ? "hello " : "tell ") + id;
        const std::string from = "49170" + std::to_string(1'000'000 + (i * 7 + thread) % 50);
        const HttpRequest request = whatsappText("wa", from, id, text);
        for (int repetition = 0; repetition < (i % 5 == 0 ? 2 : 1); ++repetition) {
            const auto response = http.send(request);
            if (!response) return;
            if (response->status != 200) continue;
            std::lock_guard lock(mutex);
            acknowledged.insert(id);
        }
    }
}

inline Json allItems(HttpCall& http, const std::string& target) {
    Json items = Json::array();
    for (Json next = ""; !next.is_null();) {
        const std::string cursor = next.get<std::string>();
        const Json page = http.json(target + "&limit=200" + (cursor.empty() ? "" : "&cursor=" + cursor));
        for (const Json& item : page["items"]) items.push_back(item);
        next = page["next"];
    }
    return items;
}

inline bool isQuiet(HttpCall& http) {
    const Json status = http.json("/api/v1/status");
    return status["log"]["consumers"][0]["behind"] == 0 && status["counts"]["outbox_pending"] == 0 &&
           http.json("/api/v1/runs?status=running&limit=1")["items"].empty() &&
           http.json("/api/v1/runs?status=waiting&limit=1")["items"].empty();
}

}  // namespace signalbox
