// People and the identities they are known by. A person is never keyed by a phone number alone: every channel
// adds identities of its own kind, and one message that carries two of them links them for good.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "hub/model/envelope.h"
#include "hub/store/store.h"

namespace signalbox {

// Identities as they are stored: phone numbers in E.164, e-mail addresses in lower case. `region` is the
// country for numbers written without one; what is no valid number stays as it was given. Any thread.
Identity normalize(Identity identity, const std::string& region);
Participant normalize(Participant participant, const std::string& region);

// E.164, or nothing when `raw` is no number that could exist.
std::optional<std::string> normalizePhone(std::string_view raw, const std::string& region);

// The same subscriber under the other spellings in use (Brazil's ninth digit, Mexico's 1, Argentina's 9).
std::vector<std::string> phoneVariants(const std::string& e164);

// Writer thread only (inside Writes).
class People {
public:
    People(Store& store, Ids& ids, const Clock& clock);

    // The person with any of these (normalized) identities, made when there is none. Identities that are new
    // are added; when they belong to two people, those are merged into the older one. `scope`: of the account
    // that met him (Account::scope); the same address is another person in another scope.
    Id resolve(Tx& tx, Id org, const Participant& participant, Id scope = 0);
    // All that belongs to `gone` now belongs to `kept`.
    void merge(Tx& tx, Id org, Id kept, Id gone);
    // Somebody else changed who has which identity: look again.
    void forget() { known_.clear(); }

private:
    std::optional<Id> find(Tx& tx, Id org, Id scope, const Identity& identity);
    Id create(Tx& tx, Id org, Id scope, const std::string& name);
    void link(Tx& tx, Id org, Id scope, Id person, const Identity& identity);

    Ids& ids_;
    const Clock& clock_;
    const bool may_cache_;
    std::unordered_map<std::string, Id> known_;  // «org scope kind value» → person
};

}  // namespace signalbox
