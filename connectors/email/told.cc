#include "connectors/email/told.h"

#include <algorithm>
#include <set>

#include "connectors/email/mime/ascii.h"

namespace signalbox::email {
namespace {

Json refusedJson(const std::vector<StatusUpdate>& told, DeliveryState state) {
    Json list = Json::array();
    for (const StatusUpdate& one : told) {
        if (one.state == state)
            list.push_back({{"address", one.recipient}, {"code", one.code}, {"text", one.text}});
    }
    return list;
}

std::size_t countOf(const std::vector<StatusUpdate>& told, DeliveryState state) {
    return static_cast<std::size_t>(
        std::count_if(told.begin(), told.end(), [&](const auto& one) { return one.state == state; }));
}

Error restOf(const std::vector<StatusUpdate>& told, DeliveryState state, ErrorKind kind, const char* word) {
    const auto first =
        std::find_if(told.begin(), told.end(), [&](const auto& one) { return one.state == state; });
    const std::string counts =
        std::to_string(countOf(told, state)) + " of " + std::to_string(told.size()) + " recipients " + word;
    return {kind, "smtp RCPT: " + counts + ": " + first->recipient + ": " + first->text, {}, first->code};
}

}  // namespace

std::vector<StatusUpdate> toldTo(const Submitted& submitted) {
    std::vector<StatusUpdate> told;
    for (const std::string& address : submitted.taken) {
        StatusUpdate update;
        update.state = DeliveryState::Accepted;
        update.recipient = mime::lowered(address);
        told.push_back(std::move(update));
    }
    for (const RefusedRecipient& one : submitted.refused) {
        StatusUpdate update;
        update.state = one.is_temporary ? DeliveryState::Delayed : DeliveryState::Failed;
        update.recipient = mime::lowered(one.address);
        update.code = one.code;
        update.text = (one.is_hard ? "hard: " : "soft: ") + one.text;
        told.push_back(std::move(update));
    }
    return told;
}

void leaveOut(std::vector<std::string>& recipients, const SendProgress& progress) {
    std::set<std::string> done(progress.taken.begin(), progress.taken.end());
    done.insert(progress.failed.begin(), progress.failed.end());
    recipients.erase(
        std::remove_if(recipients.begin(), recipients.end(),
                       [&](const auto& address) { return done.contains(mime::lowered(address)); }),
        recipients.end());
}

bool hasTaken(const std::vector<StatusUpdate>& told) {
    return told.empty() || countOf(told, DeliveryState::Accepted) > 0;
}

void addRecipients(Receipt& receipt, const std::vector<StatusUpdate>& told, const SendProgress& before,
                   const Json& form) {
    receipt.recipients = told;
    receipt.form = form;
    if (told.empty()) return;
    const std::size_t delayed = countOf(told, DeliveryState::Delayed);
    if (delayed > 0) {
        receipt.content["delayed"] = refusedJson(told, DeliveryState::Delayed);
        // No word about the account: its other mails go on.
        receipt.rest = restOf(told, DeliveryState::Delayed, ErrorKind::Throttled, "have to wait");
    } else if (!hasTaken(told) && before.taken.empty()) {
        receipt.rest = restOf(told, DeliveryState::Failed, ErrorKind::Rejected, "are refused");
    }
    const Json refused = refusedJson(told, DeliveryState::Failed);
    if (!refused.empty()) receipt.content["refused"] = refused;
}

}  // namespace signalbox::email
