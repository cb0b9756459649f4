// Answers by itself what comes in, as the rules say: a consumer of the log with its own cursor; the answer
// goes to the outbox in the commit that moves it, so each message is answered once whatever happens. Never
// answers machines (RFC 3834), more than once in a conversation and period, or more than five times a day to
// one address. One thread; `rulesChanged` from any.
#pragma once

#include <atomic>
#include <functional>
#include <vector>

#include "hub/answers/answer_rules.h"
#include "hub/log/log_consumer.h"
#include "hub/outbox/outbox.h"

namespace signalbox {

class AutomaticAnswers {
public:
    struct Parts {
        Store& store;
        Clock& clock;
        const Accounts& accounts;
        EventLog& log;
        Outbox& outbox;
        // Whether the organization is open by this calendar; nothing: there is no such calendar.
        std::function<std::optional<bool>(Id org, const std::string& calendar, TimePoint at)> is_open;
    };
    explicit AutomaticAnswers(Parts parts);

    void start();
    void stop() { consumer_.stop(); }
    void rulesChanged() { are_rules_old_ = true; }
    // Looks at the next events of the log. False when there are none. Throws StoreError.
    bool step();

private:
    // What a message gets, before it is known whether it was answered lately.
    struct Answer {
        AnswerRule rule;
        Id conversation = 0;
        std::string peer;
        PreparedRequest request;
    };
    void readRules();
    const AnswerRule* ruleFor(const std::string& kind, Id org, Id account) const;
    const AnswerRule* choose(const LogRecord& record, const Json& payload) const;
    std::optional<Answer> answerTo(const LogRecord& record);
    bool mayAnswer(Tx& tx, const Answer& answer, TimePoint now) const;
    void forgetDays(Tx& tx, TimePoint now);

    const Parts parts_;
    std::vector<AnswerRule> rules_;
    std::atomic<bool> are_rules_old_{true};
    TimePoint rules_read_at_{};
    std::int64_t forgotten_day_ = 0;  // up to which counts of addresses are gone
    LogConsumer consumer_;
};

}  // namespace signalbox
