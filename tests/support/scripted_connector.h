// A provider that answers what the test says, and remembers what it was asked. Thread-safe.
#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "connectors/sdk/connector.h"

namespace signalbox {

class ScriptedConnector : public Connector, public Sender, public MediaSource {
public:
    using OnSend = std::function<Result<Receipt>(const OutboundMessage&, const std::stop_token&)>;
    using OnFetch = std::function<Result<Media>(const Attachment&)>;

    Status check(const std::stop_token&) override { return Done{}; }
    Sender* sender() override { return this; }
    MediaSource* media() override { return this; }

    void onSend(OnSend script) {
        std::lock_guard lock(mutex_);
        on_send_ = std::move(script);
    }
    // Each send gets the next answer, the last one again and again.
    void answers(std::vector<Result<Receipt>> answers) {
        const auto next = std::make_shared<std::atomic<std::size_t>>(0);
        onSend([answers = std::move(answers), next](const OutboundMessage&, const std::stop_token&) {
            return answers[std::min((*next)++, answers.size() - 1)];
        });
    }
    void onFetch(OnFetch script) {
        std::lock_guard lock(mutex_);
        on_fetch_ = std::move(script);
    }

    Result<Receipt> send(const OutboundMessage& message, const std::stop_token& stop) override {
        OnSend script;
        {
            std::lock_guard lock(mutex_);
            sent_.push_back(message);
            most_at_once_ = std::max(most_at_once_, ++at_once_);
            script = on_send_;
        }
        auto answer =
            script ? script(message, stop) : Result<Receipt>(Receipt{"ext-" + message.idempotency_key});
        std::lock_guard lock(mutex_);
        --at_once_;
        return answer;
    }
    Result<Media> fetch(const Attachment& attachment, const std::stop_token&) override {
        OnFetch script;
        {
            std::lock_guard lock(mutex_);
            script = on_fetch_;
        }
        return script ? script(attachment)
                      : Result<Media>(Media{"bytes of " + attachment.media_id, "image/png", ""});
    }

    std::vector<OutboundMessage> sent() const {
        std::lock_guard lock(mutex_);
        return sent_;
    }
    std::vector<std::string> texts() const {
        std::vector<std::string> texts;
        for (const auto& message : sent()) texts.push_back(message.text);
        return texts;
    }
    std::size_t count() const { return sent().size(); }
    int mostAtOnce() const {
        std::lock_guard lock(mutex_);
        return most_at_once_;
    }

private:
    mutable std::mutex mutex_;
    OnSend on_send_;
    OnFetch on_fetch_;
    std::vector<OutboundMessage> sent_;
    int at_once_ = 0, most_at_once_ = 0;
};

}  // namespace signalbox
