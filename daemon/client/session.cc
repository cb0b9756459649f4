#include "daemon/client/session.h"

namespace signalbox::client {

void Session::printList(const Json& page, const Table& table, const std::string& none) {
    if (is_json) return printJson(page);
    if (table.empty()) return note(none);
    out() << render(table);
    const std::string next = textAt(page, "next");
    if (!next.empty()) note("more: --cursor " + next);
}

}  // namespace signalbox::client
