// What is answered by itself, by organization or account, and how an organization has its inbox: the only
// writer of automatic_answers and inbox_settings. Reading on any thread, changes inside Writes.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "hub/accounts/accounts.h"
#include "hub/model/actor.h"
#include "hub/store/store.h"

namespace signalbox {

// greeting: to the first message of somebody's first conversation on the account. away: while the calendar is
// closed, instead of the other two. received: to any message.
struct AnswerRule {
    std::string kind;
    Id org = 0, account = 0;  // account 0: all of the organization that have no rule of their own
    bool is_enabled = true;
    std::string text, template_name;  // one of them
    std::string calendar = "default";
    std::chrono::seconds period{86'400};  // at most once in it for each conversation
    std::int64_t revision = 0;
};
bool isAnswerKind(std::string_view word);

std::vector<AnswerRule> readAnswerRules(Reader& reader);  // of all organizations, enabled ones
Json listAnswerRules(Reader& reader, const Accounts& accounts, Id org);
std::optional<Json> findAnswerRule(Reader& reader, const Accounts& accounts, Id org, Id account,
                                   const std::string& kind);
// Makes or replaces. Conflict «changed_meanwhile» when `revision` is over.
Status saveAnswerRule(Tx& tx, const Actor& by, const AnswerRule& rule, std::optional<std::int64_t> revision,
                      TimePoint now);
bool removeAnswerRule(Tx& tx, Id org, Id account, const std::string& kind);

struct InboxSettings {
    bool tells_clients_of_typing = false;
    std::int64_t revision = 0;
};
InboxSettings readInboxSettings(Reader& reader, Id org);
Status saveInboxSettings(Tx& tx, const Actor& by, const InboxSettings& settings,
                         std::optional<std::int64_t> revision, TimePoint now);

}  // namespace signalbox
