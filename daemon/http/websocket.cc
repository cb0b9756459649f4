#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>

#include "base/log.h"
#include "daemon/http/batched_socket.h"
#include "daemon/http/stream_peers.h"
#include "daemon/http/stream_queue.h"

namespace signalbox::http {
namespace {

namespace beast = boost::beast;
namespace websocket = beast::websocket;

constexpr std::size_t kLargestMessage = 64 * 1024;
constexpr std::size_t kKeptBuffer = 4 * 1024;
constexpr std::size_t kLargestWrite = 64 * 1024;  // what waits beyond it leaves with the next one

// A WebSocket until one side closes it. Beast frames, masks, checks UTF-8 and answers pings; here is what is
// sent when, and how it ends.
template <class Socket>
class WebSocket final : public Peer {
public:
    WebSocket(StreamOpening opening, Socket socket)
        : thread_(opening.thread),
          route_(opening.route),
          request_(std::make_unique<HttpRequest>(std::move(opening.request))),
          ws_(std::move(socket)),
          place_(std::move(opening.place)) {}

    void begin() {
        thread_.add(shared_from_this());
        thread_.counters().streams_open.add(1);
        queue_ = std::make_shared<StreamQueue>(StreamQueue::Kind::WebSocket,
                                               thread_.doors().options.max_queued_stream_bytes,
                                               thread_.inbox(), weak_from_this());
        configure();
        ws_.async_accept(handshake(), [this, self = shared_from_this()](ErrorCode error) {
            if (error) return abort();
            onOpen();
        });
    }

    void deliver(Delivery) override { pump(); }

    void tick() override {
        if (isCloseOverdue()) abort();
    }

    void drain() override { queue_->close(1001, "the server is stopping"); }

    void abort() override {
        if (is_closed_) return;
        is_closed_ = true;
        ErrorCode ignored;
        tcpOf(ws_.next_layer().next_layer()).close(ignored);
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

    void configure() {
        const auto& options = thread_.doors().options;
        // Beast pings at half of the idle time-out and closes when nothing came until its end.
        ws_.set_option(
            websocket::stream_base::timeout{options.header_timeout, 2 * options.ping_interval, true});
        ws_.set_option(websocket::stream_base::decorator([](websocket::response_type& response) {
            response.set(beast::http::field::server, "signalbox");  // else Beast tells its own version
        }));
        ws_.read_message_max(kLargestMessage);
        ws_.auto_fragment(false);
        ws_.text(true);
    }

    // What Beast needs of the request for its answer.
    beast::http::request<beast::http::empty_body> handshake() const {
        beast::http::request<beast::http::empty_body> request(beast::http::verb::get, "/", 11);
        request.set(beast::http::field::host, "-");
        request.set(beast::http::field::connection, "upgrade");
        request.set(beast::http::field::upgrade, "websocket");
        request.set(beast::http::field::sec_websocket_version, "13");
        const auto key = request_->headers.get("sec-websocket-key");
        request.set(beast::http::field::sec_websocket_key, beast::string_view(key.data(), key.size()));
        return request;
    }

    void onOpen() {
        if (is_closed_) return;
        is_open_ = true;
        const auto request = std::move(request_);
        try {
            route_.opened(*request, queue_);
        } catch (const std::exception& error) {
            log::error("http_handler_failed", {{"reason", error.what()}});
            queue_->close(1011, "internal error");
        }
        read();
        pump();
    }

    void read() {
        ws_.async_read(in_, [this, self = shared_from_this()](ErrorCode error, std::size_t) {
            if (error) return abort();
            onMessage();
        });
    }

    void onMessage() {
        if (is_closed_) return;
        if (!ws_.got_text()) {
            queue_->close(1003, "only text is understood");
        } else if (!closing_since_) {
            if (!queue_->received(beast::buffers_to_string(in_.cdata())))
                queue_->close(1011, "internal error");
        }
        in_.consume(in_.size());
        if (in_.capacity() > kKeptBuffer) in_.shrink_to_fit();
        if (!is_closed_) read();
    }

    void pump() {
        if (is_closed_ || !is_open_) return;
        const auto closing = queue_->closing();
        if (closing && !closing_since_) closing_since_ = thread_.now();
        if (is_writing_ || has_said_all_) return;
        if (auto text = queue_->next()) return writeAll(std::move(*text));
        if (closing) sayClose(*closing);
    }

    // All that waits in one write: the last message by Beast, those before it in front of it.
    void writeAll(std::string text) {
        std::string front;
        writing_bytes_ = text.size();
        while (front.size() < kLargestWrite) {
            auto next = queue_->next();
            if (!next) break;
            appendTextFrame(front, text);
            text = std::move(*next);
            writing_bytes_ += text.size();
        }
        ws_.next_layer().putInFront(std::move(front));
        write(std::move(text));
    }

    void write(std::string text) {
        is_writing_ = true;
        sending_ = std::move(text);
        ws_.async_write(asio::buffer(sending_),
                        [this, self = shared_from_this()](ErrorCode error, std::size_t) {
                            is_writing_ = false;
                            if (error) return abort();
                            if (is_closed_) return;
                            queue_->written(writing_bytes_);
                            sending_ = std::string();
                            pump();
                        });
    }

    void sayClose(const StreamQueue::Closing& closing) {
        has_said_all_ = true;
        const websocket::close_reason reason(static_cast<websocket::close_code>(closing.code),
                                             closing.reason.c_str());
        ws_.async_close(reason, [self = shared_from_this()](ErrorCode) { self->abort(); });
    }

    IoThread& thread_;
    const StreamRoute& route_;
    std::unique_ptr<HttpRequest> request_;
    websocket::stream<BatchedSocket<Socket>, false> ws_;
    Admission::Place place_;
    std::shared_ptr<StreamQueue> queue_;
    beast::flat_buffer in_;
    std::string sending_;
    std::size_t writing_bytes_ = 0;
    std::optional<IoThread::Time> closing_since_;
    bool is_open_ = false, is_writing_ = false, has_said_all_ = false, is_closed_ = false;
};

}  // namespace

std::optional<HttpResponse> refuseHandshake(const HttpRequest& request) {
    if (request.headers.get("sec-websocket-version") != "13") {
        auto response = problem(426, "websocket_version", "the WebSocket version is 13");
        response.headers.add("sec-websocket-version", "13");
        return response;
    }
    // 16 bytes in Base64.
    const auto key = request.headers.get("sec-websocket-key");
    if (key.size() != 24 || !key.ends_with("=="))
        return problem(400, "malformed_request", "the Sec-WebSocket-Key is not 16 bytes in Base64");
    return std::nullopt;
}

void openWebSocket(StreamOpening opening, PlainSocket socket) {
    std::make_shared<WebSocket<PlainSocket>>(std::move(opening), std::move(socket))->begin();
}

void openWebSocket(StreamOpening opening, TlsSocket socket) {
    std::make_shared<WebSocket<TlsSocket>>(std::move(opening), std::move(socket))->begin();
}

}  // namespace signalbox::http
