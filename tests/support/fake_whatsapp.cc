#include "tests/support/fake_whatsapp.h"

#include "base/crypto.h"
#include "tests/support/fake_whatsapp_rules.h"
#include "tests/support/http_call.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

constexpr const char* kFilePath = "/_file/";

// http://127.0.0.1:8080/hooks/wa → 8080 and /hooks/wa.
std::pair<int, std::string> splitLoopback(const std::string& url) {
    const auto colon = url.rfind(':');
    const auto slash = url.find('/', colon);
    return {std::stoi(url.substr(colon + 1, slash - colon - 1)), url.substr(slash)};
}

}  // namespace

FakeWhatsapp::FakeWhatsapp(Settings settings, const Clock& clock)
    : settings_(std::move(settings)),
      clock_(clock),
      server_([this](LoopbackServer::Peer& peer) { serve(peer); }) {
    if (!settings_.callback_url.empty()) callbacks_ = std::thread([this] { callBack(); });
}

FakeWhatsapp::~FakeWhatsapp() {
    to_call_back_.close();
    if (callbacks_.joinable()) callbacks_.join();
}

std::vector<FakeWhatsapp::Sent> FakeWhatsapp::messages() const {
    std::lock_guard lock(mutex_);
    return messages_;
}

std::vector<Json> FakeWhatsapp::marks() const {
    std::lock_guard lock(mutex_);
    return marks_;
}

bool FakeWhatsapp::waitForMessages(std::size_t count) const {
    std::unique_lock lock(mutex_);
    return took_.wait_for(lock, 30s, [&] { return messages_.size() >= count; });
}

void FakeWhatsapp::refuseNext(int status, int code, const std::string& message) {
    refuseNext(metaError({status, code, message}));
}

void FakeWhatsapp::refuseNext(HttpResponse response) {
    std::lock_guard lock(mutex_);
    tricks_.push_back({Manner::Refuse, std::move(response)});
}

void FakeWhatsapp::swallowNext() {
    std::lock_guard lock(mutex_);
    tricks_.push_back({Manner::Swallow, {}});
}

void FakeWhatsapp::hangNext() {
    std::lock_guard lock(mutex_);
    tricks_.push_back({Manner::Hang, {}});
}

std::string FakeWhatsapp::addMedia(const std::string& bytes, const std::string& mime) {
    std::lock_guard lock(mutex_);
    std::string id = std::to_string(900'000 + media_.size());
    media_[id] = {bytes, mime};
    return id;
}

void FakeWhatsapp::expireNextUrl() {
    std::lock_guard lock(mutex_);
    is_next_url_stale_ = true;
}

void FakeWhatsapp::serve(LoopbackServer::Peer& peer) {
    for (auto bytes = peer.readRequest(); !bytes.empty(); bytes = peer.readRequest()) {
        const HttpRequest request = parseRequest(bytes);
        const auto trick = nextTrick(request);
        if (trick && trick->manner == Manner::Refuse) {
            peer.write(toBytes(trick->response));
            continue;
        }
        const HttpResponse response = answer(request);
        if (trick && trick->manner == Manner::Swallow) return;
        if (!trick) peer.write(toBytes(response));
    }
}

std::optional<FakeWhatsapp::Trick> FakeWhatsapp::nextTrick(const HttpRequest& request) {
    std::lock_guard lock(mutex_);
    if (request.method != "POST" || tricks_.empty()) return std::nullopt;
    Trick trick = std::move(tricks_.front());
    tricks_.pop_front();
    return trick;
}

HttpResponse FakeWhatsapp::answer(const HttpRequest& request) {
    if (request.headers.get("authorization") != "Bearer " + settings_.access_token)
        return metaError({401, 190, "Invalid OAuth access token - Cannot parse access token"});
    const std::string path(request.path());
    if (path.starts_with(kFilePath)) return download(path.substr(std::string_view(kFilePath).size()));
    const std::string root = '/' + settings_.api_version + '/';
    if (!path.starts_with(root)) return metaError({400, 2635, "Unknown API version"});
    const std::string node = path.substr(root.size());
    if (request.method == "GET") return lookUp(node);
    const auto body = parseJson(request.body);
    const bool is_send = request.method == "POST" && node == settings_.phone_number_id + "/messages";
    if (!is_send) return metaError({400, 100, "Unsupported post request"});
    if (!body) return metaError({400, 100, "(#100) The parameter messaging_product is required."});
    return take(*body);
}

HttpResponse FakeWhatsapp::take(const Json& body) {
    if (const auto fault = faultOf(body)) return metaError(*fault);
    std::unique_lock lock(mutex_);
    if (body.contains("status")) {
        marks_.push_back(body);
        return jsonResponse(200, R"({"success":true})");
    }
    const Sent sent{"wamid.fake." + std::to_string(++last_id_), body};
    messages_.push_back(sent);
    took_.notify_all();
    lock.unlock();
    if (callbacks_.joinable()) to_call_back_.tryPush(Sent(sent));
    Json contact = {{"input", textAt(body, "to", textAt(body, "recipient"))}};
    contact[body.contains("to") ? "wa_id" : "user_id"] = contact["input"];
    return jsonResponse(
        200, dumpJson({{"messaging_product", "whatsapp"},
                       {"contacts", Json::array({contact})},
                       {"messages", Json::array({{{"id", sent.id}, {"message_status", "accepted"}}})}}));
}

HttpResponse FakeWhatsapp::lookUp(const std::string& node) {
    std::lock_guard lock(mutex_);
    if (node == settings_.phone_number_id)
        return jsonResponse(200, dumpJson({{"id", node},
                                           {"display_phone_number", "+1 555-000-1111"},
                                           {"quality_rating", "GREEN"}}));
    const auto it = media_.find(node);
    if (it == media_.end()) return metaError({400, 100, "Unsupported get request. Object does not exist"});
    const std::string token = "t" + std::to_string(++last_id_);
    if (!is_next_url_stale_) urls_[token] = node;
    is_next_url_stale_ = false;
    return jsonResponse(200, dumpJson({{"messaging_product", "whatsapp"},
                                       {"url", server_.url(kFilePath + token)},
                                       {"mime_type", it->second.mime},
                                       {"sha256", toHex(hash(HashAlgorithm::Sha256, it->second.bytes))},
                                       {"file_size", it->second.bytes.size()},
                                       {"id", node}}));
}

HttpResponse FakeWhatsapp::download(const std::string& token) {
    std::lock_guard lock(mutex_);
    const auto it = urls_.find(token);
    if (it == urls_.end()) return {404, {}, "expired"};
    const File& file = media_.at(it->second);
    return {200, {{"Content-Type", file.mime}}, file.bytes};
}

HttpRequest FakeWhatsapp::statusCallback(const Sent& sent, const std::string& status, int code) const {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(clock_.now()).time_since_epoch().count();
    Json element = {{"id", sent.id},
                    {"status", status},
                    {"timestamp", std::to_string(seconds)},
                    {"recipient_id", textAt(sent.body, "to", textAt(sent.body, "recipient"))}};
    if (sent.body.contains("biz_opaque_callback_data"))
        element["biz_opaque_callback_data"] = sent.body["biz_opaque_callback_data"];
    if (code != 0) element["errors"] = Json::array({{{"code", code}, {"title", "failed in the fake"}}});
    return signedPost({{"statuses", Json::array({element})}});
}

HttpRequest FakeWhatsapp::inbound(Json messages, Json contacts) const {
    return signedPost({{"contacts", std::move(contacts)}, {"messages", std::move(messages)}});
}

HttpRequest FakeWhatsapp::inboundText(const std::string& wa_id, const std::string& id,
                                      const std::string& text) const {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(clock_.now()).time_since_epoch().count();
    const Json message = {{"from", wa_id},
                          {"id", id},
                          {"timestamp", std::to_string(seconds)},
                          {"type", "text"},
                          {"text", {{"body", text}}}};
    return inbound(Json::array({message}),
                   Json::array({{{"wa_id", wa_id}, {"profile", {{"name", "Person " + wa_id}}}}}));
}

HttpRequest FakeWhatsapp::signedPost(const Json& parts) const {
    Json value = {
        {"messaging_product", "whatsapp"},
        {"metadata",
         {{"display_phone_number", "15550001111"}, {"phone_number_id", settings_.phone_number_id}}}};
    value.update(parts);
    const Json change = {{"field", "messages"}, {"value", value}};
    const std::string body =
        dumpJson({{"object", "whatsapp_business_account"},
                  {"entry", Json::array({{{"id", "waba-1"}, {"changes", Json::array({change})}}})}});
    const std::string path =
        settings_.callback_url.empty() ? "/" : splitLoopback(settings_.callback_url).second;
    return {
        "POST",
        path,
        {{"Content-Type", "application/json"},
         {"X-Hub-Signature-256", "sha256=" + toHex(hmac(HashAlgorithm::Sha256, settings_.app_secret, body))}},
        body};
}

void FakeWhatsapp::callBack() {
    HttpCall caller(splitLoopback(settings_.callback_url).first);
    while (const auto sent = to_call_back_.pop()) {
        for (const char* status : {"sent", "delivered", "read"}) caller.send(statusCallback(*sent, status));
    }
}

}  // namespace signalbox
