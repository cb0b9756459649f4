#include "hub/answers/automatic.h"

#include <algorithm>

#include "base/log.h"
#include "base/own_json.h"
#include "hub/answers/templates.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kConsumer = "automatic_answers";
constexpr std::size_t kBatch = 256;
constexpr auto kRulesAge = 5s;
constexpr auto kTooOld = 1h;  // fetched late, or history that is read in: nobody waits for an answer
constexpr std::int64_t kMostADay = 5;

constexpr std::string_view kMessage =
    "SELECT c.peer_kind, c.peer_value, c.kind, c.status, m.provider_at, m.created_at, COALESCE(a.auto_kind, "
    "''), COALESCE(a.may_auto_reply, 1)"
    " FROM messages m JOIN conversations c ON c.id = m.conversation LEFT JOIN mails a ON a.message = m.id"
    " WHERE m.id = $1 AND m.org = $2";
// Nothing is changed, and so nothing answered, while the last time is too near.
constexpr std::string_view kNoteAnswer =
    "INSERT INTO automatic_answer_log (conversation, kind, answered_at) VALUES ($1, $2, $3)"
    " ON CONFLICT (conversation, kind) DO UPDATE SET answered_at = $3"
    " WHERE automatic_answer_log.answered_at <= $4";
constexpr std::string_view kNoteDay =
    "INSERT INTO automatic_answer_days (account, peer, day, answers) VALUES ($1, $2, $3, 1)"
    " ON CONFLICT (account, peer, day) DO UPDATE SET answers = automatic_answer_days.answers + 1"
    " WHERE automatic_answer_days.answers < $4";

// Addresses that nobody reads, by what machines are used to call themselves.
bool isMachine(std::string_view kind, const std::string& address) {
    if (kind != "email") return false;
    std::string local = address.substr(0, address.find('@'));
    std::erase_if(local, [](char c) { return c == '-' || c == '_' || c == '.'; });
    for (const char* name : {"noreply", "donotreply", "mailerdaemon", "postmaster", "bounce", "bounces",
                             "listserv", "majordomo", "owner"}) {
        if (local == name || local.starts_with(std::string(name) + '+')) return true;
    }
    return local.starts_with("noreply") || local.ends_with("noreply");
}

std::int64_t dayOf(TimePoint time) {
    return toMicros(time) / std::chrono::microseconds(24h).count();
}

}  // namespace

// What came before there were rules is not answered now.
AutomaticAnswers::AutomaticAnswers(Parts parts)
    : parts_(std::move(parts)),
      consumer_({parts_.store, parts_.clock, parts_.log}, kConsumer, LogConsumer::First::Newest) {}

void AutomaticAnswers::start() {
    consumer_.start([this](const std::stop_token&) {
        return step() ? LogConsumer::Rest::None : LogConsumer::Rest::UntilGrowth;
    });
}

void AutomaticAnswers::readRules() {
    const TimePoint now = parts_.clock.now();
    if (!are_rules_old_.exchange(false) && now - rules_read_at_ < kRulesAge) return;
    rules_read_at_ = now;
    parts_.store.read([&](Reader& reader) { rules_ = readAnswerRules(reader); });
}

bool AutomaticAnswers::step() {
    const auto records = consumer_.next(kBatch);
    if (records.empty()) return false;
    readRules();
    std::vector<Answer> answers;
    for (const auto& record : records) {
        if (rules_.empty() || record->type != "message.received" || record->account == 0 ||
            parts_.accounts.hides(record->account, record->type))
            continue;
        if (auto answer = answerTo(*record)) answers.push_back(std::move(*answer));
    }
    const std::int64_t to = records.back()->offset;
    if (answers.empty()) {
        consumer_.pass(to);
        return true;
    }
    const TimePoint now = parts_.clock.now();
    consumer_.commit(to, [&](Tx& tx) {
        forgetDays(tx, now);
        for (const Answer& answer : answers)
            if (mayAnswer(tx, answer, now)) parts_.outbox.enqueue(tx, answer.request);
    });
    return true;
}

const AnswerRule* AutomaticAnswers::ruleFor(const std::string& kind, Id org, Id account) const {
    const AnswerRule* found = nullptr;
    for (const AnswerRule& rule : rules_) {
        if (rule.org != org || rule.kind != kind) continue;
        if (rule.account == account) return &rule;
        if (rule.account == 0) found = &rule;
    }
    return found;
}

const AnswerRule* AutomaticAnswers::choose(const LogRecord& record, const Json& payload) const {
    if (const AnswerRule* away = ruleFor("away", record.org, record.account)) {
        const auto is_open = parts_.is_open(record.org, away->calendar, parts_.clock.now());
        if (is_open && !*is_open) return away;
    }
    const AnswerRule* greeting = ruleFor("greeting", record.org, record.account);
    if (greeting != nullptr && flagAt(payload, "first_contact")) return greeting;
    return ruleFor("received", record.org, record.account);
}

std::optional<AutomaticAnswers::Answer> AutomaticAnswers::answerTo(const LogRecord& record) {
    const auto payload = parseJson(record.payload, kOwnJson);
    const auto message =
        payload ? parseId(kMessageId, textAt(memberAt(*payload, "message"), "id")) : std::nullopt;
    const AccountRef account = parts_.accounts.byId(record.account);
    if (!message || !account) return std::nullopt;
    const AnswerRule* rule = choose(record, *payload);
    if (rule == nullptr) return std::nullopt;
    Answer answer{*rule, record.conversation, "", {}};
    std::string text = rule->text, subject, html;
    bool is_for_people = false;
    parts_.store.read([&](Reader& reader) {
        const Rows rows = reader.query(kMessage, {*message, record.org});
        if (rows.empty()) return;
        const Row& row = rows[0];
        answer.peer = row.text(1);
        const std::string& machine = row.text(6);
        const TimePoint written = fromMicros(row.integer(row.isNull(4) ? 5 : 4));
        const auto all = parts_.accounts.all();
        const bool is_ours = std::any_of(all.begin(), all.end(), [&](const AccountRef& one) {
            return !one->address.empty() && one->address == answer.peer;
        });
        is_for_people = row.text(2) == "external" && row.text(3) != "spam" && !answer.peer.empty() &&
                        !is_ours && (machine.empty() || machine == "none") && row.integer(7) != 0 &&
                        !isMachine(row.text(0), answer.peer) && parts_.clock.now() - written < kTooOld;
        if (!is_for_people) return;
        const Json values = templateValues(reader, record.org, record.conversation, 0, parts_.clock.now());
        Template wanted{0, record.org, 0, rule->kind, "", "", "", "", rule->text, "", 1};
        if (!rule->template_name.empty()) {
            auto named = findTemplateByName(reader, record.org, rule->template_name, "");
            if (named) wanted = std::move(*named);
        }
        RenderedTemplate rendered = render(wanted, values);
        text = std::move(rendered.text);
        html = std::move(rendered.html);
    });
    if (!is_for_people || text.empty()) return std::nullopt;
    Json request = {{"conversation_id", idText(kConversationId, record.conversation)}, {"text", text}};
    // Whoever wrote is answered, not who began the thread.
    if (account->channel == "email") request["reply_to"] = idText(kMessageId, *message);
    if (!html.empty() && account->channel == "email") request["html"] = html;
    RequestSource source{record.org, "bot:" + rule->kind};
    source.idempotency_key = "answer-" + std::to_string(record.offset);
    auto prepared = parts_.outbox.prepare(request, source);
    if (!prepared) {
        log::warn("automatic_answer_failed", {{"kind", rule->kind},
                                              {"conversation", idText(kConversationId, record.conversation)},
                                              {"error", prepared.error().message}});
        return std::nullopt;
    }
    answer.request = std::move(*prepared);
    return answer;
}

bool AutomaticAnswers::mayAnswer(Tx& tx, const Answer& answer, TimePoint now) const {
    const std::int64_t at = toMicros(now);
    const std::int64_t day = dayOf(now);
    const std::int64_t cutoff = toMicros(now - answer.rule.period);
    const Rows lately =
        tx.query("SELECT answers FROM automatic_answer_days WHERE account = $1 AND peer = $2 AND day = $3",
                 {answer.request.account->id, answer.peer, day});
    if (!lately.empty() && lately[0].integer(0) >= kMostADay) return false;
    if (tx.exec(kNoteAnswer, {answer.conversation, answer.rule.kind, at, cutoff}) == 0) return false;
    return tx.exec(kNoteDay, {answer.request.account->id, answer.peer, day, kMostADay}) > 0;
}

void AutomaticAnswers::forgetDays(Tx& tx, TimePoint now) {
    const std::int64_t day = dayOf(now);
    if (forgotten_day_ == day) return;
    tx.exec("DELETE FROM automatic_answer_days WHERE day < $1", {day});
    forgotten_day_ = day;
}

}  // namespace signalbox
