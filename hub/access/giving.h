// What one may hand on to others: nobody gives away more than he has, whether by a role, an invitation, a
// token or a new password. Asked by every route that gives rights, on any thread.
#pragma once

#include <span>
#include <string>

#include "hub/access/caller.h"

namespace signalbox {

// True when nothing that somebody with `role`, narrowed to `scopes` when there are any, may do or see is
// beyond what the caller may with this very call: his role, narrowed to the scopes of his token. `rights` are
// all that there are.
bool mayGive(const Caller& caller, const Role& role, std::span<const std::string> scopes,
             std::span<const std::string> rights);

}  // namespace signalbox
