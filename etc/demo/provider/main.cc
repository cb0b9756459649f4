// The provider of the demo: as much of the WhatsApp Cloud API as a conversation needs, on the loopback. It
// takes messages, shows them, and calls back with «sent», «delivered» and «read», signed like the real one.
// usage: signalbox-demo-provider PORT_FILE HOOK_URL APP_SECRET
#include <httplib.h>

#include <atomic>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <thread>

#include "base/bounded_queue.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/json.h"

using namespace signalbox;
using namespace std::chrono_literals;

namespace {

struct Taken {
    std::string id, to, reference;
};

std::string statusBody(const Taken& message, const char* state) {
    const auto now =
        std::chrono::duration_cast<std::chrono::seconds>(SystemClock{}.now().time_since_epoch()).count();
    Json status = {{"id", message.id},
                   {"status", state},
                   {"timestamp", std::to_string(now)},
                   {"recipient_id", message.to}};
    if (!message.reference.empty()) status["biz_opaque_callback_data"] = message.reference;
    const Json value = {
        {"messaging_product", "whatsapp"},
        {"metadata", {{"display_phone_number", "15550001111"}, {"phone_number_id", "100000000000001"}}},
        {"statuses", Json::array({status})}};
    const Json change = {{"field", "messages"}, {"value", value}};
    return dumpJson({{"object", "whatsapp_business_account"},
                     {"entry", Json::array({{{"id", "demo"}, {"changes", Json::array({change})}}})}});
}

void callBack(const std::string& hook_url, const std::string& secret, const Taken& message) {
    const auto path_at = hook_url.find('/', hook_url.find("//") + 2);
    httplib::Client daemon(hook_url.substr(0, path_at));
    for (const char* state : {"sent", "delivered", "read"}) {
        std::this_thread::sleep_for(300ms);
        const std::string body = statusBody(message, state);
        const httplib::Headers headers = {
            {"x-hub-signature-256", "sha256=" + toHex(hmac(HashAlgorithm::Sha256, secret, body))}};
        daemon.Post(hook_url.substr(path_at), headers, body, "application/json");
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) {
        std::cerr << "usage: signalbox-demo-provider PORT_FILE HOOK_URL APP_SECRET\n";
        return 64;
    }
    const std::string hook_url = argv[2], secret = argv[3];
    BoundedQueue<Taken> taken(1'000);
    std::thread caller([&] {
        while (const auto message = taken.pop()) callBack(hook_url, secret, *message);
    });
    std::atomic<int> count{0};
    httplib::Server server;
    server.Post("/.*/messages", [&](const httplib::Request& request, httplib::Response& response) {
        const auto body = parseJson(request.body);
        if (!body || request.get_header_value("authorization").rfind("Bearer ", 0) != 0) {
            response.status = 401;
            response.set_content(R"({"error":{"message":"no token","type":"OAuthException","code":190}})",
                                 "application/json");
            return;
        }
        const std::string id = "wamid.demo." + std::to_string(++count);
        const std::string to = textAt(*body, "to", textAt(*body, "recipient"));
        std::cout << "[provider] to " << to << ": "
                  << textAt(memberAt(*body, "text"), "body", "(" + textAt(*body, "type") + ")") << std::endl;
        taken.tryPush({id, to, textAt(*body, "biz_opaque_callback_data")});
        response.set_content(
            dumpJson({{"messaging_product", "whatsapp"}, {"messages", Json::array({{{"id", id}}})}}),
            "application/json");
    });
    server.Get("/.*", [](const httplib::Request&, httplib::Response& response) {
        response.set_content(R"({"id":"100000000000001","display_phone_number":"+1 555-000-1111"})",
                             "application/json");
    });
    const int port = server.bind_to_any_port("127.0.0.1");
    std::ofstream(argv[1]) << port << std::endl;
    server.listen_after_bind();
    taken.close();
    caller.join();
}
