#include "hub/access/giving.h"

namespace signalbox {
namespace {

bool isAmong(std::span<const std::string> scopes, std::string_view right) {
    return std::find(scopes.begin(), scopes.end(), right) != scopes.end();
}

}  // namespace

bool mayGive(const Caller& caller, const Role& role, std::span<const std::string> scopes,
             std::span<const std::string> rights) {
    // The role alone as well: how much it sees, and what its name is granted, no scope makes less.
    if (caller.role == nullptr || !covers(*caller.role, role, rights)) return false;
    if (caller.scopes.empty()) return true;
    // A word that is no right today must not become one that the caller never had.
    if (!std::all_of(scopes.begin(), scopes.end(),
                     [&](const std::string& scope) { return isAmong(caller.scopes, scope); }))
        return false;
    return std::all_of(rights.begin(), rights.end(), [&](const std::string& right) {
        const bool is_given = role.allows(right) && (scopes.empty() || isAmong(scopes, right));
        return !is_given || right.starts_with("self:") || caller.may(right);
    });
}

}  // namespace signalbox
