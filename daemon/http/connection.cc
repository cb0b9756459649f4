#include "daemon/http/connection.h"

#include <array>
#include <boost/beast/core/flat_buffer.hpp>

#include "base/log.h"
#include "daemon/http/request_reader.h"
#include "daemon/http/responder.h"
#include "daemon/http/response_bytes.h"
#include "daemon/http/stream_peers.h"

namespace signalbox::http {
namespace {

constexpr std::size_t kFirstRead = 4 * 1024;
constexpr std::size_t kLargestRead = 64 * 1024;
constexpr std::size_t kSmallestRead = 512;
// Answers to pipelined requests are gathered up to this and go out with one call.
constexpr std::size_t kLargestBatch = 64 * 1024;
// A body up to this is copied behind its head, a larger one is sent from where it is.
constexpr std::size_t kLargestCopy = 16 * 1024;
// A large response is read in pieces of this.
constexpr std::size_t kSourcePiece = 256 * 1024;
constexpr std::chrono::seconds kLinger{2};
constexpr std::size_t kLargestDiscard = 1024 * 1024;
// The slowest client that is waited for, in both directions.
constexpr std::size_t kLowestRate = 1024;  // bytes a second

std::size_t lowestIn(std::chrono::steady_clock::duration time) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time).count();
    return seconds > 0 ? kLowestRate * static_cast<std::size_t>(seconds) : 0;
}

enum class Phase {
    Handshake,
    Idle,  // between two requests
    Head,  // a request has begun, or the connection is new
    Body,
    Waiting,    // the handler has the request
    Answered,   // its answer is being sent
    Upgrading,  // becomes a stream as soon as earlier answers are out
    Lingering,  // said all; reads what still comes, so that no reset destroys the answer on its way
    Closed
};

template <class Socket>
class Connection final : public Peer {
    static constexpr bool kIsTls = std::is_same_v<Socket, TlsSocket>;

public:
    Connection(IoThread& thread, Socket socket, Admission::Place place, std::string remote_address)
        : thread_(thread),
          options_(thread.doors().options),
          socket_(std::move(socket)),
          place_(std::move(place)),
          remote_address_(std::move(remote_address)),
          is_from_proxy_(thread.doors().proxies.trusts(remote_address_)),
          reader_(options_),
          in_(options_.max_header_bytes + 2 * kLargestRead),
          since_(thread.now()) {}

    void begin() {
        if (thread_.isDraining()) return;
        thread_.add(shared_from_this());
        if constexpr (kIsTls) {
            socket_.async_handshake(asio::ssl::stream_base::server,
                                    [this, self = shared_from_this()](ErrorCode error) {
                                        if (error) return abort();
                                        run();
                                    });
        } else {
            run();
        }
    }

    void deliver(Delivery delivery) override {
        if (phase_ != Phase::Waiting || delivery.request != request_) return;
        answer(std::move(delivery.response));
        enter(Phase::Answered);
        if (!is_in_handler_) run();
    }

    bool isInHandler() const override { return is_in_handler_; }

    void tick() override {
        const auto waited = thread_.now() - since_;
        if (is_writing_) return checkWriteRate();
        if (phase_ == Phase::Idle && waited > options_.idle_timeout) return abort();
        if (phase_ == Phase::Lingering && waited > kLinger) return abort();
        if (phase_ == Phase::Handshake && waited > options_.header_timeout) return abort();
        if (phase_ == Phase::Head && waited > options_.header_timeout) {
            if (in_.size() == 0) return abort();
            timeOut("the request header took too long");
        }
        const auto longest = reader_.isSpooling() ? options_.spooled_body_timeout : options_.body_timeout;
        if (phase_ == Phase::Body &&
            (waited > longest || reader_.bodyBytesReceived() < lowestIn(waited - options_.rate_grace)))
            timeOut("the request body took too long");
    }

    void drain() override {
        const bool is_unused =
            phase_ == Phase::Handshake || phase_ == Phase::Idle || (phase_ == Phase::Head && in_.size() == 0);
        if (is_unused) abort();
    }

    void abort() override {
        if (phase_ == Phase::Closed) return;
        phase_ = Phase::Closed;
        ErrorCode ignored;
        tcpOf(socket_).close(ignored);
        place_.giveBack();
        thread_.remove(*this);
    }

private:
    // Goes on until something must be waited for: bytes, the handler, or room to write.
    void run() {
        while (phase_ != Phase::Closed && !is_writing_) {
            if (source_ && !hasOutput() && !readSource()) return abort();
            const bool needs_more = !source_ && takeRequests();
            if (needs_more && reader_.takeContinueWish()) out_.append("HTTP/1.1 100 Continue\r\n\r\n");
            if (hasOutput() && !flush()) return;
            if (source_) continue;
            if (closes_) return linger();
            if (phase_ == Phase::Upgrading) return becomeStream();
            if (phase_ == Phase::Waiting) return;
            if (needs_more) return readMore();
        }
    }

    // False when the source broke off: what was promised cannot be sent.
    bool readSource() {
        if (source_left_ == 0) {
            source_.reset();
            return true;
        }
        auto piece =
            source_->next(static_cast<std::size_t>(std::min<std::uint64_t>(source_left_, kSourcePiece)));
        if (!piece || piece->empty() || piece->size() > source_left_) return false;
        source_left_ -= piece->size();
        out_body_ = *std::move(piece);
        return true;
    }

    // True when the bytes at hand are not a whole request.
    bool takeRequests() {
        while (!closes_ && phase_ != Phase::Waiting && phase_ != Phase::Upgrading &&
               out_.size() < kLargestBatch && out_body_.empty() && !source_) {
            const auto data = in_.cdata();
            std::string_view bytes(static_cast<const char*>(data.data()), data.size());
            const auto progress = reader_.take(bytes);
            in_.consume(data.size() - bytes.size());
            if (progress == RequestReader::Progress::NeedsMore) return true;
            if (progress == RequestReader::Progress::Complete) {
                dispatch();
            } else {
                refuse(reader_.refusal());
            }
        }
        return false;
    }

    void dispatch() {
        auto& head = reader_.head();
        auto request = std::move(head.request);
        request.remote_address = is_from_proxy_
                                     ? thread_.doors().proxies.clientOf(remote_address_, request.headers)
                                     : remote_address_;
        is_head_request_ = request.method == "HEAD";
        ++request_;
        enter(Phase::Waiting);
        reader_.reset();
        thread_.counters().requests.add(1);
        if (const auto* route = thread_.doors().streamFor(request.path()))
            return openStream(*route, std::move(request));
        is_in_handler_ = true;
        handle(std::move(request));
        is_in_handler_ = false;
    }

    void handle(HttpRequest&& request) {
        const auto failed = [](const char* reason) {
            log::error("http_handler_failed", {{"reason", reason}});
        };
        // When the handler throws, its responder goes unanswered: the client gets 500.
        try {
            thread_.doors().handler(std::move(request), Responder(std::make_shared<Responder::Impl>(
                                                            thread_.inbox(), weak_from_this(), request_)));
        } catch (const std::exception& error) {
            failed(error.what());
        } catch (...) {
            failed("not a standard exception");
        }
    }

    void openStream(const StreamRoute& route, HttpRequest&& request) {
        auto refusal = refuseStream(route, request);
        if (refusal) {
            answer(std::move(*refusal));
            return enter(Phase::Answered);
        }
        stream_route_ = &route;
        stream_request_ = std::make_unique<HttpRequest>(std::move(request));
        enter(Phase::Upgrading);
    }

    std::optional<HttpResponse> refuseStream(const StreamRoute& route, const HttpRequest& request) const {
        const auto& head = reader_.head();
        if (thread_.isDraining()) return problem(503, "stopping", "the server is stopping");
        if (request.method != "GET") {
            auto response = problem(405, "method_not_allowed", "a stream is opened with GET");
            response.headers.add("allow", "GET");
            return response;
        }
        // RFC 6455, 4.1: the client waits for our answer before it sends frames.
        if (head.wants_websocket && in_.size() > 0)
            return problem(400, "malformed_request", "data before the WebSocket was open");
        if (auto response = refusedBy(route, request)) return response;
        return head.wants_websocket ? refuseHandshake(request) : std::nullopt;
    }

    static std::optional<HttpResponse> refusedBy(const StreamRoute& route, const HttpRequest& request) {
        if (!route.refuse) return std::nullopt;
        try {
            return route.refuse(request);
        } catch (const std::exception& error) {
            log::error("http_handler_failed", {{"reason", error.what()}});
            return problem(500, "internal_error", "the request was not answered");
        }
    }

    void becomeStream() {
        const auto self = shared_from_this();
        const bool is_websocket = reader_.head().wants_websocket;
        phase_ = Phase::Closed;
        thread_.remove(*this);
        auto opening = StreamOpening{thread_, *stream_route_, std::move(*stream_request_), std::move(place_)};
        if (is_websocket) return openWebSocket(std::move(opening), std::move(socket_));
        openEventStream(std::move(opening), std::move(socket_));
    }

    void timeOut(const char* detail) {
        refuse({408, "request_timeout", detail});
        run();
    }

    // What is wrong with the framing leaves the rest of the bytes without meaning: the connection closes.
    void refuse(const Refusal& refusal) {
        thread_.counters().refused.add(1);
        closes_ = true;
        is_head_request_ = false;
        answer(problem(refusal.status, refusal.code, refusal.detail));
    }

    void answer(HttpResponse&& response) {
        ++served_;
        const auto& head = reader_.head();
        closes_ = closes_ || !head.keeps_alive || thread_.isDraining() ||
                  served_ >= options_.max_requests_per_connection;
        const ResponseFraming framing{thread_.date(), is_head_request_, head.is_http_1_0, !closes_};
        appendHead(out_, response, framing);
        if (!sendsBody(response, framing)) return;
        if (response.source) {
            source_ = std::move(response.source);
            source_left_ = source_->size();
        } else if (response.body.size() <= kLargestCopy) {
            out_.append(response.body);
        } else {
            out_body_ = std::move(response.body);
        }
    }

    // Looked at in stretches, not from the beginning: the system's buffer takes the first megabytes at once.
    void checkWriteRate() {
        const auto elapsed = thread_.now() - stretch_since_;
        if (elapsed < 2 * options_.rate_grace) return;
        if (sent_ - stretch_sent_ < lowestIn(elapsed)) return abort();
        stretch_since_ = thread_.now();
        stretch_sent_ = sent_;
    }

    bool hasOutput() const { return !out_.empty() || !out_body_.empty(); }

    // True when everything has left.
    bool flush() {
        sending_.swap(out_);
        sending_body_.swap(out_body_);
        sent_ = stretch_sent_ = 0;
        stretch_since_ = thread_.now();
        return send();
    }

    bool send() {
        if constexpr (!kIsTls) {
            // Nearly always there is room at once, and nothing need be waited for.
            ErrorCode error;
            sent_ += socket_.write_some(unsent(), error);
            if (error && error != asio::error::would_block) {
                abort();
                return false;
            }
            if (isAllSent()) return true;
        }
        is_writing_ = true;
        socket_.async_write_some(unsent(), [this, self = shared_from_this()](ErrorCode error, std::size_t n) {
            onWritten(error, n);
        });
        return false;
    }

    void onWritten(ErrorCode error, std::size_t n) {
        is_writing_ = false;
        if (error) return abort();
        if (phase_ == Phase::Closed) return;
        sent_ += n;
        if (isAllSent() || send()) run();
    }

    std::array<asio::const_buffer, 2> unsent() const {
        std::array<asio::const_buffer, 2> parts{asio::buffer(sending_), asio::buffer(sending_body_)};
        const auto of_first = std::min(sent_, sending_.size());
        parts[0] += of_first;
        parts[1] += sent_ - of_first;
        return parts;
    }

    bool isAllSent() {
        if (sent_ < sending_.size() + sending_body_.size()) return false;
        sending_.clear();
        if (sending_.capacity() > kLargestBatch) sending_ = std::string();
        sending_body_ = std::string();
        return true;
    }

    void readMore() {
        // Its response was on the way when the server began to stop: nobody waits for another request.
        if (thread_.isDraining() && !reader_.isInBody() && in_.size() == 0) return abort();
        enter(reader_.isInBody() ? Phase::Body : in_.size() > 0 || served_ == 0 ? Phase::Head : Phase::Idle);
        const auto room = read_size_ > in_.size() ? read_size_ - in_.size() : 0;
        read(std::max(room, kSmallestRead));
    }

    void read(std::size_t size) {
        is_reading_ = true;
        asked_ = size;
        socket_.async_read_some(in_.prepare(size), [this, self = shared_from_this()](
                                                       ErrorCode error, std::size_t n) { onRead(error, n); });
    }

    void onRead(ErrorCode error, std::size_t n) {
        is_reading_ = false;
        if (phase_ == Phase::Closed) return;
        if (phase_ == Phase::Lingering) return discard(error, n);
        if (closes_) return;
        if (error) return abort();
        in_.commit(n);
        if (phase_ == Phase::Idle) enter(Phase::Head);
        adaptReads(n);
        run();
    }

    // Memory goes to those who send much, not to those who say they will.
    void adaptReads(std::size_t n) {
        if (n == asked_ && n >= kSmallestRead) read_size_ = std::min(2 * read_size_, kLargestRead);
    }

    void enter(Phase phase) {
        if (phase_ == phase) return;
        if (phase == Phase::Idle) rest();
        phase_ = phase;
        since_ = thread_.now();
    }

    void rest() {
        if (read_size_ == kFirstRead) return;
        read_size_ = kFirstRead;
        in_.shrink_to_fit();
    }

    void linger() {
        enter(Phase::Lingering);
        if constexpr (kIsTls) {
            if (!is_reading_) {
                return socket_.async_shutdown([self = shared_from_this()](ErrorCode) { self->abort(); });
            }
        }
        ErrorCode ignored;
        tcpOf(socket_).shutdown(PlainSocket::shutdown_send, ignored);
        in_.consume(in_.size());
        if (!is_reading_) read(kFirstRead);
    }

    void discard(ErrorCode error, std::size_t n) {
        discarded_ += n;
        if (error || discarded_ > kLargestDiscard) return abort();
        read(kFirstRead);
    }

    IoThread& thread_;
    const ServerOptions& options_;
    Socket socket_;
    Admission::Place place_;
    const std::string remote_address_;
    const bool is_from_proxy_;  // whose word on who asks is believed

    RequestReader reader_;
    boost::beast::flat_buffer in_;
    std::size_t read_size_ = kFirstRead, asked_ = 0, discarded_ = 0;

    std::string out_, out_body_;          // gathered
    std::string sending_, sending_body_;  // lent to the socket
    std::shared_ptr<BodySource> source_;  // the rest of a large response, shared with nobody once it is here
    std::uint64_t source_left_ = 0;
    std::size_t sent_ = 0, stretch_sent_ = 0;
    IoThread::Time stretch_since_;

    Phase phase_ = kIsTls ? Phase::Handshake : Phase::Head;
    IoThread::Time since_;
    std::uint64_t request_ = 0;  // the one that the handler has; tells late answers apart
    std::size_t served_ = 0;
    bool is_head_request_ = false, is_in_handler_ = false, is_reading_ = false, is_writing_ = false;
    bool closes_ = false;

    const StreamRoute* stream_route_ = nullptr;
    std::unique_ptr<HttpRequest> stream_request_;
};

template <class Socket>
void begin(IoThread& thread, Socket socket, Admission::Place place, std::string remote_address) {
    std::make_shared<Connection<Socket>>(thread, std::move(socket), std::move(place),
                                         std::move(remote_address))
        ->begin();
}

}  // namespace

void beginConnection(IoThread& thread, PlainSocket socket, Admission::Place place,
                     std::string remote_address) {
    begin(thread, std::move(socket), std::move(place), std::move(remote_address));
}

void beginConnection(IoThread& thread, TlsSocket socket, Admission::Place place, std::string remote_address) {
    begin(thread, std::move(socket), std::move(place), std::move(remote_address));
}

}  // namespace signalbox::http
