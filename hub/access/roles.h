// What a role may do and how much of the organization it sees. The built-in ones are fixed; an organization
// may add its own as sets of rights. Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/json.h"
#include "hub/store/store.h"

namespace signalbox {

// Which conversations, messages and files: all of the organization; those one is assigned to, takes part in
// or was granted; those of the person that the user is. See hub/access/visibility.h.
enum class Sees { Everything, Assigned, Own };
const char* toString(Sees sees);
std::optional<Sees> parseSees(std::string_view word);

// A right is «area:verb». `allow` and `deny` hold rights and patterns: "*", "area:*", "*:verb".
struct Role {
    std::string name;
    Sees sees = Sees::Own;
    std::vector<std::string> allow, deny;
    bool is_built_in = false;

    // What everybody may do for himself ("self:…") is always allowed.
    bool allows(std::string_view right) const;
};
using RoleRef = std::shared_ptr<const Role>;

// True when nothing that `other` may do is beyond `mine`: nobody gives away more than he has. `rights` are
// all that there are.
bool covers(const Role& mine, const Role& other, std::span<const std::string> rights);

// admin, agent, crew, subcontractor, customer, viewer.
const std::vector<RoleRef>& builtInRoles();

class Roles {
public:
    Roles(Store& store, const Clock& clock) : store_(store), clock_(clock) {}

    // Null: neither built in nor made by that organization.
    RoleRef find(Id org, std::string_view name) const;
    std::vector<RoleRef> all(Id org) const;
    // Reads the organizations' own roles; at start and every few seconds. Throws StoreError.
    void refresh();

    // Makes or replaces a role of the organization. Conflict: it is a built-in one.
    Status save(Id org, Role role);
    // Conflict: it is built in, or somebody has it.
    Status remove(Id org, const std::string& name);

private:
    Store& store_;
    const Clock& clock_;
    mutable std::mutex mutex_;
    std::map<std::pair<Id, std::string>, RoleRef, std::less<>> own_;
};

}  // namespace signalbox
