#include "tests/support/fake_twilio.h"

#include <algorithm>
#include <set>

#include "base/crypto.h"
#include "base/json.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMaxBody = 1600;

std::string response(int status, const Headers& headers, const std::string& body) {
    std::string out =
        "HTTP/1.1 " + std::to_string(status) + " Fake\r\nContent-Length: " + std::to_string(body.size());
    for (const auto& [name, value] : headers) out.append("\r\n").append(name).append(": ").append(value);
    return out + "\r\n\r\n" + body;
}

std::string jsonAnswer(int status, const Json& body, Headers headers = {}) {
    headers.set("Content-Type", "application/json");
    return response(status, headers, dumpJson(body));
}

std::string refusal(int status, int code, Headers headers = {}) {
    const std::string number = std::to_string(code);
    return jsonAnswer(status,
                      {{"code", code},
                       {"message", "refused by the fake"},
                       {"more_info", "https://www.twilio.com/docs/errors/" + number},
                       {"status", status}},
                      std::move(headers));
}

// The code that Twilio answers with for a form like this; 0: fine.
int faultOf(const FormFields& form) {
    const auto has = [&](const char* name) { return !findField(form, name).value_or("").empty(); };
    if (!has("To")) return 21604;
    if (has("From") == has("MessagingServiceSid")) return 21603;
    if (!has("Body") && !has("MediaUrl") && !has("ContentSid")) return 21602;
    if (findField(form, "Body").value_or("").size() > kMaxBody) return 21617;
    const std::set<std::string> known = {"To",       "From",       "MessagingServiceSid", "Body",
                                         "MediaUrl", "ContentSid", "ContentVariables",    "StatusCallback"};
    const bool is_known =
        std::all_of(form.begin(), form.end(), [&](const auto& field) { return known.contains(field.first); });
    return is_known ? 0 : 20001;
}

}  // namespace

FakeTwilio::FakeTwilio(std::string account_sid, std::string auth_token)
    : account_sid_(std::move(account_sid)),
      auth_token_(std::move(auth_token)),
      storage_([this](LoopbackServer::Peer& peer) { serveStorage(peer); }),
      server_([this](LoopbackServer::Peer& peer) { serve(peer); }) {}

std::string FakeTwilio::baseUrl() const {
    return server_.url("");
}

std::vector<FakeTwilio::Sent> FakeTwilio::messages() const {
    std::lock_guard lock(mutex_);
    return messages_;
}

bool FakeTwilio::waitForMessages(std::size_t count) const {
    std::unique_lock lock(mutex_);
    return took_.wait_for(lock, 30s, [&] { return messages_.size() >= count; });
}

void FakeTwilio::refuseNext(int status, int code, Headers headers) {
    std::lock_guard lock(mutex_);
    refusals_.push_back({status, code, std::move(headers)});
}

void FakeTwilio::swallowNext() {
    refuseNext(0, 0);
}

std::string FakeTwilio::addMedia(const std::string& bytes, const std::string& mime) {
    std::lock_guard lock(mutex_);
    const std::string path =
        "/2010-04-01/Accounts/" + account_sid_ + "/Messages/MM1/Media/ME" + std::to_string(media_.size());
    media_[path] = {bytes, mime};
    return server_.url(path);
}

void FakeTwilio::serve(LoopbackServer::Peer& peer) {
    for (std::string bytes = peer.readRequest(); !bytes.empty(); bytes = peer.readRequest()) {
        const std::string text = answer(parseRequest(bytes));
        if (text.empty() || !peer.write(text)) return;
    }
}

void FakeTwilio::serveStorage(LoopbackServer::Peer& peer) {
    for (std::string bytes = peer.readRequest(); !bytes.empty(); bytes = peer.readRequest()) {
        const HttpRequest request = parseRequest(bytes);
        std::string text = response(404, {}, "");
        {
            std::lock_guard lock(mutex_);
            const auto it = media_.find(std::string(request.path()));
            if (it != media_.end())
                text = response(200, {{"Content-Type", it->second.second}}, it->second.first);
        }
        // As object stores do when a request carries two kinds of credentials.
        if (request.headers.find("authorization"))
            text = response(400, {}, "only one auth mechanism allowed");
        if (!peer.write(text)) return;
    }
}

std::string FakeTwilio::answer(const HttpRequest& request) {
    const std::string account = "/2010-04-01/Accounts/" + account_sid_;
    if (request.headers.get("authorization") != "Basic " + toBase64(account_sid_ + ':' + auth_token_))
        return refusal(401, 20003);
    if (request.target == account + ".json" && request.method == "GET")
        return jsonAnswer(200, {{"sid", account_sid_}, {"status", "active"}, {"type", "Full"}});
    if (request.target == account + "/Messages.json" && request.method == "POST") {
        if (mediaType(request.headers.get("content-type")) != "application/x-www-form-urlencoded")
            return refusal(400, 21604);
        return takeMessage(parseForm(request.body));
    }
    std::lock_guard lock(mutex_);
    if (media_.contains(request.target))
        return response(307, {{"Location", storage_.url(request.target)}}, "");
    return refusal(404, 20404);
}

std::string FakeTwilio::takeMessage(const FormFields& form) {
    std::lock_guard lock(mutex_);
    Refusal next{201, 0, {}};
    if (!refusals_.empty()) {
        next = refusals_.front();
        refusals_.pop_front();
    }
    if (next.status >= 300) return refusal(next.status, next.code, next.headers);
    if (const int fault = faultOf(form)) return refusal(400, fault);
    const std::string number = std::to_string(messages_.size() + 1);
    messages_.push_back({"SM" + std::string(32 - number.size(), '0') + number, form});
    took_.notify_all();
    if (next.status == 0) return {};
    return jsonAnswer(201, {{"sid", messages_.back().sid},
                            {"account_sid", account_sid_},
                            {"to", findField(form, "To").value_or("")},
                            {"body", findField(form, "Body").value_or("")},
                            {"status", "queued"},
                            {"num_segments", "1"},
                            {"error_code", nullptr},
                            {"error_message", nullptr}});
}

HttpRequest FakeTwilio::signedPost(const std::string& url, const FormFields& form) const {
    FormFields sorted = form;
    std::sort(sorted.begin(), sorted.end());
    std::string text = url;
    for (const auto& [name, value] : sorted) text += name + value;
    HttpRequest request{"POST", url};
    request.headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"},
                       {"X-Twilio-Signature", toBase64(hmac(HashAlgorithm::Sha1, auth_token_, text))},
                       {"User-Agent", "TwilioProxy/1.1"}};
    request.body = formEncode(form);
    return request;
}

HttpRequest FakeTwilio::statusCallback(const Sent& sent, const std::string& status,
                                       const std::string& error_code) const {
    FormFields form = {{"MessageSid", sent.sid},
                       {"SmsSid", sent.sid},
                       {"MessageStatus", status},
                       {"SmsStatus", status},
                       {"AccountSid", account_sid_},
                       {"To", std::string(findField(sent.form, "To").value_or(""))},
                       {"From", std::string(findField(sent.form, "From").value_or(""))},
                       {"ApiVersion", "2010-04-01"}};
    if (!error_code.empty()) form.emplace_back("ErrorCode", error_code);
    return signedPost(std::string(findField(sent.form, "StatusCallback").value_or("")), form);
}

HttpRequest FakeTwilio::inbound(const std::string& url, FormFields form) const {
    const auto setDefault = [&](const char* name, const std::string& value) {
        if (!findField(form, name)) form.emplace_back(name, value);
    };
    setDefault("MessageSid", "SM" + toHex(randomBytes(16)));
    setDefault("AccountSid", account_sid_);
    setDefault("SmsStatus", "received");
    setDefault("NumMedia", "0");
    setDefault("NumSegments", "1");
    setDefault("ApiVersion", "2010-04-01");
    return signedPost(url, form);
}

}  // namespace signalbox
