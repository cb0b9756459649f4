#include <algorithm>

#include "daemon/client/command_groups.h"
#include "daemon/client/session.h"

namespace signalbox::client {
namespace {

constexpr std::size_t kRound = 200;  // how many the daemon replays at once

Result<Exit> list(Session& session, const Values& values) {
    const auto limit = readLimit(values);
    if (!limit) return limit.error();
    const auto page = session.api.list("/quarantine", queryFrom(values, {{"--cursor", "cursor"}}), *limit);
    if (!page) return page.error();
    Table table({"TIME (UTC)", "ID", "ACCOUNT", "REASON"});
    for (const Json& kept : memberAt(*page, "items"))
        table.add(
            {timeCell(kept, "received_at"), cell(kept, "id"), cell(kept, "account"), cell(kept, "reason")});
    session.printList(*page, table, "nothing is in quarantine");
    return Exit::Done;
}

std::string describe(const Json& kept) {
    Facts facts;
    facts.add("id", cell(kept, "id"));
    facts.add("account", cell(kept, "account"));
    facts.add("reason", cell(kept, "reason"));
    facts.add("time", timeCell(kept, "received_at") + " UTC");
    facts.add("request", cell(kept, "method") + ' ' + cell(kept, "target"));
    for (const auto& [name, value] : memberAt(kept, "headers").items())
        facts.add("  " + name, value.is_string() ? value.get<std::string>() : dumpJson(value));
    facts.add("body", cell(kept, "body"));
    return facts.render();
}

Result<Exit> show(Session& session, const Values& values) {
    const auto kept = session.api.get("/quarantine" + segment(values.text("id")));
    if (!kept) return kept.error();
    session.print(*kept, [&] { return describe(*kept); });
    return Exit::Done;
}

bool isOut(const Json& outcome) {
    return textAt(outcome, "state") == "replayed";
}

Result<Exit> replayOne(Session& session, const std::string& id) {
    const auto outcome = session.api.post("/quarantine" + segment(id) + "/replay");
    if (!outcome) return outcome.error();
    session.print(*outcome, [&] {
        return id + (isOut(*outcome) ? ": understood, " + cell(*outcome, "new_envelopes") + " new\n"
                                     : ": stays in quarantine\n");
    });
    return isOut(*outcome) ? Exit::Done : Exit::Refused;
}

Result<Exit> replay(Session& session, const Values& values) {
    if (values.has("id") == values.has("--all")) return usageError("say which: an ID, or --all");
    if (values.has("id")) return replayOne(session, values.text("id"));
    Json body = Json::object();
    if (values.has("--account")) body["account"] = values.text("--account");
    std::int64_t tried = 0, replayed = 0;
    while (true) {
        const auto round = session.api.post("/quarantine/replay", body);
        if (!round) return round.error();
        const Json& outcomes = memberAt(*round, "items");
        const auto out = std::count_if(outcomes.begin(), outcomes.end(), isOut);
        replayed += out;
        tried += static_cast<std::int64_t>(outcomes.size());
        // What stays is tried first again, so a round that frees none is the last one.
        const bool may_be_more = outcomes.size() >= kRound && out > 0;
        if (!may_be_more) break;
        tried -= static_cast<std::int64_t>(outcomes.size()) - out;
    }
    session.print(Json{{"tried", tried}, {"replayed", replayed}}, [&] {
        return std::to_string(replayed) + " of " + std::to_string(tried) + " were understood\n";
    });
    return tried == replayed ? Exit::Done : Exit::Refused;
}

}  // namespace

std::vector<Command> quarantineCommands() {
    std::vector<Option> page_options;
    addPageOptions(page_options);
    const std::string summary = "Callbacks that were genuine but not understood";
    return {
        {{"quarantine"}, summary, page_options, {"signalbox quarantine"}, list},
        {{"quarantine", "list"}, summary, page_options, {"signalbox quarantine list"}, list},
        {{"quarantine", "show"},
         "One with headers and body as they came",
         {{"id", "ID", "The callback (req_…)", true}},
         {"signalbox quarantine show req_0c3k9q2m4x7v5"},
         show},
        {{"quarantine", "replay"},
         "Read them again, after a fix (exit code 1: some stay)",
         {{"id", "ID", "One callback (req_…)"},
          {"--all", "", "All of them"},
          {"--account", "NAME", "With --all: only those of this account"}},
         {"signalbox quarantine replay req_0c3k9q2m4x7v5", "signalbox quarantine replay --all --account wa"},
         replay}};
}

}  // namespace signalbox::client
