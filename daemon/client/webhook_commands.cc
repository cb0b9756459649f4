// Where events are posted: subscriptions, their deliveries and secrets.
#include "daemon/client/command_groups.h"
#include "daemon/client/session.h"

namespace signalbox::client {
namespace {

const std::string kPath = "/webhook-subscriptions";

std::string joined(const Json& texts) {
    std::string out;
    for (const Json& one : texts)
        out += (out.empty() ? "" : ", ") + (one.is_string() ? one.get<std::string>() : "");
    return out;
}

Result<Exit> list(Session& session, const Values&) {
    const auto page = session.api.get(kPath);
    if (!page) return page.error();
    Table table({"ID", "STATE", "EVENTS", "URL", "FAILING SINCE"});
    for (const Json& one : memberAt(*page, "items"))
        table.add({cell(one, "id"), cell(one, "state"), joined(memberAt(one, "events")), cell(one, "url"),
                   cell(one, "failing_since")});
    session.printList(*page, table, "nobody is told of events");
    return Exit::Done;
}

Result<Exit> create(Session& session, const Values& values) {
    Json events = Json::array();
    std::string rest = values.text("events");
    for (std::size_t end = 0; !rest.empty(); rest.erase(0, end == std::string::npos ? end : end + 1)) {
        end = rest.find(',');
        events.push_back(rest.substr(0, end));
    }
    const auto made =
        session.api.postOnce(kPath, {{"url", values.text("url")}, {"events", std::move(events)}});
    if (!made) return made.error();
    session.print(*made, [&] {
        return cell(*made, "id") + ": made; its secret, shown this once: " + cell(*made, "secret") + '\n';
    });
    return Exit::Done;
}

Result<Exit> rotate(Session& session, const Values& values) {
    const auto done =
        session.api.postOnce(kPath + segment(values.text("id")) + "/rotate-secret", Json::object());
    if (!done) return done.error();
    session.print(*done, [&] {
        return "new secret, shown this once: " + cell(*done, "secret") +
               "\nthe old one signs besides for a day\n";
    });
    return Exit::Done;
}

Result<Exit> test(Session& session, const Values& values) {
    const std::string id = values.text("id");
    const auto done = session.api.postOnce(kPath + segment(id) + "/test", Json::object());
    if (!done) return done.error();
    session.print(*done, [&] { return "on its way: signalbox webhooks deliveries " + id + '\n'; });
    return Exit::Done;
}

Result<Exit> deliveries(Session& session, const Values& values) {
    const auto limit = readLimit(values);
    if (!limit) return limit.error();
    const auto page =
        session.api.list(kPath + segment(values.text("id")) + "/deliveries",
                         queryFrom(values, {{"--cursor", "cursor"}, {"--state", "state"}}), *limit);
    if (!page) return page.error();
    Table table({"TIME (UTC)", "ID", "EVENT", "STATE", "TRIES", "LAST ERROR"});
    for (const Json& one : memberAt(*page, "items"))
        table.add({timeCell(one, "created_at"), cell(one, "id"), cell(one, "event_type"), cell(one, "state"),
                   std::to_string(memberAt(one, "tries").size()), failureText(memberAt(one, "error"))});
    session.printList(*page, table, "nothing was posted");
    return Exit::Done;
}

Result<Exit> remove(Session& session, const Values& values) {
    const std::string id = values.text("id");
    const auto gone = session.api.remove(kPath + segment(id));
    if (!gone) return gone.error();
    session.print(*gone, [&] { return id + ": removed\n"; });
    return Exit::Done;
}

}  // namespace

std::vector<Command> webhookCommands() {
    const Option id{"id", "ID", "The subscription (whk_…)", true};
    std::vector<Option> page_options{id, {"--state", "STATE", "sent, pending, dead …"}};
    addPageOptions(page_options);
    return {{{"webhooks"}, "Where events are posted", {}, {"signalbox webhooks"}, list},
            {{"webhooks", "list"}, "Where events are posted", {}, {"signalbox webhooks list"}, list},
            {{"webhooks", "create"},
             "Post events to an address; prints its secret once",
             {{"url", "URL", "Where to", true}, {"events", "TYPES", "lead.*,order.paid or *", true}},
             {"signalbox webhooks create https://shop.example.org/hooks 'lead.*,order.paid'"},
             create},
            {{"webhooks", "test"},
             "Post a test event",
             {id},
             {"signalbox webhooks test whk_0c3k9q2m4x7v1"},
             test},
            {{"webhooks", "deliveries"},
             "What was posted, newest first",
             page_options,
             {"signalbox webhooks deliveries whk_0c3k9q2m4x7v1 --state dead"},
             deliveries},
            {{"webhooks", "rotate"},
             "A new secret; both sign for a day",
             {id},
             {"signalbox webhooks rotate whk_0c3k9q2m4x7v1"},
             rotate},
            {{"webhooks", "remove"},
             "Post nothing there any more",
             {id},
             {"signalbox webhooks remove whk_0c3k9q2m4x7v1"},
             remove}};
}

}  // namespace signalbox::client
