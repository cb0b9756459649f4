#include "daemon/app/workflow_effects.h"

namespace signalbox {
namespace {

Result<std::string> onlyAccount(const Accounts& accounts, Id org, const std::string& channel) {
    std::vector<AccountRef> found;
    for (const auto& account : accounts.all())
        if (account->org == org && account->channel == channel && !account->isPrivate())
            found.push_back(account);
    if (found.size() == 1) return found[0]->name;
    std::string names;
    for (const auto& account : found) names += (names.empty() ? "" : ", ") + account->name;
    if (found.empty())
        return Error{
            ErrorKind::NotFound,
            "account: the organization has none of the channel " + channel + "; connect one, or name one",
            {},
            "no_account"};
    return Error{ErrorKind::Invalid,
                 "account: there are several of the channel " + channel + "; name one of " + names,
                 {},
                 "which_account"};
}

}  // namespace

Result<std::function<void(Tx&)>> WorkflowEffects::prepare(const workflow::EffectRequest& effect) {
    RequestSource source;
    source.org = effect.org;
    source.author = "workflow:" + effect.workflow;
    source.idempotency_key = effect.idempotency_key;
    source.run_key = effect.run_key;
    Json request = effect.request;
    const std::string channel = textAt(request, "channel");
    if (!channel.empty() && textAt(request, "account").empty() && !request.contains("conversation_id")) {
        auto account = onlyAccount(accounts_, effect.org, channel);
        if (!account) return account.error();
        request["account"] = std::move(*account);
    }
    auto prepared = outbox_.prepare(request, source);
    if (!prepared) return prepared.error();
    // Shared: a write may be repeated, and copies of the function must not copy the message.
    auto shared = std::make_shared<const PreparedRequest>(std::move(*prepared));
    return std::function<void(Tx&)>([this, shared](Tx& tx) { outbox_.enqueue(tx, *shared); });
}

}  // namespace signalbox
