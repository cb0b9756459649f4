#include "hub/outbox/progress.h"

#include <algorithm>

namespace signalbox {
namespace {

std::vector<std::string> textsOf(const Json& list) {
    std::vector<std::string> texts;
    for (const Json& one : list) {
        if (one.is_string()) texts.push_back(one.get<std::string>());
    }
    return texts;
}

StatusUpdate statusFrom(const Json& json) {
    StatusUpdate status;
    status.state = parseDeliveryState(textAt(json, "state")).value_or(DeliveryState::Accepted);
    status.recipient = textAt(json, "recipient");
    status.code = textAt(json, "code");
    status.text = textAt(json, "text");
    return status;
}

std::vector<std::string>& listOf(SendProgress& progress, DeliveryState state) {
    if (state == DeliveryState::Delayed) return progress.waiting;
    return state == DeliveryState::Failed ? progress.failed : progress.taken;
}

}  // namespace

SendProgress readProgress(const std::string& progress, const std::string& leaving) {
    SendProgress out;
    if (const auto json = parseJson(progress)) {
        out.taken = textsOf(memberAt(*json, "taken"));
        out.failed = textsOf(memberAt(*json, "failed"));
        out.waiting = textsOf(memberAt(*json, "waiting"));
        out.form = memberAt(*json, "form");
    }
    if (const auto json = parseJson(leaving)) {
        for (const Json& one : memberAt(*json, "recipients")) out.leaving.push_back(statusFrom(one));
        if (out.form.is_null()) out.form = memberAt(*json, "form");
    }
    return out;
}

std::string progressText(const SendProgress& progress) {
    if (progress.taken.empty() && progress.failed.empty() && progress.waiting.empty()) return "";
    Json json = progressJson(progress);
    json["form"] = progress.form;
    return dumpJson(json);
}

std::string leavingText(const Leaving& leaving) {
    if (leaving.recipients.empty()) return "";
    Json list = Json::array();
    for (const StatusUpdate& one : leaving.recipients) {
        Json item = {{"recipient", one.recipient}, {"state", toString(one.state)}};
        if (!one.code.empty()) item["code"] = one.code;
        if (!one.text.empty()) item["text"] = one.text;
        list.push_back(std::move(item));
    }
    return dumpJson({{"recipients", std::move(list)}, {"form", leaving.form}});
}

Json progressJson(const SendProgress& progress) {
    return {{"taken", progress.taken}, {"failed", progress.failed}, {"waiting", progress.waiting}};
}

SendProgress advanced(SendProgress progress, const Receipt& receipt) {
    if (!receipt.form.is_null()) progress.form = receipt.form;
    for (const StatusUpdate& one : receipt.recipients) {
        for (auto* list : {&progress.taken, &progress.failed, &progress.waiting}) {
            list->erase(std::remove(list->begin(), list->end(), one.recipient), list->end());
        }
        listOf(progress, one.state).push_back(one.recipient);
    }
    progress.leaving.clear();
    return progress;
}

Receipt arrivedReceipt(const SendProgress& progress, const std::string& external_id) {
    Receipt receipt;
    receipt.external_id = external_id;
    receipt.recipients = progress.leaving;
    receipt.form = progress.form;
    for (const StatusUpdate& one : progress.leaving) {
        if (one.state != DeliveryState::Delayed || receipt.rest) continue;
        receipt.rest = Error{ErrorKind::Throttled, one.recipient + ": " + one.text, {}, one.code};
    }
    return receipt;
}

bool hasTaken(const Receipt& receipt) {
    return receipt.recipients.empty() ||
           std::any_of(receipt.recipients.begin(), receipt.recipients.end(),
                       [](const StatusUpdate& one) { return one.state == DeliveryState::Accepted; });
}

}  // namespace signalbox
