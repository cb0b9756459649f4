#include "daemon/app/desk_actions.h"

#include "hub/access/visibility.h"
#include "hub/inbox/tags.h"

namespace signalbox {
namespace {

using workflow::ActionRequest;
using workflow::PreparedAction;

Error fault(std::string message) {
    return {ErrorKind::Invalid, std::move(message), {}, "invalid_request"};
}

struct Target {
    Id conversation = 0;
    Edit edit;
};
Result<Target> targetOf(const ActionRequest& action, Store& store) {
    Target target{action.conversation, {{action.org, 0, 0, "workflow:" + action.workflow}, {}}};
    if (const std::string text = textAt(action.request, "conversation_id"); !text.empty()) {
        const auto id = parseId(kConversationId, text);
        if (!id) return fault("conversation_id: no id of a conversation: " + text.substr(0, 40));
        target.conversation = *id;
    }
    if (target.conversation == 0)
        return fault("conversation_id: the run was started by no conversation; name one");
    bool is_there = false;
    store.read(
        [&](Reader& reader) { is_there = Visibility(action.org).maySee(reader, target.conversation); });
    if (!is_there) return Error{ErrorKind::NotFound, "conversation_id: there is no such conversation"};
    return target;
}

Json outputOf(const ActionRequest& action, const Target& target) {
    Json output = action.request;
    output.erase("kind");
    output["conversation_id"] = idText(kConversationId, target.conversation);
    return output;
}

// What was checked before the commit may be different in it: the node fails then.
template <class Change>
Result<PreparedAction> prepared(const ActionRequest& action, const Target& target, Change change) {
    return PreparedAction{outputOf(action, target), [target, change](Tx& tx) {
                              const Status made = change(tx, target.edit, target.conversation);
                              if (!made) throw workflow::ActionRefused(made.error());
                          }};
}

// Empty: null, «none» takes it away.
Result<std::optional<Id>> who(const Json& request, const char* name, std::string_view prefix) {
    const std::string text = textAt(request, name);
    if (text.empty()) return std::optional<Id>();
    if (text == "none") return std::optional<Id>(0);
    const auto id = parseId(prefix, text);
    if (!id) return fault(std::string(name) + ": must be an id like " + idText(prefix, 1) + ", or none");
    return std::optional<Id>(*id);
}

Result<PreparedAction> assign(const ActionRequest& action, const Target& target,
                              const DeskActionParts& parts) {
    Assignment wanted;
    const auto user = who(action.request, "user_id", kUserId);
    if (!user) return user.error();
    const auto team = who(action.request, "team_id", kTeamId);
    if (!team) return team.error();
    wanted.user = *user;
    wanted.team = *team;
    wanted.strategy = textAt(action.request, "strategy");
    if (wanted.strategy == "none") wanted.strategy.clear();
    if (!wanted.strategy.empty() && wanted.strategy != "round_robin" && wanted.strategy != "least_busy")
        return fault("strategy: must be round_robin or least_busy");
    if (!wanted.user && !wanted.team && wanted.strategy.empty())
        return fault("user_id: give user_id, team_id or strategy");
    Status checked = Done{};
    parts.store.read([&](Reader& reader) { checked = Desk::check(reader, action.org, wanted); });
    if (!checked) return checked.error();
    return prepared(action, target, [&desk = parts.desk, wanted](Tx& tx, const Edit& edit, Id conversation) {
        return desk.assign(tx, edit, conversation, wanted);
    });
}

Result<std::vector<std::string>> tagsIn(const Json& request, const char* name) {
    std::vector<std::string> tags;
    for (const Json& one : memberAt(request, name)) {
        if (!one.is_string()) return fault(std::string(name) + ": must be a list of texts");
        auto tag = normalizeTag(one.get_ref<const std::string&>());
        if (!tag) return tag.error();
        tags.push_back(std::move(*tag));
    }
    return tags;
}

Result<PreparedAction> tag(const ActionRequest& action, const Target& target, Desk& desk) {
    const auto add = tagsIn(action.request, "add"), remove = tagsIn(action.request, "remove");
    if (!add) return add.error();
    if (!remove) return remove.error();
    if (add->empty() && remove->empty()) return fault("add: give tags to add, or remove");
    return prepared(action, target, [&desk, add = *add, remove = *remove](Tx& tx, const Edit& edit, Id id) {
        return desk.changeTags(tx, edit, id, add, remove);
    });
}

Result<PreparedAction> setStatus(const ActionRequest& action, const Target& target, Desk& desk) {
    StatusChange wanted{textAt(action.request, "status"), {}};
    if (!isConversationStatus(wanted.status))
        return fault("status: must be open, pending, resolved, closed, snoozed or spam");
    if (wanted.status == "snoozed") {
        wanted.until = parseRfc3339(textAt(action.request, "until"));
        if (!wanted.until) return fault("until: must be a time like 2026-11-26T09:00:00Z");
    }
    if (const Status checked = desk.check(wanted); !checked) return checked.error();
    return prepared(action, target, [&desk, wanted](Tx& tx, const Edit& edit, Id id) {
        return desk.setStatus(tx, edit, id, wanted);
    });
}

Result<PreparedAction> setPriority(const ActionRequest& action, const Target& target, Desk& desk) {
    const std::string priority = textAt(action.request, "priority");
    if (!isPriority(priority)) return fault("priority: must be normal, high or urgent");
    return prepared(action, target, [&desk, priority](Tx& tx, const Edit& edit, Id id) {
        return desk.setPriority(tx, edit, id, priority);
    });
}

Result<PreparedAction> addNote(const ActionRequest& action, const Target& target,
                               const DeskActionParts& parts) {
    NewLine line{parts.ids.next(), "internal", "text", textAt(action.request, "text")};
    if (line.text.empty()) return fault("text: is missing");
    line.traits.visibility = "internal";
    Lines& lines = parts.lines;
    auto made = prepared(action, target, [&lines, line](Tx& tx, const Edit& edit, Id id) -> Status {
        const auto added = lines.add(tx, edit.by, id, line);
        if (!added) return added.error();
        return Done{};
    });
    if (made) made->output["message_id"] = idText(kMessageId, line.id);
    return made;
}

}  // namespace

void addDeskActions(WorkflowActions& actions, DeskActionParts parts) {
    const auto add = [&](const char* kind, auto handler) {
        actions.add(kind, [parts, handler](const ActionRequest& action) -> Result<PreparedAction> {
            const auto target = targetOf(action, parts.store);
            if (!target) return target.error();
            return handler(action, *target, parts);
        });
    };
    add("conversation.assign", [](const auto& action, const auto& target, const DeskActionParts& hub) {
        return assign(action, target, hub);
    });
    add("conversation.tag", [](const auto& action, const auto& target, const DeskActionParts& hub) {
        return tag(action, target, hub.desk);
    });
    add("conversation.status", [](const auto& action, const auto& target, const DeskActionParts& hub) {
        return setStatus(action, target, hub.desk);
    });
    add("conversation.priority", [](const auto& action, const auto& target, const DeskActionParts& hub) {
        return setPriority(action, target, hub.desk);
    });
    add("note.add", [](const auto& action, const auto& target, const DeskActionParts& hub) {
        return addNote(action, target, hub);
    });
}

}  // namespace signalbox
