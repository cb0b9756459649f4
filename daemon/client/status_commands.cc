#include "daemon/client/command_groups.h"
#include "daemon/client/session.h"

namespace signalbox::client {
namespace {

std::string duration(std::int64_t seconds) {
    const auto two = [](std::int64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
    const std::string clock =
        two(seconds / 3600 % 24) + ':' + two(seconds / 60 % 60) + ':' + two(seconds % 60);
    return seconds < 86'400 ? clock : std::to_string(seconds / 86'400) + " d " + clock;
}

std::string describe(const Json& status) {
    Facts facts;
    facts.add("version", cell(status, "version"));
    std::string ready = flagAt(status, "ready") ? "yes" : "no";
    for (const Json& reason : memberAt(status, "reasons"))
        if (reason.is_string()) ready += (ready == "no" ? ": " : "; ") + reason.get<std::string>();
    facts.add("ready", ready);
    facts.add("up since",
              timeCell(status, "started_at") + " (" + duration(numberAt(status, "uptime_s")) + ")");
    facts.add("database", cell(memberAt(status, "database"), "kind"));
    facts.add("log head", cell(memberAt(status, "log"), "head"));
    for (const Json& consumer : memberAt(memberAt(status, "log"), "consumers"))
        facts.add("  " + cell(consumer, "name"),
                  "at " + cell(consumer, "offset") + ", " + cell(consumer, "behind") + " behind");
    for (const Json& queue : memberAt(status, "queues"))
        facts.add("queue " + cell(queue, "name"), cell(queue, "length") + " of " + cell(queue, "capacity"));
    for (const auto& [name, count] : memberAt(status, "counts").items()) facts.add(name, count.dump());
    const Json& accounts = memberAt(status, "accounts");
    if (accounts.is_object())
        facts.add("accounts", cell(accounts, "configured") + ", " + cell(accounts, "blocked") + " blocked");
    return facts.render();
}

Result<Exit> status(Session& session, const Values&) {
    const auto status = session.api.get("/status");
    if (!status) return status.error();
    session.print(*status, [&] { return describe(*status); });
    return Exit::Done;
}

}  // namespace

std::vector<Command> statusCommands() {
    return {{{"status"},
             "How the daemon is: version, offsets, queues, counts",
             {},
             {"signalbox status", "signalbox status --json | jq .counts"},
             status}};
}

}  // namespace signalbox::client
