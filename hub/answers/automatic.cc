#include "hub/answers/automatic.h"

#include <algorithm>

#include "base/log.h"
#include "hub/answers/templates.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kConsumer = "automatic_answers";
constexpr std::size_t kBatch = 256;
constexpr std::chrono::milliseconds kLongestWait = 500ms, kAfterFailure = 1s, kRulesAge = 5s, kSaveEvery = 5s;
constexpr auto kTooOld = 1h;  // fetched late, or history that is read in: nobody waits for an answer
constexpr std::int64_t kMostADay = 5;

constexpr std::string_view kMakeCursor =
    "INSERT INTO cursors (consumer, log_offset, moved_at) VALUES ($1, $2, $3) ON CONFLICT (consumer) DO "
    "NOTHING";
constexpr std::string_view kMoveCursor =
    "UPDATE cursors SET log_offset = $3, moved_at = $4 WHERE consumer = $1 AND log_offset = $2";
constexpr std::string_view kMessage =
    "SELECT c.peer_kind, c.peer_value, c.kind, c.status, m.provider_at, m.created_at, COALESCE(a.auto_kind, "
    "'')"
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

void AutomaticAnswers::start() {
    thread_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
}

void AutomaticAnswers::stop() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
}

void AutomaticAnswers::work(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        try {
            if (!step()) parts_.log.waitBeyond(position_, kLongestWait, stop);
        } catch (const std::exception& failure) {
            log::warn("automatic_answers_wait", {{"error", failure.what()}});
            position_ = -1;
            parts_.clock.sleepUntil(parts_.clock.now() + kAfterFailure, stop);
        }
    }
}

void AutomaticAnswers::readRules() {
    const TimePoint now = parts_.clock.now();
    if (!are_rules_old_.exchange(false) && now - rules_read_at_ < kRulesAge) return;
    rules_read_at_ = now;
    parts_.store.read([&](Reader& reader) { rules_ = readAnswerRules(reader); });
}

bool AutomaticAnswers::step() {
    const TimePoint now = parts_.clock.now();
    if (position_ < 0) {
        // What came before there were rules is not answered now.
        const std::int64_t head = parts_.log.head();
        const Status made = parts_.store.writeAndWait([&](Tx& tx) {
            tx.exec(kMakeCursor, {kConsumer, head, toMicros(now)});
        });
        if (!made) throw std::runtime_error(made.error().message);
        position_ = saved_ = readCursor(parts_.store, kConsumer);
        saved_at_ = now;
    }
    const auto records = parts_.log.after(position_, kBatch);
    if (records.empty()) return false;
    readRules();
    std::vector<Answer> answers;
    for (const auto& record : records) {
        if (rules_.empty() || record->type != "message.received" || record->account == 0) continue;
        if (auto answer = answerTo(*record)) answers.push_back(std::move(*answer));
    }
    const std::int64_t to = records.back()->offset;
    // Without an answer the cursor need not be exact: looking twice at a message changes nothing.
    if (answers.empty() && now - saved_at_ < kSaveEvery) {
        position_ = to;
        return true;
    }
    position_ = commit(answers, to) ? to : -1;
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
    const auto payload = parseJson(record.payload);
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
                        !is_ours && (machine.empty() || machine == "none") &&
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

// False when another node has moved the cursor meanwhile: it has answered.
bool AutomaticAnswers::commit(const std::vector<Answer>& answers, std::int64_t to) {
    bool is_ours = false;
    const TimePoint now = parts_.clock.now();
    const Status written = parts_.store.writeAndWait([&](Tx& tx) {
        is_ours = tx.exec(kMoveCursor, {kConsumer, saved_, to, toMicros(now)}) == 1;
        if (!is_ours) return;
        forgetDays(tx, now);
        for (const Answer& answer : answers)
            if (mayAnswer(tx, answer, now)) parts_.outbox.enqueue(tx, answer.request);
    });
    if (!written) throw std::runtime_error(written.error().message);
    saved_ = to;
    saved_at_ = now;
    return is_ours;
}

}  // namespace signalbox
