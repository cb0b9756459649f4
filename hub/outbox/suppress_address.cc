#include "hub/outbox/suppress_address.h"

namespace signalbox {

void suppressAddress(Tx& tx, EventLog& log, const Account& account, const Suppression& added) {
    // Machines do not write from there, and whom its user writes to is nobody's business.
    if (account.isPrivate() || !addSuppression(tx, added)) return;
    Json payload = suppressionJson(added);
    payload["account"] = account.name;
    log.append(tx, {account.org, "mail.suppressed", account.id, 0, dumpJson(payload)});
}

bool isGoneCode(std::string_view code) {
    return code == "5.1.1" || code == "5.1.2" || code == "5.1.6" || code == "5.1.10";
}

}  // namespace signalbox
