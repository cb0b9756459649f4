// signalbox mail discover ADDRESS: the servers of a mailbox, without a daemon.
#include "connectors/email/discover.h"
#include "daemon/client/command_groups.h"
#include "daemon/client/session.h"

namespace signalbox::client {
namespace {

std::string describe(const Json& found) {
    const Json& config = found["config"];
    std::string text = "address: " + textAt(config, "address") + "\n";
    if (config.contains("username")) text += "username: " + textAt(config, "username") + "\n";
    for (const char* name : {"imap", "smtp"}) {
        const Json& server = config[name];
        text += std::string(name) + ": {host: " + textAt(server, "host") +
                ", port: " + std::to_string(numberAt(server, "port")) +
                ", security: " + textAt(server, "security") + "}\n";
    }
    if (flagAt(found, "wants_oauth"))
        text += "# the provider takes no plain password: oauth, or an app password\n";
    return text;
}

Result<Exit> discover(Session& session, const Values& values) {
    const std::string address = values.text("address");
    const auto http = makeHttpClient(AddressPolicy{});
    const auto found = email::discover(address, {*http}, {});
    if (!found) return found.error();
    const Json json = email::toJson(*found, address);
    session.print(json, [&] { return describe(json); });
    return Exit::Done;
}

}  // namespace

std::vector<Command> mailSetupCommands() {
    return {{{"mail", "discover"},
             "The mail servers of an address, as an account takes them. Works without a daemon",
             {{"address", "ADDRESS", "The address of the mailbox", true}},
             {"signalbox mail discover ada@example.org"},
             discover}};
}

}  // namespace signalbox::client
