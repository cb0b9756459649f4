// What workflows need besides: credentials, calendars; and what they ask of people: escalations, notices.
#include "daemon/client/command_groups.h"
#include "daemon/client/session.h"

namespace signalbox::client {
namespace {

Result<Exit> listCredentials(Session& session, const Values&) {
    const auto page = session.api.get("/credentials");
    if (!page) return page.error();
    Table table({"NAME", "TYPE", "HOSTS", "CHANGED"});
    for (const Json& one : memberAt(*page, "items")) {
        std::string hosts;
        for (const Json& host : memberAt(one, "hosts"))
            hosts += (hosts.empty() ? "" : ", ") + (host.is_string() ? host.get<std::string>() : "");
        table.add({cell(one, "name"), cell(one, "type"), hosts, cell(one, "changed_at")});
    }
    session.printList(*page, table, "no credentials are kept");
    return Exit::Done;
}

// The secret comes from a file or standard input, not from the command line, which others can see.
Result<Exit> createCredential(Session& session, const Values& values) {
    const auto form = readJsonArgument("form", values.text("form"));
    if (!form) return form.error();
    const auto made = session.api.postOnce("/credentials", *form);
    if (!made) return made.error();
    session.print(*made, [&] { return cell(*made, "name") + ": kept\n"; });
    return Exit::Done;
}

Result<Exit> removeCredential(Session& session, const Values& values) {
    const std::string name = values.text("name");
    const auto gone = session.api.remove("/credentials" + segment(name));
    if (!gone) return gone.error();
    session.print(*gone, [&] { return name + ": forgotten\n"; });
    return Exit::Done;
}

Result<Exit> listCalendars(Session& session, const Values&) {
    const auto page = session.api.get("/calendars");
    if (!page) return page.error();
    Table table({"NAME", "ZONE", "HOLIDAYS", "CHANGED"});
    for (const Json& one : memberAt(*page, "items")) {
        table.add({cell(one, "name"), cell(one, "zone"), std::to_string(memberAt(one, "holidays").size()),
                   cell(one, "changed_at")});
    }
    session.printList(*page, table, "there are no calendars");
    return Exit::Done;
}

Result<Exit> saveCalendar(Session& session, const Values& values) {
    const std::string name = values.text("name");
    const auto form = readJsonArgument("form", values.text("form"));
    if (!form) return form.error();
    const auto saved = session.api.putRaw("/calendars" + segment(name), dumpJson(*form));
    if (!saved) return saved.error();
    session.print(*saved, [&] { return name + ": revision " + cell(*saved, "revision") + '\n'; });
    return Exit::Done;
}

Result<Exit> showMoment(Session& session, const Values& values) {
    const std::string name = values.text("name");
    const auto moment =
        session.api.get("/calendars" + segment(name) + "/moment", queryFrom(values, {{"--at", "at"}}));
    if (!moment) return moment.error();
    session.print(*moment, [&] {
        const bool is_open = flagAt(*moment, "is_open");
        const std::string until = textAt(*moment, is_open ? "closes_at" : "opens_at");
        return name + (is_open ? ": open" : ": closed") + (until.empty() ? "" : " until " + until) + '\n';
    });
    return Exit::Done;
}

Result<Exit> listEscalations(Session& session, const Values& values) {
    const auto limit = readLimit(values);
    if (!limit) return limit.error();
    const auto page = session.api.list(
        "/escalations", queryFrom(values, {{"--state", "state"}, {"--cursor", "cursor"}}), *limit);
    if (!page) return page.error();
    Table table({"ID", "TITLE", "WORKFLOW", "STEP", "STATE", "TAKEN BY"});
    for (const Json& one : memberAt(*page, "items")) {
        table.add({cell(one, "id"), cell(one, "title"), cell(one, "workflow"), cell(one, "step"),
                   cell(one, "state"), cell(one, "taken_by")});
    }
    session.printList(*page, table, "nothing is escalated");
    return Exit::Done;
}

Result<Exit> takeEscalation(Session& session, const Values& values) {
    const std::string id = values.text("id");
    const auto taken = session.api.post("/escalations" + segment(id) + "/acknowledge");
    if (!taken) return taken.error();
    session.print(*taken, [&] { return id + ": " + cell(*taken, "state") + '\n'; });
    return Exit::Done;
}

}  // namespace

std::vector<Command> setupCommands() {
    const Option name{"name", "NAME", "Its name", true};
    const Option form{"form", "JSON|@FILE", "As JSON, in a file, or from standard input (@-)", true};
    std::vector<Option> escalation_options{
        {"--state", "STATE", "Only these", false, false, {"open", "acknowledged", "over"}}};
    addPageOptions(escalation_options);
    return {{{"credentials"}, "Secrets that workflows name", {}, {"signalbox credentials"}, listCredentials},
            {{"credentials", "create"},
             "Keep one: name, type, hosts and its members",
             {form},
             {"signalbox credentials create @crm.json"},
             createCredential},
            {{"credentials", "delete"},
             "Forget one",
             {name},
             {"signalbox credentials delete crm"},
             removeCredential},
            {{"calendars"}, "Business hours", {}, {"signalbox calendars"}, listCalendars},
            {{"calendars", "put"},
             "Make or replace one: zone, hours, holidays",
             {name, form},
             {"signalbox calendars put default @hours.json"},
             saveCalendar},
            {{"calendars", "moment"},
             "Whether it is open, and until when",
             {name, {"--at", "TIME", "Instead of now: 2026-12-24T10:00:00Z"}},
             {"signalbox calendars moment default"},
             showMoment},
            {{"escalations"},
             "What workflows tell to one after the other",
             std::move(escalation_options),
             {"signalbox escalations --state open"},
             listEscalations},
            {{"escalations", "take"},
             "Take one; nobody else is told",
             {{"id", "ID", "esc_…", true}},
             {"signalbox escalations take esc_0c3k9q2m4x7vd"},
             takeEscalation}};
}

}  // namespace signalbox::client
