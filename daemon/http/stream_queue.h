// The LiveStream that a handler holds: a bounded queue between any thread and the connection. It outlives the
// connection; what is sent then is refused. The lower half is called on the connection's thread only.
#pragma once

#include <deque>
#include <mutex>
#include <optional>

#include "daemon/http/inbox.h"
#include "daemon/http/server.h"

namespace signalbox::http {

class StreamQueue final : public LiveStream {
public:
    enum class Kind { WebSocket, Events };
    struct Closing {
        int code;
        std::string reason;
    };

    StreamQueue(Kind kind, std::size_t max_bytes, std::shared_ptr<Inbox> inbox, std::weak_ptr<Peer> peer);

    bool send(std::string text, const std::string& id) override;
    void close(int code, const std::string& reason) override;
    bool isWebSocket() const override { return kind_ == Kind::WebSocket; }
    void onMessage(std::function<void(std::string)> callback) override { on_message_ = std::move(callback); }
    void onClose(std::function<void()> callback) override { on_close_ = std::move(callback); }
    std::size_t queuedBytes() const override;

    // ---- the connection's side ----
    // The next thing to write; it counts as queued until `written`.
    std::optional<std::string> next();
    void written(std::size_t bytes);
    // Set once somebody wants the end.
    std::optional<Closing> closing() const;
    // False when the callback threw.
    bool received(std::string message);
    // Nothing is taken any more; tells the handler once.
    void ended();

private:
    void wake();

    const Kind kind_;
    const std::size_t max_bytes_;
    const std::shared_ptr<Inbox> inbox_;
    const std::weak_ptr<Peer> peer_;

    mutable std::mutex mutex_;
    std::deque<std::string> waiting_;
    std::size_t queued_ = 0;
    bool is_awake_ =
        false;  // the connection knows that there is something, and will look until there is nothing
    bool has_ended_ = false;
    std::optional<Closing> closing_;

    std::function<void(std::string)> on_message_;
    std::function<void()> on_close_;
};

// One event in the text/event-stream format (WHATWG HTML, 9.2.6).
std::string eventText(std::string_view text, std::string_view id);

}  // namespace signalbox::http
