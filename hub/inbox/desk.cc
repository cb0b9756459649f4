#include "hub/inbox/desk.h"

#include <algorithm>
#include <array>

#include "hub/access/grants.h"
#include "hub/inbox/tags.h"

namespace signalbox {
namespace {

constexpr std::array<std::string_view, 6> kStatuses = {"open",   "pending", "resolved",
                                                       "closed", "snoozed", "spam"};
constexpr std::array<std::string_view, 3> kPriorities = {"normal", "high", "urgent"};

constexpr std::string_view kRead =
    "SELECT revision, assignee, team, priority FROM conversations WHERE id = $1";
constexpr std::string_view kSetStatus =
    "UPDATE conversations SET status = $1, is_open = $2, snoozed_until = $3, revision = revision + 1"
    " WHERE id = $4";
constexpr std::string_view kOpenTwin =
    "SELECT id FROM conversations WHERE account = $1 AND thread_key = $2 AND is_open = 1 AND id <> $3";
constexpr std::string_view kSetAssignee =
    "UPDATE conversations SET assignee = $1, team = $2, revision = revision + 1 WHERE id = $3";
constexpr std::string_view kSetPriority =
    "UPDATE conversations SET priority = $1, revision = revision + 1 WHERE id = $2";
constexpr std::string_view kSetSubject =
    "UPDATE conversations SET subject = $1, revision = revision + 1 WHERE id = $2";
constexpr std::string_view kSetFlags =
    "UPDATE conversations SET starred = COALESCE($1, starred), pinned = COALESCE($2, pinned),"
    " archived = COALESCE($3, archived), revision = revision + 1 WHERE id = $4";
constexpr std::string_view kTouch = "UPDATE conversations SET revision = revision + 1 WHERE id = $1";
constexpr std::string_view kDue =
    "SELECT id, org FROM conversations WHERE snoozed_until IS NOT NULL AND snoozed_until <= $1"
    " ORDER BY snoozed_until LIMIT $2";

// The members of a team who are there, with how many open conversations each has.
constexpr std::string_view kCandidates =
    "SELECT u.id, (SELECT COUNT(*) FROM conversations c WHERE c.org = u.org AND c.assignee = u.id"
    " AND c.status IN ('open', 'pending')) AS busy FROM team_members m JOIN users u ON u.id = m.user_id"
    " WHERE m.team = $1 AND u.state = 'active' ORDER BY u.id";
constexpr std::string_view kSaveTurn =
    "INSERT INTO rotations (team, last_user) VALUES ($1, $2)"
    " ON CONFLICT (team) DO UPDATE SET last_user = $2";

Value orNull(Id id) {
    return id == 0 ? Value(nullptr) : Value(id);
}
Value flagOrNull(const std::optional<bool>& flag) {
    return flag ? Value(std::int64_t{*flag ? 1 : 0}) : Value(nullptr);
}
Json idOrNull(std::string_view prefix, Id id) {
    return id == 0 ? Json(nullptr) : Json(idText(prefix, id));
}

Status checkExists(Reader& reader, std::string_view sql, Id org, Id id, const char* what) {
    if (!reader.query(sql, {org, id}).empty()) return Done{};
    return Error{ErrorKind::NotFound, what, {}, "not_found"};
}
Status checkUser(Reader& reader, Id org, Id user) {
    return checkExists(reader, "SELECT 1 FROM users WHERE org = $1 AND id = $2 AND state = 'active'", org,
                       user, "user_id: there is no such active user");
}
Status checkTeam(Reader& reader, Id org, Id team) {
    return checkExists(reader, "SELECT 1 FROM teams WHERE org = $1 AND id = $2", org, team,
                       "team_id: there is no such team");
}
// Whom only somebody else's private mailbox knows is not there.
Status checkPerson(Reader& reader, const Actor& by, Id person) {
    const Rows rows = reader.query(
        "SELECT 1 FROM people WHERE org = $1 AND id = $2 AND scope NOT IN"
        " (SELECT id FROM accounts WHERE private_to <> 0 AND private_to <> $3)",
        {by.org, person, by.user});
    if (!rows.empty()) return Done{};
    return Error{ErrorKind::NotFound, "person_id: there is no such person", {}, "not_found"};
}
// A team's members change; what is private is shown to persons (hub/access/visibility).
Status checkTeamMaySee(Reader& reader, Id account) {
    if (reader.query("SELECT 1 FROM accounts WHERE id = $1 AND private_to <> 0", {account}).empty())
        return Done{};
    return Error{
        ErrorKind::Invalid,
        "team_id: a conversation of a private mailbox is shown to users, not to teams; assign it to a "
        "user or add members",
        {},
        "account_private"};
}

}  // namespace

bool isConversationStatus(std::string_view word) {
    return std::find(kStatuses.begin(), kStatuses.end(), word) != kStatuses.end();
}
bool isPriority(std::string_view word) {
    return std::find(kPriorities.begin(), kPriorities.end(), word) != kPriorities.end();
}

Result<Desk::Row> Desk::begin(Tx& tx, const Edit& edit, Id conversation) {
    auto found = inbox_.findConversation(tx, edit.by.org, conversation);
    if (!found) return Error{ErrorKind::NotFound, "no such conversation", {}, "not_found"};
    const Rows rows = tx.query(kRead, {conversation});
    Row row{std::move(*found), rows[0].integer(0), rows[0].integer(1), rows[0].integer(2), rows[0].text(3)};
    if (edit.revision && *edit.revision != row.revision) {
        return Error{ErrorKind::Conflict,
                     "somebody changed it meanwhile: it is at revision " + std::to_string(row.revision),
                     {},
                     "changed_meanwhile"};
    }
    return row;
}

void Desk::tell(Tx& tx, const Row& row, const Edit& edit, std::string_view type, Json payload) {
    payload["conversation_id"] = idText(kConversationId, row.conversation.id);
    payload["by"] = edit.by.name;
    inbox_.conversationChanged(row.conversation);
    log_.append(tx, {edit.by.org, type, row.conversation.account, row.conversation.id, dumpJson(payload)});
}

Status Desk::check(const StatusChange& change) const {
    if (change.status == "snoozed" && (!change.until || *change.until <= clock_.now()))
        return Error{ErrorKind::Invalid, "until: a time in the future is needed to snooze"};
    return Done{};
}

Status Desk::setStatus(Tx& tx, const Edit& edit, Id conversation, const StatusChange& change) {
    const auto row = begin(tx, edit, conversation);
    if (!row) return row.error();
    const Conversation& old = row->conversation;
    const bool is_snooze = change.status == "snoozed";
    if (old.status == change.status && !is_snooze) return Done{};
    if (auto checked = check(change); !checked) return checked;
    const bool is_open = change.status != "closed";
    if (is_open && !tx.query(kOpenTwin, {old.account, old.thread_key, old.id}).empty()) {
        return Error{ErrorKind::Conflict,
                     "this thread has a newer open conversation; merge them instead",
                     {},
                     "conversation_open"};
    }
    const Value until = is_snooze ? Value(toMicros(*change.until)) : Value(nullptr);
    tx.exec(kSetStatus, {change.status, std::int64_t{is_open ? 1 : 0}, until, conversation});
    Json payload = {{"from", old.status}, {"status", change.status}};
    if (is_snooze) payload["snoozed_until"] = toRfc3339(*change.until);
    tell(tx, *row, edit, "conversation.status_changed", std::move(payload));
    return Done{};
}

Result<Id> Desk::pick(Tx& tx, Id team, const std::string& strategy) {
    const Rows rows = tx.query(kCandidates, {team});
    if (rows.empty()) return Error{ErrorKind::Conflict, "the team has no active member", {}, "team_empty"};
    if (strategy == "least_busy") {
        const auto least = std::min_element(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
            return a.integer(1) < b.integer(1);
        });
        return least->integer(0);
    }
    const Rows turn = tx.query("SELECT last_user FROM rotations WHERE team = $1", {team});
    const Id last = turn.empty() ? 0 : turn[0].integer(0);
    const auto next =
        std::find_if(rows.begin(), rows.end(), [&](const auto& row) { return row.integer(0) > last; });
    const Id chosen = (next == rows.end() ? rows.front() : *next).integer(0);
    tx.exec(kSaveTurn, {team, chosen});
    return chosen;
}

// Whoever it is assigned to sees it, whatever their role shows otherwise.
void Desk::grantAssignee(Tx& tx, const Row& row, const Edit& edit, Id user, Id team) {
    const Id id = row.conversation.id;
    const TimePoint now = clock_.now();
    if (row.assignee != 0 && row.assignee != user)
        takeGrant(tx, edit.by.org, grantToUser(row.assignee, "conversation", id, "assigned"));
    if (row.team != 0 && row.team != team)
        takeGrant(tx, edit.by.org, grantToTeam(row.team, "conversation", id, "assigned"));
    if (user != 0)
        giveGrant(tx, edit.by.org, grantToUser(user, "conversation", id, "assigned"), edit.by.id, now);
    if (team != 0)
        giveGrant(tx, edit.by.org, grantToTeam(team, "conversation", id, "assigned"), edit.by.id, now);
}

Status Desk::check(Reader& reader, Id org, const Assignment& assignment) {
    if (assignment.team.value_or(0) != 0) {
        if (auto checked = checkTeam(reader, org, *assignment.team); !checked) return checked;
    }
    if (assignment.user.value_or(0) != 0) return checkUser(reader, org, *assignment.user);
    return Done{};
}

Status Desk::assign(Tx& tx, const Edit& edit, Id conversation, const Assignment& assignment) {
    const auto row = begin(tx, edit, conversation);
    if (!row) return row.error();
    Id user = assignment.user.value_or(row->assignee);
    const Id team = assignment.team.value_or(row->team);
    if (auto checked = check(tx, edit.by.org, assignment); !checked) return checked;
    if (team != 0)
        if (auto may = checkTeamMaySee(tx, row->conversation.account); !may) return may;
    if (!assignment.strategy.empty()) {
        if (team == 0) return Error{ErrorKind::Invalid, "team_id: a strategy needs a team to choose from"};
        const auto chosen = pick(tx, team, assignment.strategy);
        if (!chosen) return chosen.error();
        user = *chosen;
    }
    if (user == row->assignee && team == row->team) return Done{};
    tx.exec(kSetAssignee, {orNull(user), orNull(team), conversation});
    grantAssignee(tx, *row, edit, user, team);
    Json payload = {{"assignee_id", idOrNull(kUserId, user)},
                    {"team_id", idOrNull(kTeamId, team)},
                    {"previous_assignee_id", idOrNull(kUserId, row->assignee)},
                    {"previous_team_id", idOrNull(kTeamId, row->team)}};
    if (!assignment.strategy.empty()) payload["strategy"] = assignment.strategy;
    tell(tx, *row, edit, "conversation.assigned", std::move(payload));
    return Done{};
}

Status Desk::setPriority(Tx& tx, const Edit& edit, Id conversation, const std::string& priority) {
    const auto row = begin(tx, edit, conversation);
    if (!row) return row.error();
    if (row->priority == priority) return Done{};
    tx.exec(kSetPriority, {priority, conversation});
    tell(tx, *row, edit, "conversation.priority_changed", {{"from", row->priority}, {"priority", priority}});
    return Done{};
}

Status Desk::setSubject(Tx& tx, const Edit& edit, Id conversation, const std::string& subject) {
    const auto row = begin(tx, edit, conversation);
    if (!row) return row.error();
    tx.exec(kSetSubject, {subject, conversation});
    tell(tx, *row, edit, "conversation.subject_changed", {{"subject", subject}});
    return Done{};
}

Status Desk::setFlags(Tx& tx, const Edit& edit, Id conversation, const ConversationFlags& flags) {
    const auto row = begin(tx, edit, conversation);
    if (!row) return row.error();
    tx.exec(kSetFlags,
            {flagOrNull(flags.starred), flagOrNull(flags.pinned), flagOrNull(flags.archived), conversation});
    Json payload = Json::object();
    if (flags.starred) payload["starred"] = *flags.starred;
    if (flags.pinned) payload["pinned"] = *flags.pinned;
    if (flags.archived) payload["archived"] = *flags.archived;
    tell(tx, *row, edit, "conversation.flagged", std::move(payload));
    return Done{};
}

Status Desk::changeTags(Tx& tx, const Edit& edit, Id conversation, const std::vector<std::string>& add,
                        const std::vector<std::string>& remove) {
    const auto row = begin(tx, edit, conversation);
    if (!row) return row.error();
    const TagChange change =
        changeTagsOf(tx, ids_, clock_.now(), edit.by.org, "conversation", conversation, add, remove);
    if (change.added.empty() && change.removed.empty()) return Done{};
    tx.exec(kTouch, {conversation});
    tell(tx, *row, edit, "conversation.tagged",
         {{"added", change.added},
          {"removed", change.removed},
          {"tags", tagsOf(tx, "conversation", conversation)}});
    return Done{};
}

Status Desk::addMember(Tx& tx, const Edit& edit, Id conversation, const Member& member) {
    const auto row = begin(tx, edit, conversation);
    if (!row) return row.error();
    const bool is_user = member.kind == "user";
    const auto checked =
        is_user ? checkUser(tx, edit.by.org, member.id) : checkPerson(tx, edit.by, member.id);
    if (!checked) return checked;
    const TimePoint now = clock_.now();
    if (tx.exec("INSERT INTO members (conversation, kind, member, role, added_by, created_at)"
                " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (conversation, kind, member, role) DO NOTHING",
                {conversation, member.kind, member.id, member.role, edit.by.name, toMicros(now)}) == 0)
        return Done{};
    if (is_user)
        giveGrant(tx, edit.by.org, grantToUser(member.id, "conversation", conversation, member.role),
                  edit.by.id, now);
    tx.exec(kTouch, {conversation});
    tell(tx, *row, edit, "conversation.member_added",
         {{"member_id", idText(is_user ? kUserId : kPersonId, member.id)}, {"role", member.role}});
    return Done{};
}

Status Desk::removeMember(Tx& tx, const Edit& edit, Id conversation, const Member& member) {
    const auto row = begin(tx, edit, conversation);
    if (!row) return row.error();
    const bool is_user = member.kind == "user";
    bool is_removed = false;
    for (const std::string_view role : {"participant", "watcher"}) {
        if (!member.role.empty() && member.role != role) continue;
        if (tx.exec("DELETE FROM members WHERE conversation = $1 AND kind = $2 AND member = $3 AND role = $4",
                    {conversation, member.kind, member.id, role}) == 0)
            continue;
        is_removed = true;
        if (is_user)
            takeGrant(tx, edit.by.org,
                      grantToUser(member.id, "conversation", conversation, std::string(role)));
        tell(tx, *row, edit, "conversation.member_removed",
             {{"member_id", idText(is_user ? kUserId : kPersonId, member.id)}, {"role", role}});
    }
    if (!is_removed)
        return Error{ErrorKind::NotFound, "no such member of this conversation", {}, "not_found"};
    tx.exec(kTouch, {conversation});
    return Done{};
}

bool Desk::wakeSnoozed(Tx& tx, std::size_t limit) {
    const Rows due = tx.query(kDue, {toMicros(clock_.now()), static_cast<std::int64_t>(limit)});
    for (const auto& row : due) {
        const Edit edit{{row.integer(1), 0, 0, "system"}, {}};
        // A twin opened meanwhile cannot be: a snoozed conversation is the open one of its thread.
        (void)setStatus(tx, edit, row.integer(0), {"open", {}});
    }
    return due.size() == limit;
}

std::optional<TimePoint> nextSnooze(Reader& reader) {
    const Rows rows =
        reader.query("SELECT MIN(snoozed_until) FROM conversations WHERE snoozed_until IS NOT NULL");
    if (rows.empty() || rows[0].isNull(0)) return std::nullopt;
    return fromMicros(rows[0].integer(0));
}

}  // namespace signalbox
