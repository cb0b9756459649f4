// Accounts that every organization has and nobody configures: no configured name begins with an underscore.
// They are found by name and left out of lists.
#pragma once

#include "hub/accounts/accounts.h"

namespace signalbox {

// By which requests leave that name no account.
inline constexpr std::string_view kBuiltInHttp = "_http";
// To which requests come that a workflow's own webhook or form takes.
inline constexpr std::string_view kBuiltInWebhook = "_webhook";

inline bool isBuiltIn(const Account& account) {
    return account.name.starts_with('_');
}

}  // namespace signalbox
