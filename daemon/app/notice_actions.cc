#include "daemon/app/notice_actions.h"

#include <memory>

namespace signalbox {
namespace {

using workflow::ActionRequest;
using workflow::PreparedAction;

constexpr std::size_t kMaxTitle = 300, kMaxText = 20'000, kMaxLink = 2'000, kMaxRecipients = 500;

Error fault(std::string message) {
    return {ErrorKind::Invalid, std::move(message), {}, "invalid_request"};
}

// A text or a list of texts.
Result<std::vector<std::string>> textsOf(const Json& value, const std::string& place) {
    std::vector<std::string> texts;
    for (const Json& one : value.is_array() ? value : Json::array({value})) {
        if (!one.is_string() || one.get_ref<const std::string&>().empty())
            return fault(place + ": must be a user or team, or a list of them");
        texts.push_back(one.get<std::string>());
    }
    if (texts.empty() || texts.size() > kMaxRecipients) return fault(place + ": names nobody, or too many");
    return texts;
}

Result<NewNotice> noticeOf(const ActionRequest& action) {
    NewNotice notice{action.org,
                     textAt(action.request, "title"),
                     textAt(action.request, "text"),
                     textAt(action.request, "link"),
                     "workflow:" + action.workflow,
                     action.conversation,
                     0};
    if (notice.title.empty() || notice.title.size() > kMaxTitle) return fault("title: 1 to 300 bytes");
    if (notice.text.size() > kMaxText) return fault("text: at most 20000 bytes");
    if (notice.link.size() > kMaxLink) return fault("link: at most 2000 bytes");
    return notice;
}

Result<std::vector<Recipient>> recipientsOf(Store& store, Id org, const Json& to, const std::string& place) {
    const auto texts = textsOf(to, place);
    if (!texts) return texts.error();
    Result<std::vector<Recipient>> found{std::vector<Recipient>{}};
    store.read([&](Reader& reader) { found = findRecipients(reader, org, *texts); });
    return found;
}

// A mail to each, with the notice's words.
Result<std::vector<std::function<void(Tx&)>>> mailsOf(const ActionRequest& action, const NewNotice& notice,
                                                      const std::vector<Recipient>& recipients,
                                                      workflow::Effects& effects) {
    std::vector<std::function<void(Tx&)>> mails;
    if (!flagAt(action.request, "email")) return mails;
    for (const Recipient& recipient : recipients) {
        std::string text = notice.text.empty() ? notice.title : notice.text;
        if (!notice.link.empty()) text += "\n\n" + notice.link;
        Json request = {
            {"to", recipient.email}, {"channel", "email"}, {"subject", notice.title}, {"text", text}};
        if (const std::string account = textAt(action.request, "account"); !account.empty())
            request["account"] = account;
        auto prepared =
            effects.prepare({action.org, action.run, 0, action.workflow, action.node,
                             action.idempotency_key + "/" + idText(kUserId, recipient.user), "", request});
        if (!prepared) return withContext("email", prepared.error());
        mails.push_back(std::move(*prepared));
    }
    return mails;
}

Json usersJson(const std::vector<Recipient>& recipients) {
    Json users = Json::array();
    for (const Recipient& one : recipients) users.push_back(idText(kUserId, one.user));
    return users;
}

Result<PreparedAction> notify(const ActionRequest& action, const NoticeActionParts& parts) {
    auto notice = noticeOf(action);
    if (!notice) return notice.error();
    auto recipients = recipientsOf(parts.store, action.org, memberAt(action.request, "to"), "to");
    if (!recipients) return recipients.error();
    auto mails = mailsOf(action, *notice, *recipients, parts.effects);
    if (!mails) return mails.error();
    Json output = {{"notified", recipients->size()}, {"users", usersJson(*recipients)}};
    return PreparedAction{std::move(output), [&notices = parts.notices, notice = *notice,
                                              recipients = *recipients, mails = *mails](Tx& tx) {
                              notices.add(tx, notice, recipients);
                              for (const auto& mail : mails) mail(tx);
                          }};
}

Json stepOutput(Id id, std::int64_t step, const Json& one, const std::vector<Recipient>& recipients) {
    return {{"id", idText(kEscalationId, id)},
            {"step", step},
            {"wait_s", numberAt(one, "wait_s", 300)},
            {"users", usersJson(recipients)}};
}

Result<PreparedAction> begin(const ActionRequest& action, const NoticeActionParts& parts) {
    auto notice = noticeOf(action);
    if (!notice) return notice.error();
    const Json& steps = memberAt(action.request, "steps");
    if (!steps.is_array() || steps.empty()) return fault("steps: must be a list of {to, wait_s}");
    // All of them now: one that means nobody should not be found at night, an hour later.
    std::vector<Recipient> first;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        auto recipients = recipientsOf(parts.store, action.org, memberAt(steps[i], "to"),
                                       "steps[" + std::to_string(i) + "].to");
        if (!recipients) return recipients.error();
        if (i == 0) first = std::move(*recipients);
    }
    auto mails = mailsOf(action, *notice, first, parts.effects);
    if (!mails) return mails.error();
    NewEscalation escalation{parts.ids.next(), action.run,      action.workflow, action.node,
                             action.path,      dumpJson(steps), *notice};
    Json output = stepOutput(escalation.id, 0, steps[0], first);
    return PreparedAction{std::move(output),
                          [&escalations = parts.escalations, escalation, first, mails = *mails](Tx& tx) {
                              escalations.begin(tx, escalation, first);
                              for (const auto& mail : mails) mail(tx);
                          }};
}

Result<PreparedAction> next(const ActionRequest& action, const NoticeActionParts& parts) {
    const auto escalation = parts.escalations.of(action.run, action.node, action.path);
    if (!escalation) return Error{ErrorKind::NotFound, "the escalation is gone", {}, "not_found"};
    if (escalation->state == "acknowledged") {
        const Json by = {{"escalation_id", idText(kEscalationId, escalation->id)},
                         {"by", escalation->taken_by},
                         {"step", escalation->step}};
        return PreparedAction{{{"acknowledged", by}}, {}};
    }
    const std::int64_t step = escalation->step + 1;
    auto& escalations = parts.escalations;
    if (step >= static_cast<std::int64_t>(escalation->steps.size()))
        return PreparedAction{
            {{"is_over", true}, {"escalation_id", idText(kEscalationId, escalation->id)}, {"steps", step}},
            [&escalations, id = escalation->id](Tx& tx) { escalations.close(tx, id); }};
    const Json& one = escalation->steps[static_cast<std::size_t>(step)];
    auto recipients = recipientsOf(parts.store, action.org, memberAt(one, "to"), "steps.to");
    if (!recipients) return recipients.error();
    auto mails = mailsOf(action, escalation->notice, *recipients, parts.effects);
    if (!mails) return mails.error();
    return PreparedAction{
        stepOutput(escalation->id, step, one, *recipients),
        [&escalations, escalation = *escalation, step, recipients = *recipients, mails = *mails](Tx& tx) {
            escalations.moveOn(tx, escalation, step, recipients);
            for (const auto& mail : mails) mail(tx);
        }};
}

}  // namespace

void addNoticeActions(WorkflowActions& actions, NoticeActionParts parts) {
    actions.add("user.notify", [parts](const ActionRequest& action) { return notify(action, parts); });
    actions.add("escalation.begin", [parts](const ActionRequest& action) { return begin(action, parts); });
    actions.add("escalation.next", [parts](const ActionRequest& action) { return next(action, parts); });
}

}  // namespace signalbox
