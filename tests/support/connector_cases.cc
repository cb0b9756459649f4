#include "tests/support/connector_cases.h"

#include <algorithm>
#include <stdexcept>

#include "tests/support/fake_clock.h"
#include "tests/support/json_difference.h"
#include "tests/support/schema_defaults.h"
#include "tests/support/scripted_http.h"
#include "tests/support/webhook_signing.h"
#include "tests/support/yaml_json.h"

namespace signalbox {
namespace {

using Lines = std::vector<std::string>;

Headers headersFrom(const Json& json) {
    Headers headers;
    for (const auto& [name, value] : json.items())
        headers.add(name, value.is_string() ? value.get<std::string>() : dumpJson(value));
    return headers;
}

std::string bodyFrom(const Json& json) {
    if (json.contains("body_json")) return dumpJson(json["body_json"]);
    if (!json.contains("form")) return textAt(json, "body");
    FormFields fields;
    for (const auto& [name, value] : json["form"].items())
        fields.emplace_back(name, value.get<std::string>());
    return formEncode(fields);
}

ErrorKind kindFrom(const std::string& word) {
    for (int i = 0; i <= static_cast<int>(ErrorKind::Uncertain); ++i) {
        if (word == toString(static_cast<ErrorKind>(i))) return static_cast<ErrorKind>(i);
    }
    throw std::runtime_error("no error kind is called \"" + word + '"');
}

Result<HttpResponse> answerFrom(const Json& json) {
    if (json.contains("error")) return Error{kindFrom(textAt(json, "error")), "scripted"};
    HttpResponse response{static_cast<int>(numberAt(json, "status", 200)),
                          headersFrom(memberAt(json, "headers")), bodyFrom(json)};
    if (json.contains("body_json")) response.headers.add("content-type", "application/json");
    return response;
}

Attachment attachmentFrom(const Json& json) {
    Attachment attachment;
    attachment.kind = textAt(json, "kind");
    attachment.media_id = textAt(json, "media_id");
    attachment.url = textAt(json, "url");
    attachment.mime = textAt(json, "mime");
    attachment.filename = textAt(json, "filename");
    attachment.caption = textAt(json, "caption");
    attachment.sha256 = textAt(json, "sha256");
    attachment.is_voice = flagAt(json, "is_voice");
    return attachment;
}

std::optional<TimePoint> timeFrom(const Json& json, const char* key) {
    if (!json.contains(key)) return std::nullopt;
    const auto time = parseRfc3339(textAt(json, key));
    if (!time) throw std::runtime_error(std::string(key) + " is not a time like 2026-01-05T09:00:00Z");
    return time;
}

void add(Lines& lines, Lines more) {
    lines.insert(lines.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

void checkError(const Error& error, const Json& expected, Lines& lines) {
    if (expected.is_null()) {
        lines.push_back(std::string("unexpected error: ") + toString(error.kind) + ' ' + error.code + ": " +
                        error.message);
        return;
    }
    Json actual = {{"kind", toString(error.kind)}, {"code", error.code}};
    if (error.retry_after) actual["retry_after_s"] = error.retry_after->count();
    Json compared = expected;
    compared.erase("message");
    add(lines, missingFrom(actual, compared, "error"));
    if (error.message.find(textAt(expected, "message")) == std::string::npos)
        lines.push_back("error.message: expected a part \"" + textAt(expected, "message") + "\", got \"" +
                        error.message + '"');
}

Json envelopesJson(const std::vector<Envelope>& envelopes) {
    Json out = Json::array();
    for (const auto& envelope : envelopes) out.push_back(toJson(envelope));
    return out;
}

Lines runWebhook(Connector& connector, const ConnectorCase& test_case, const Json& config) {
    Lines lines;
    const Json& json = test_case.json;
    if (connector.receiver() == nullptr) return {"the connector has no receiver"};
    const auto received = connector.receiver()->receive(caseWebhook(test_case, config), caseNow(test_case));
    if (!received) {
        checkError(received.error(), memberAt(json, "error"), lines);
        return lines;
    }
    if (json.contains("error")) lines.push_back("expected an error, but the callback was accepted");

    const Json actual = envelopesJson(received->envelopes);
    const Json expected = json.value("envelopes", Json::array());
    if (flagAt(json, "exact") && actual != expected)
        lines.push_back("envelopes: expected exactly " + dumpJson(expected) + ", got " + dumpJson(actual));
    add(lines, missingFrom(actual, expected, "envelopes"));

    const Json answered = {{"status", received->reply.status},
                           {"body", received->reply.body},
                           {"content_type", received->reply.headers.get("content-type")}};
    add(lines, missingFrom(answered, json.value("reply", Json{{"status", 200}}), "reply"));
    const auto& reason = received->quarantine_reason;
    const std::string expected_reason = textAt(json, "quarantine");
    if (expected_reason.empty() != reason.empty() || reason.find(expected_reason) == std::string::npos)
        lines.push_back("quarantine: expected \"" + expected_reason + "\", got \"" + reason + '"');
    return lines;
}

Json sentJson(const HttpRequest& request, const Json& expected) {
    Json out = {{"method", request.method}, {"url", request.target}};
    for (const auto& [name, value] : memberAt(expected, "headers").items()) {
        const auto found = request.headers.find(name);
        out["headers"][name] = found ? Json(*found) : Json();
    }
    if (expected.contains("body")) out["body"] = request.body;
    if (expected.contains("body_json")) {
        const auto body = parseJson(request.body);
        out["body_json"] = body ? *body : Json("not JSON: " + request.body);
    }
    if (expected.contains("form")) {
        for (const auto& [name, value] : parseForm(request.body)) out["form"][name] = value;
    }
    return out;
}

void checkRequests(const ScriptedHttp& http, const Json& json, Lines& lines) {
    if (http.answersLeft() > 0)
        lines.push_back(std::to_string(http.answersLeft()) + " answers were not asked for");
    const auto sent = http.requests();
    const Json& expected = memberAt(json, "requests");
    if (expected.is_null()) return;
    if (sent.size() != expected.size())
        lines.push_back("requests: expected " + std::to_string(expected.size()) + ", got " +
                        std::to_string(sent.size()));
    for (std::size_t i = 0; i < std::min(sent.size(), expected.size()); ++i) {
        const std::string place = "requests[" + std::to_string(i) + ']';
        const Json actual = sentJson(sent[i], expected[i]);
        add(lines, missingFrom(actual, expected[i], place));
        // A body is compared as a whole: a member too many is a fault as well.
        for (const char* whole : {"body_json", "form"}) {
            const bool is_same = memberAt(actual, whole) == memberAt(expected[i], whole);
            if (!is_same) lines.push_back(place + '.' + whole + ": got " + dumpJson(memberAt(actual, whole)));
        }
    }
}

// What came out of send, fetch or check, in the words of a case file.
Result<Json> callOut(Connector& connector, const Json& json) {
    if (json.contains("message")) {
        if (connector.sender() == nullptr) throw std::runtime_error("the connector has no sender");
        auto receipt = connector.sender()->send(caseMessage(json["message"]), {});
        if (!receipt) return receipt.error();
        return Json{{"receipt",
                     {{"external_id", receipt->external_id},
                      {"state", toString(receipt->state)},
                      {"content", receipt->content}}}};
    }
    if (json.contains("fetch")) {
        if (connector.media() == nullptr) throw std::runtime_error("the connector has no media source");
        auto media = connector.media()->fetch(attachmentFrom(json["fetch"]), {});
        if (!media) return media.error();
        return Json{
            {"media", {{"bytes", media->bytes}, {"mime", media->mime}, {"filename", media->filename}}}};
    }
    auto checked = connector.check({});
    if (!checked) return checked.error();
    return Json::object();
}

Lines runOutbound(Connector& connector, const ConnectorCase& test_case, ScriptedHttp& http) {
    Lines lines;
    const Json& json = test_case.json;
    for (const Json& answer : json.value("answers", Json::array())) http.willAnswer(answerFrom(answer));
    const auto outcome = callOut(connector, json);
    if (outcome && json.contains("error")) lines.push_back("expected an error, got " + dumpJson(*outcome));
    if (!outcome) checkError(outcome.error(), memberAt(json, "error"), lines);
    for (const char* part : {"receipt", "media"}) {
        if (outcome && json.contains(part))
            add(lines, missingFrom(memberAt(*outcome, part), json[part], part));
    }
    checkRequests(http, json, lines);
    return lines;
}

void checkKeys(const std::string& file, const Json& json) {
    constexpr const char* kKnown[] = {"name",     "config",     "now",     "webhook", "envelopes", "exact",
                                      "reply",    "quarantine", "message", "fetch",   "check",     "answers",
                                      "requests", "receipt",    "media",   "error"};
    for (const auto& [key, value] : json.items()) {
        if (std::find(std::begin(kKnown), std::end(kKnown), key) == std::end(kKnown))
            throw std::runtime_error(file + ": a case has no \"" + key +
                                     "\" (see tests/support/connector_cases.h)");
    }
}

}  // namespace

std::vector<ConnectorCase> loadConnectorCases(const std::filesystem::path& connector_folder) {
    const auto folder = connector_folder / "cases";
    const auto account = readYaml(folder / "account.yaml");
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        const auto& path = entry.path();
        if (path.extension() == ".yaml" && path.filename() != "account.yaml") files.push_back(path);
    }
    std::sort(files.begin(), files.end());
    std::vector<ConnectorCase> cases;
    for (const auto& file : files) {
        for (auto& json : readYaml(file)) {
            checkKeys(file.string(), json);
            cases.push_back(
                {file.filename().string() + ": " + textAt(json, "name"), account.at(0), std::move(json)});
        }
    }
    return cases;
}

Json caseConfig(const ConnectorType& type, const ConnectorCase& test_case) {
    Json config = memberAt(test_case.account, "config");
    if (test_case.json.contains("config")) config.merge_patch(test_case.json["config"]);
    return testing::withDefaults(type.config_schema, std::move(config));
}

HttpRequest caseWebhook(const ConnectorCase& test_case, const Json& config) {
    const Json& json = memberAt(test_case.json, "webhook");
    HttpRequest request{textAt(json, "method", "POST"), textAt(json, "target", "/"),
                        headersFrom(memberAt(json, "headers")), bodyFrom(json), "192.0.2.1"};
    const char* type = json.contains("form") ? "application/x-www-form-urlencoded" : "application/json";
    if (!request.headers.find("content-type")) request.headers.add("Content-Type", type);
    const std::string signature = textAt(json, "signature", "right");
    if (signature == "none") return request;
    const std::string body = request.body;
    if (signature == "wrong") request.body += ' ';
    signWebhook(textAt(test_case.account, "sign", "none"), request, config);
    request.body = body;
    return request;
}

OutboundMessage caseMessage(const Json& json) {
    OutboundMessage message;
    message.id = numberAt(json, "id");
    message.account = textAt(json, "account", "case");
    message.idempotency_key = textAt(json, "idempotency_key");
    message.to = {textAt(memberAt(json, "to"), "kind"), textAt(memberAt(json, "to"), "value")};
    message.type = textAt(json, "type", "text");
    message.text = textAt(json, "text");
    message.in_reply_to = textAt(json, "in_reply_to");
    for (const Json& attachment : memberAt(json, "attachments"))
        message.attachments.push_back(attachmentFrom(attachment));
    if (json.contains("content")) message.content = json["content"];
    message.last_inbound_at = timeFrom(json, "last_inbound_at");
    message.attempt = static_cast<int>(numberAt(json, "attempt", 1));
    return message;
}

TimePoint caseNow(const ConnectorCase& test_case) {
    return timeFrom(test_case.json, "now").value_or(*parseRfc3339("2026-01-05T09:00:00Z"));
}

std::vector<std::string> runConnectorCase(const ConnectorType& type, const ConnectorCase& test_case) {
    ScriptedHttp http;
    const FakeClock clock(caseNow(test_case));
    const Json config = caseConfig(type, test_case);
    auto connector = type.create({"case", config, http, clock});
    if (!connector) return {"create: " + connector.error().message};
    if (test_case.json.contains("webhook")) return runWebhook(**connector, test_case, config);
    return runOutbound(**connector, test_case, http);
}

}  // namespace signalbox
