#include <array>

#include "base/log.h"
#include "daemon/http/response_bytes.h"
#include "daemon/http/stream_peers.h"
#include "daemon/http/stream_queue.h"

namespace signalbox::http {
namespace {

constexpr std::size_t kLargestWrite = 64 * 1024;
constexpr std::chrono::seconds kWriteTimeout{60};

// A text/event-stream response that lasts until one side closes.
template <class Socket>
class EventStream final : public Peer {
public:
    EventStream(StreamOpening opening, Socket socket)
        : thread_(opening.thread),
          route_(opening.route),
          request_(std::make_unique<HttpRequest>(std::move(opening.request))),
          socket_(std::move(socket)),
          place_(std::move(opening.place)),
          wrote_at_(thread_.now()) {}

    void begin() {
        thread_.add(shared_from_this());
        thread_.counters().streams_open.add(1);
        queue_ = std::make_shared<StreamQueue>(StreamQueue::Kind::Events,
                                               thread_.doors().options.max_queued_stream_bytes,
                                               thread_.inbox(), weak_from_this());
        appendEventStreamHead(sending_, thread_.date());
        write();
        read();
        try {
            route_.opened(*request_, queue_);
        } catch (const std::exception& error) {
            log::error("http_handler_failed", {{"reason", error.what()}});
            abort();
        }
        request_.reset();
    }

    void deliver(Delivery) override { pump(); }

    void tick() override {
        const auto silent = thread_.now() - wrote_at_;
        if (isCloseOverdue()) return abort();
        if (is_writing_ && silent > kWriteTimeout) return abort();
        if (is_writing_ || silent < thread_.doors().options.event_keepalive) return;
        sending_ = ":\n\n";
        write();
    }

    void drain() override { queue_->close(1001, "the server is stopping"); }

    void abort() override {
        if (is_closed_) return;
        is_closed_ = true;
        ErrorCode ignored;
        tcpOf(socket_).close(ignored);
        thread_.counters().streams_open.add(-1);
        const auto self = shared_from_this();
        thread_.remove(*this);
        queue_->ended();
    }

private:
    bool isCloseOverdue() const {
        return closing_since_ &&
               thread_.now() - *closing_since_ > thread_.doors().options.stream_close_timeout;
    }

    void pump() {
        if (is_closed_) return;
        const bool is_closing = queue_->closing().has_value();
        if (is_closing && !closing_since_) closing_since_ = thread_.now();
        if (is_writing_ || has_said_all_) return;
        while (sending_.size() < kLargestWrite) {
            auto text = queue_->next();
            if (!text) break;
            from_queue_ += text->size();
            sending_.append(*text);
        }
        if (!sending_.empty()) return write();
        if (!is_closing) return;
        // The client sees the end and closes; its end of file is what `read` waits for.
        has_said_all_ = true;
        ErrorCode ignored;
        tcpOf(socket_).shutdown(PlainSocket::shutdown_send, ignored);
    }

    void write() {
        is_writing_ = true;
        wrote_at_ = thread_.now();
        socket_.async_write_some(
            asio::buffer(sending_) + sent_,
            [this, self = shared_from_this()](ErrorCode error, std::size_t n) { onWritten(error, n); });
    }

    void onWritten(ErrorCode error, std::size_t n) {
        is_writing_ = false;
        if (error) return abort();
        if (is_closed_) return;
        sent_ += n;
        if (sent_ < sending_.size()) return write();
        queue_->written(std::exchange(from_queue_, 0));
        sent_ = 0;
        // An idle watcher keeps no buffer.
        sending_ = std::string();
        pump();
    }

    // The client has nothing to say; reading tells when it is gone.
    void read() {
        socket_.async_read_some(asio::buffer(ignored_),
                                [this, self = shared_from_this()](ErrorCode error, std::size_t) {
                                    if (error) return abort();
                                    if (!is_closed_) read();
                                });
    }

    IoThread& thread_;
    const StreamRoute& route_;
    std::unique_ptr<HttpRequest> request_;
    Socket socket_;
    Admission::Place place_;
    std::shared_ptr<StreamQueue> queue_;

    std::string sending_;
    std::size_t sent_ = 0, from_queue_ = 0;
    std::array<char, 64> ignored_;
    IoThread::Time wrote_at_;
    std::optional<IoThread::Time> closing_since_;
    bool is_writing_ = false, has_said_all_ = false, is_closed_ = false;
};

}  // namespace

void openEventStream(StreamOpening opening, PlainSocket socket) {
    std::make_shared<EventStream<PlainSocket>>(std::move(opening), std::move(socket))->begin();
}

void openEventStream(StreamOpening opening, TlsSocket socket) {
    std::make_shared<EventStream<TlsSocket>>(std::move(opening), std::move(socket))->begin();
}

}  // namespace signalbox::http
