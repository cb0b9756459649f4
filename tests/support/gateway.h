// A signalbox in a folder of its own: configuration, token, the real daemon, started and killed at will.
#pragma once

#include <fstream>
#include <memory>
#include <thread>

#include "base/crypto.h"
#include "tests/support/daemon_process.h"
#include "tests/support/http_call.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_database.h"

namespace signalbox {

inline const std::string kAppSecret = "test-app-secret", kVerifyToken = "test-verify-token";

class Gateway {
public:
    // `accounts`: the YAML list items, each line indented by two.
    explicit Gateway(const std::string& accounts, const std::string& database = "")
        : database_(database.empty() ? newDatabaseUrl(dir_) : database) {
        std::ofstream out(config());
        out << "database:\n  url: " << database_ << "\n";
        out << "accounts:\n" << accounts;
        out.close();
        token_ = runProgram({builtProgram("signalboxd"), "token", "create", "--config", config(), "--data",
                             data(), "--role", "admin"});
        while (!token_.empty() && token_.back() == '\n') token_.pop_back();
    }

    void start() { daemon_ = std::make_unique<DaemonProcess>(config(), data()); }
    void kill9() {
        daemon_->kill9();
        daemon_.reset();
    }
    int stop() {
        const int code = daemon_->stop();
        daemon_.reset();
        return code;
    }
    int port() const { return daemon_->port(); }
    DaemonProcess& daemon() { return *daemon_; }
    const std::string& token() const { return token_; }
    std::string config() const { return dir_.file("signalbox.yaml"); }
    std::string data() const { return dir_.path(); }
    const std::string& database() const { return database_; }
    HttpCall call() const { return HttpCall(port(), token_); }

    // Puts and publishes a React Flow export; throws with the findings when it is refused.
    void publish(const std::string& name, const std::string& graph) {
        HttpCall http(port(), token_);
        const auto put = http.put("/api/v1/workflows/" + name + "/draft", graph);
        const auto published = http.post("/api/v1/workflows/" + name + "/publish", Json::object());
        if (put.status >= 300 || published.status >= 300) throw std::runtime_error(put.body + published.body);
    }

    // Asks until `is_true`; false after `timeout`.
    template <class Condition>
    bool eventually(Condition is_true, std::chrono::milliseconds timeout = std::chrono::seconds(30)) {
        const auto until = std::chrono::steady_clock::now() + timeout;
        while (!is_true()) {
            if (std::chrono::steady_clock::now() > until) return false;
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        return true;
    }

private:
    TempDir dir_;
    const std::string database_;
    std::string token_;
    std::unique_ptr<DaemonProcess> daemon_;
};

// A WhatsApp text callback as the provider would send it, signed with kAppSecret.
inline HttpRequest whatsappText(const std::string& account, const std::string& from, const std::string& id,
                                const std::string& text) {
    const Json body = {
        {"object", "whatsapp_business_account"},
        {"entry",
         {{{"id", "waba-1"},
           {"changes",
            {{{"field", "messages"},
              {"value",
               {{"messaging_product", "whatsapp"},
                {"metadata", {{"display_phone_number", "15550001111"}, {"phone_number_id", "1001"}}},
                {"contacts", {{{"profile", {{"name", "Test Person"}}}, {"wa_id", from}}}},
                {"messages",
                 {{{"from", from},
                   {"id", id},
                   {"timestamp", std::to_string(std::time(nullptr))},
                   {"type", "text"},
                   {"text", {{"body", text}}}}}}}}}}}}}}};
    const std::string bytes = dumpJson(body);
    return {"POST",
            "/hooks/" + account,
            {{"content-type", "application/json"},
             {"x-hub-signature-256", "sha256=" + toHex(hmac(HashAlgorithm::Sha256, kAppSecret, bytes))}},
            bytes,
            ""};
}

}  // namespace signalbox
