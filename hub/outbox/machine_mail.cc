#include "hub/outbox/machine_mail.h"

#include <algorithm>

#include "base/json.h"
#include "base/log.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMostRecipients = 10;  // of a mail to more, the others are nobody who answers alone

constexpr std::string_view kMail =
    "SELECT x.direction, m.auto_kind, m.may_auto_reply FROM mails m JOIN messages x ON x.id = m.message"
    " WHERE m.message = $1 AND m.org = $2";
constexpr std::string_view kMails =
    "SELECT x.direction, m.auto_kind, m.may_auto_reply FROM mails m JOIN messages x ON x.id = m.message"
    " WHERE m.conversation = $1 AND m.org = $2 ORDER BY m.message DESC LIMIT 50";
constexpr std::string_view kWantsAnswers =
    "SELECT 1 FROM mail_parties WHERE conversation = $1 AND address = $2 AND role = 'reply_to'";
constexpr std::string_view kOfThread =
    "SELECT direction, author, created_at FROM messages WHERE conversation = $1 AND org = $2"
    " ORDER BY seq DESC LIMIT 300";
constexpr std::string_view kOfAddress =
    "SELECT m.direction, m.author, m.created_at FROM identities i JOIN messages m ON m.person = i.person"
    " WHERE i.org = $1 AND i.scope = $2 AND i.kind = 'email' AND i.value = $3 AND m.account = $4 AND m.id >= "
    "$5"
    " ORDER BY m.id DESC LIMIT 2000";
constexpr std::string_view kNoteTold =
    "INSERT INTO loop_suspicions (org, account, address, told_at) VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (org, account, address) DO UPDATE SET told_at = $4 WHERE loop_suspicions.told_at <= $5";
constexpr std::string_view kForgetTold = "DELETE FROM loop_suspicions WHERE told_at <= $1";

struct Answered {
    std::string auto_kind;
    bool may_be = true;  // answered by a machine
};

Answered answeredIn(const Row& row) {
    return {row.text(1), row.text(0) != "in" || row.integer(2) != 0};
}

// A conversation in which a person wrote, or our side, goes on from there: a vacation reply or a note of
// receipt in it does not keep a workflow from writing once more. One of nothing but machines' mails is left
// alone.
Answered newestOf(Reader& reader, const MachineMail& mail) {
    std::optional<Answered> newest;
    for (const Row& row : reader.query(kMails, {*mail.conversation, mail.account.org})) {
        Answered answered = answeredIn(row);
        if (answered.may_be) return answered;
        if (!newest) newest = std::move(answered);
    }
    return newest.value_or(Answered{});
}

Answered answeredBy(Reader& reader, const MachineMail& mail) {
    if (mail.reply_to) {
        const Rows rows = reader.query(kMail, {*mail.reply_to, mail.account.org});
        if (!rows.empty()) return answeredIn(rows[0]);
    }
    return mail.conversation ? newestOf(reader, mail) : Answered{};
}

const std::string& recipientOf(const MachineMail& mail) {
    static const std::string kNobody;
    return mail.facts.parties.empty() ? kNobody : mail.facts.parties.front().address;
}

// A form on a web site writes from an address that nobody reads and says in Reply-To who filled it in.
bool isForm(Reader& reader, const MachineMail& mail, const Answered& answered) {
    return (answered.auto_kind == "auto_generated" || answered.auto_kind == "none") && mail.conversation &&
           !reader.query(kWantsAnswers, {*mail.conversation, recipientOf(mail)}).empty();
}

bool isMachine(const std::string& author) {
    return author.starts_with("workflow") || author.starts_with("bot:");
}

bool isPerson(const std::string& author) {
    return author.starts_with("user:") || author == "agent";
}

struct Counted {
    std::int64_t in_hour = 0, in_day = 0;
};

// `rows`: direction, author, time, newest first.
Counted countExchanges(const Rows& rows, TimePoint now) {
    Counted ours, theirs;
    for (const Row& row : rows) {
        const auto age = now - fromMicros(row.integer(2));
        if (age > 24h || (row.text(0) == "out" && isPerson(row.text(1)))) break;
        const bool is_ours = row.text(0) == "out" && isMachine(row.text(1));
        if (!is_ours && row.text(0) != "in") continue;
        Counted& side = is_ours ? ours : theirs;
        ++side.in_day;
        if (age <= 1h) ++side.in_hour;
    }
    return {std::min(ours.in_hour, theirs.in_hour), std::min(ours.in_day, theirs.in_day)};
}

// The address of the loop; nothing: there is none.
std::optional<std::string> loopIn(Reader& reader, const MachineMail& mail, TimePoint now) {
    const Account& account = mail.account;
    if (mail.conversation) {
        const Counted thread =
            countExchanges(reader.query(kOfThread, {*mail.conversation, account.org}), now);
        if (thread.in_hour >= kMostInThreadHour || thread.in_day >= kMostInThreadDay)
            return recipientOf(mail);
    }
    const std::size_t count = std::min(mail.facts.parties.size(), kMostRecipients);
    for (std::size_t i = 0; i < count; ++i) {
        const std::string& address = mail.facts.parties[i].address;
        const Counted all = countExchanges(
            reader.query(kOfAddress, {account.org, account.scope, address, account.id, firstIdAt(now - 24h)}),
            now);
        if (all.in_hour >= kMostWithAddressHour || all.in_day >= kMostWithAddressDay) return address;
    }
    return std::nullopt;
}

void tellLoop(Store& store, EventLog& log, TimePoint now, const MachineMail& mail,
              const std::string& address) {
    Json payload = {{"account", mail.account.name}, {"address", address}};
    if (mail.conversation) payload["conversation_id"] = idText(kConversationId, *mail.conversation);
    const auto write = [&log, now, org = mail.account.org, account = mail.account.id,
                        conversation = mail.conversation.value_or(0), address,
                        text = dumpJson(payload)](Tx& tx) {
        const std::int64_t a_day_ago = toMicros(now - 24h);
        if (tx.exec(kNoteTold, {org, account, address, toMicros(now), a_day_ago}) == 0) return;
        tx.exec(kForgetTold, {a_day_ago});
        log.append(tx, {org, "mail.loop_suspected", account, conversation, text});
        log::warn("mail_loop_suspected", {{"conversation", idText(kConversationId, conversation)}});
    };
    // Told or not, the mail does not leave; the next one tells it when this could not be written.
    store.write(write, [](const Status&) {});
}

}  // namespace

Status mayMachineWrite(Store& store, EventLog& log, TimePoint now, const MachineMail& mail) {
    Answered answered;
    std::optional<std::string> loop;
    store.read([&](Reader& reader) {
        answered = answeredBy(reader, mail);
        if (!answered.may_be && isForm(reader, mail, answered)) answered.may_be = true;
        if (answered.may_be) loop = loopIn(reader, mail, now);
    });
    if (!answered.may_be) {
        const std::string kind = answered.auto_kind == "none" ? "it says so in its headers"
                                                              : "it is of the kind " + answered.auto_kind;
        return Error{ErrorKind::Rejected,
                     "conversation_id: the mail that this would answer wants no answer from a machine (" +
                         kind +
                         "); a person may answer, and a workflow may write to an address with account and to",
                     {},
                     "no_answer_wanted"};
    }
    if (!loop) return Done{};
    tellLoop(store, log, now, mail, *loop);
    return Error{
        ErrorKind::Rejected,
        "to: a machine seems to answer each mail of this workflow, and the workflow each of its; nothing "
        "more is sent there by machines until a person writes in the conversation or the hour, at last "
        "the day, is over. Give the trigger a condition that leaves this sender out",
        {},
        "loop_suspected"};
}

}  // namespace signalbox
