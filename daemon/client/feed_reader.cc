#include "daemon/client/feed_reader.h"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <limits>

#include "connectors/sdk/address_book.h"
#include "connectors/sdk/connection.h"
#include "daemon/client/api.h"
#include "daemon/client/event_stream.h"

namespace signalbox::client {
namespace {

namespace http = boost::beast::http;
using namespace std::chrono_literals;

// A feed may be silent for long, but a connection that died in silence looks the same: after this it is made
// anew, behind the last offset, which costs nothing.
constexpr HttpOptions kPatience{.read_timeout = 90s};
constexpr auto kForever = std::chrono::hours(24 * 365);
constexpr std::size_t kMaxRefusalBytes = 64 * 1024;

Error broken(std::string why) {
    return {ErrorKind::Unavailable, std::move(why), {}, "unreachable"};
}

Result<std::unique_ptr<Connection>> connect(const Url& url, const TlsSettings& tls, const IoWait& wait) {
    const auto addresses = resolve(url, {.allow_any = true, .any_port = true});
    if (!addresses) return addresses.error();
    Error last;
    for (const auto& address : *addresses) {
        auto connection =
            Connection::open(url, reinterpret_cast<const sockaddr&>(address), tls, kPatience, wait);
        if (connection) return connection;
        last = connection.error();
    }
    return last;
}

std::string serialize(const FeedRequest& request, const Url& url) {
    std::string text = "GET " + url.target + " HTTP/1.1\r\nHost: " + url.authority() +
                       "\r\nAccept: text/event-stream\r\nUser-Agent: signalbox\r\n";
    if (!request.token.empty()) text += "Authorization: Bearer " + request.token.reveal() + "\r\n";
    return text + "\r\n";
}

std::string targetOf(const FeedRequest& request) {
    FormFields query;
    if (request.from) query.emplace_back("from", std::to_string(*request.from));
    if (!request.types.empty()) query.emplace_back("types", request.types);
    std::string url = request.url;
    while (url.ends_with('/')) url.pop_back();
    return url + "/api/v1/feed" + (query.empty() ? "" : '?' + formEncode(query));
}

// The answer as it comes: a refusal is read whole, events are handed on.
class Answer {
public:
    explicit Answer(EventStream events) : events_(std::move(events)) {
        parser_.eager(true);
        parser_.body_limit(std::numeric_limits<std::uint64_t>::max());
    }

    // True while there is more to read.
    Result<bool> feed(std::string_view bytes) {
        pending_ += bytes;
        boost::beast::error_code fault;
        pending_.erase(0, parser_.put(boost::asio::buffer(pending_), fault));
        if (fault && fault != http::error::need_more)
            return broken("the answer is not HTTP: " + fault.message());
        if (!parser_.is_header_done()) return true;
        std::string& body = parser_.get().body();
        if (parser_.get().result_int() != 200) {
            if (parser_.is_done() || body.size() > kMaxRefusalBytes) return refusal();
            return true;
        }
        const bool is_wanted = events_.feed(body);
        body.clear();
        if (is_wanted && parser_.is_done()) return broken("the daemon ended the feed");
        return is_wanted;
    }

private:
    Error refusal() {
        HttpResponse response{static_cast<int>(parser_.get().result_int()), {}, parser_.get().body()};
        Error error = refusalOf(response);
        // It restarts, or is too busy: that passes.
        if (response.status >= 500) error.kind = ErrorKind::Unavailable;
        return error;
    }

    http::response_parser<http::string_body> parser_;
    std::string pending_;
    EventStream events_;
};

Status readAll(Connection& connection, Answer& answer, const IoWait& wait) {
    std::array<char, 16 * 1024> buffer;
    while (true) {
        const auto size = connection.read(buffer.data(), buffer.size(), kPatience, wait);
        if (!size) return broken(size.error().message);
        if (*size == 0) return broken("the connection was closed");
        const auto is_more = answer.feed({buffer.data(), *size});
        if (!is_more) return is_more.error();
        if (!*is_more) return Done{};
    }
}

}  // namespace

Status followFeed(const FeedRequest& request, const std::function<bool(const std::string& event)>& on_event,
                  const std::stop_token& stop) {
    static const TlsSettings tls;
    const auto url = parseUrl(targetOf(request));
    if (!url) return usageError("--url " + request.url + ": " + url.error().message);
    const IoWait wait(stop, kForever);
    const auto connection = connect(*url, tls, wait);
    if (!connection) return transportError(request.url, connection.error());
    std::size_t written = 0;
    if (auto sent = (*connection)->write(serialize(request, *url), kPatience, wait, written); !sent)
        return broken(sent.error().message);
    Answer answer(EventStream([&](const std::string&, const std::string& data) { return on_event(data); }));
    return readAll(**connection, answer, wait);
}

}  // namespace signalbox::client
