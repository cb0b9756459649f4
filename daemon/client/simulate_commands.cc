#include <cstdlib>

#include "base/crypto.h"
#include "daemon/client/command_groups.h"
#include "daemon/client/session.h"
#include "daemon/client/simulate.h"
#include "daemon/client/token_source.h"
#include "daemon/config/config.h"

namespace signalbox::client {
namespace {

// The account's keys: from the configuration, or none when there is no --config (then the options must do).
struct SimulatedAccount {
    std::string name;
    Json config = Json::object();
};

Result<SimulatedAccount> findAccount(const Values& values, const std::string& type) {
    const std::string wanted = values.text("--account");
    const char* from_environment = std::getenv("SIGNALBOX_CONFIG");
    const std::string file = values.text("--config", from_environment == nullptr ? "" : from_environment);
    if (file.empty() && (wanted.empty() || !values.has("--secret")))
        return usageError("give --config FILE (or SIGNALBOX_CONFIG), or --account and --secret");
    if (file.empty()) return SimulatedAccount{wanted};
    const auto config = config::loadConfig(file, config::installedSchemas());
    if (!config) return usageError(config.error().message);
    std::vector<const config::AccountConfig*> found;
    for (const auto& account : config->accounts) {
        if (account.type == type && (wanted.empty() || account.name == wanted)) found.push_back(&account);
    }
    if (found.empty())
        return usageError(file + ": no account of type " + type +
                          (wanted.empty() ? "" : " is called " + wanted));
    if (found.size() > 1)
        return usageError(file + " has several accounts of type " + type + "; say which with --account");
    return SimulatedAccount{found[0]->name, found[0]->connector};
}

// An option, else the account's key, else what will do.
std::string setting(const Values& values, const char* option, const Json& config, const char* key,
                    const std::string& fallback) {
    if (values.has(option)) return values.text(option);
    const std::string configured = textAt(config, key);
    return configured.empty() ? fallback : configured;
}

void printRequest(Session& session, const HttpRequest& request) {
    session.out() << request.method << ' ' << request.target << '\n';
    for (const auto& [name, value] : request.headers) session.out() << name << ": " << value << '\n';
    session.out() << '\n' << request.body << '\n';
}

Result<Exit> post(Session& session, const Values& values, const HttpRequest& request, const std::string& id) {
    if (values.has("--print")) {
        printRequest(session, request);
        return Exit::Done;
    }
    const auto response = session.api.sendPlain(request);
    if (!response) return response.error();
    const bool is_taken = response->status / 100 == 2;
    session.print(Json{{"status", response->status}, {"body", response->body}, {"id", id}}, [&] {
        return std::to_string(response->status) + (is_taken ? " taken  " : " refused  ") + id +
               (response->body.empty() ? "" : "  " + response->body) + '\n';
    });
    return is_taken ? Exit::Done : Exit::Refused;
}

Result<Scene> sceneOf(Session& session, const Values& values, const std::string& account) {
    Scene scene;
    scene.account = account;
    scene.status = values.text("--status");
    scene.kind =
        values.text("--kind", scene.status.empty() ? values.has("--media") ? "image" : "text" : "status");
    scene.from = values.text("--from");
    scene.name = values.text("--name", "Simulated Person");
    scene.text = values.text("--text", scene.kind == "text" ? "Hello" : "");
    scene.message_id = values.text("--id");
    scene.media = values.text("--media");
    scene.now = session.clock.now();
    if (scene.kind == "status" && scene.message_id.empty())
        return usageError("a status is about a message of ours: --id with its external_id");
    if (scene.kind == "status" && scene.status.empty()) scene.status = "delivered";
    return scene;
}

Result<Exit> whatsapp(Session& session, const Values& values) {
    const auto account = findAccount(values, "whatsapp_cloud");
    if (!account) return account.error();
    auto scene = sceneOf(session, values, account->name);
    if (!scene) return scene.error();
    if (scene->message_id.empty()) scene->message_id = "wamid." + toBase64(randomBytes(33));
    if (scene->media.empty()) scene->media = "1037543291543636";
    const WhatsappSender sender{
        Secret(setting(values, "--secret", account->config, "app_secret", "")),
        setting(values, "--phone-number-id", account->config, "phone_number_id", "100000000000001")};
    return post(session, values, simulateWhatsapp(*scene, sender), scene->message_id);
}

Result<Exit> twilio(Session& session, const Values& values) {
    const auto account = findAccount(values, "twilio");
    if (!account) return account.error();
    auto scene = sceneOf(session, values, account->name);
    if (!scene) return scene.error();
    if (scene->message_id.empty())
        scene->message_id = (scene->kind == "image" ? "MM" : "SM") + toHex(randomBytes(16));
    if (scene->media.empty()) scene->media = "https://api.twilio.com/media/simulated";
    const TwilioSender sender{Secret(setting(values, "--secret", account->config, "auth_token", "")),
                              setting(values, "--account-sid", account->config, "account_sid",
                                      "AC00000000000000000000000000000000"),
                              setting(values, "--public-url", account->config, "public_url",
                                      session.api.url() + "/hooks/" + account->name),
                              setting(values, "--to", account->config, "from", "+15550001111")};
    return post(session, values, simulateTwilio(*scene, sender), scene->message_id);
}

Result<Exit> webhook(Session& session, const Values& values) {
    const auto account = findAccount(values, "webhook");
    if (!account) return account.error();
    WebhookScene scene;
    scene.account = account->name;
    scene.body = values.text("--body", R"({"type":"simulated","data":{}})");
    if (scene.body.starts_with('@')) {
        auto content = readInput(scene.body.substr(1));
        if (!content) return content.error();
        scene.body = *std::move(content);
    }
    scene.content_type = values.text("--content-type", "application/json");
    scene.delivery_id = values.text("--id", "msg_" + toHex(randomBytes(12)));
    scene.now = session.clock.now();
    for (const std::string& header : values.all("--header")) {
        const auto colon = header.find(':');
        if (colon == std::string::npos) return usageError("--header: write NAME: VALUE");
        const auto begin = std::min(header.find_first_not_of(' ', colon + 1), header.size());
        scene.headers.add(header.substr(0, colon), header.substr(begin));
    }
    Json verifier = memberAt(account->config, "verifier");
    if (verifier.is_null()) verifier = {{"kind", "standard_webhooks"}, {"tolerance_s", 300}};
    if (values.has("--secret")) verifier["secret"] = values.text("--secret");
    const auto request = simulateWebhook(scene, verifier);
    if (!request) return usageError(request.error().message);
    return post(session, values, *request, scene.delivery_id);
}

std::vector<Option> commonOptions() {
    return {{"--account", "NAME", "Which account is called; left out: the only one of its type in --config"},
            {"--config", "FILE", "The daemon's configuration, for secret and keys [SIGNALBOX_CONFIG]"},
            {"--secret", "SECRET", "What the provider signs with, instead of the one in --config"},
            {"--id", "ID", "The provider's id of it; the same twice is the same happening"},
            {"--print", "", "Print the request instead of sending it"}};
}

std::vector<Option> messageOptions(std::vector<Option> own) {
    std::vector<Option> options = {
        {"--from", "NUMBER", "Who writes; of a status: who got our message", true},
        {"--text", "TEXT", "What they write; the caption of an image"},
        {"--kind",
         "KIND",
         "What happens; from the other options when left out",
         false,
         false,
         {"text", "image", "status"}},
        {"--status", "STATUS", "sent, delivered, read, failed: of our message --id"},
        {"--name", "NAME", "The person's name"}};
    for (const Option& option : commonOptions()) options.push_back(option);
    for (Option& option : own) options.push_back(std::move(option));
    return options;
}

}  // namespace

std::vector<Command> simulateCommands() {
    std::vector<Option> webhook_options = {
        {"--body", "TEXT", "The body, or @FILE"},
        {"--content-type", "TYPE", "Its type, application/json unless given"},
        {"--header", "HEADER", "NAME: VALUE, sent as well; may be given several times", false, true}};
    for (const Option& option : commonOptions()) webhook_options.push_back(option);
    return {{{"simulate", "whatsapp"},
             "Post what WhatsApp would post, signed with the account's app_secret",
             messageOptions(
                 {{"--media", "ID", "Id of the image"}, {"--phone-number-id", "ID", "Our number's id"}}),
             {"signalbox simulate whatsapp --config etc/demo/signalbox.yaml --from +4915112345678 --text "
              "\"How much is a room?\"",
              "signalbox simulate whatsapp --account wa --secret S --from +4915112345678 --status read --id "
              "wamid.HBgN…"},
             whatsapp},
            {{"simulate", "twilio"},
             "Post what Twilio would post, signed with the account's auth_token",
             messageOptions({{"--to", "NUMBER", "Our number"},
                             {"--media", "URL", "Where the image is"},
                             {"--public-url", "URL", "The URL that is signed, as it stands at Twilio"},
                             {"--account-sid", "SID", "The account's SID"}}),
             {"signalbox simulate twilio --config signalbox.yaml --from +4915112345678 --text Hello"},
             twilio},
            {{"simulate", "webhook"},
             "Post a webhook, signed as the account's verifier asks",
             webhook_options,
             {"signalbox simulate webhook --config signalbox.yaml --account shop --body @order.json",
              "signalbox simulate webhook --account shop --secret whsec_c2VjcmV0 --body '{\"type\": "
              "\"order.paid\"}'"},
             webhook}};
}

}  // namespace signalbox::client
