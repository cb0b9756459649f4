#include "connectors/sdk/http_client.h"

#include <algorithm>
#include <array>

#include "connectors/sdk/address_book.h"
#include "connectors/sdk/connection_pool.h"
#include "connectors/sdk/response_reader.h"

namespace signalbox {
namespace {

constexpr std::size_t kMaxAddresses = 3;  // tried one after the other

// Written here, because they decide where the request ends and whom it reaches.
bool isOurs(std::string_view name) {
    constexpr std::string_view kOurs[] = {
        "host", "content-length", "transfer-encoding", "connection", "upgrade", "trailer", "expect", "te"};
    return std::any_of(std::begin(kOurs), std::end(kOurs),
                       [&](auto ours) { return equalsIgnoringCase(ours, name); });
}

bool isToken(std::string_view text) {
    constexpr std::string_view kSpecial = "!#$%&'*+-.^_`|~";  // RFC 9110, 5.6.2
    return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               kSpecial.find(c) != std::string_view::npos;
    });
}

bool isFieldValue(std::string_view text) {
    return std::none_of(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == 0x7f;
    });
}

Status checkRequest(const HttpRequest& request) {
    if (!isToken(request.method)) return Error{ErrorKind::Invalid, "method is not a word", {}, "bad_request"};
    for (const auto& [name, value] : request.headers) {
        if (!isToken(name) || !isFieldValue(value))
            return Error{ErrorKind::Invalid, "a header holds characters it cannot have", {}, "bad_request"};
    }
    return Done{};
}

bool mayHaveBody(const std::string& method) {
    return method == "POST" || method == "PUT" || method == "PATCH";
}

std::string serialize(const HttpRequest& request, const Url& url) {
    std::string out = request.method + ' ' + url.target + " HTTP/1.1\r\nHost: " + url.authority() + "\r\n";
    for (const auto& [name, value] : request.headers) {
        if (!isOurs(name)) out += name + ": " + value + "\r\n";
    }
    if (!request.headers.find("user-agent")) out += "User-Agent: signalbox\r\n";
    if (!request.headers.find("accept")) out += "Accept: */*\r\n";
    if (!request.body.empty() || mayHaveBody(request.method))
        out += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
    return out + "\r\n" + request.body;
}

// What became of one request on one connection.
struct Exchange {
    Result<HttpResponse> answer;
    bool may_try_fresh = false;  // the server cannot have done anything, or doing it twice is harmless
};

class PoolingHttpClient : public HttpClient {
public:
    explicit PoolingHttpClient(AddressPolicy policy) : policy_(std::move(policy)) {}

    Result<HttpResponse> send(const HttpRequest& request, const HttpOptions& options,
                              const std::stop_token& stop) override {
        const auto url = parseUrl(request.target);
        if (!url) return url.error();
        const std::string call = request.method + ' ' + url->origin();
        if (auto valid = checkRequest(request); !valid) return withContext(call, valid.error());
        const IoWait wait(stop, options.total_timeout);
        auto answer = send(request, *url, options, wait);
        if (!answer) return withContext(call, answer.error());
        return answer;
    }

private:
    Result<HttpResponse> send(const HttpRequest& request, const Url& url, const HttpOptions& options,
                              const IoWait& wait) {
        const std::string bytes = serialize(request, url);
        if (auto idle = pool_.take(url.origin())) {
            auto exchange = exchangeOn(std::move(idle), request.method, bytes, url, options, wait);
            if (exchange.answer || !exchange.may_try_fresh) return std::move(exchange.answer);
        }
        auto fresh = connect(url, options, wait);
        if (!fresh) return fresh.error();
        return exchangeOn(std::move(*fresh), request.method, bytes, url, options, wait).answer;
    }

    Result<std::unique_ptr<Connection>> connect(const Url& url, const HttpOptions& options,
                                                const IoWait& wait) {
        auto addresses = resolve(url, policy_);
        if (!addresses) return addresses.error();
        Error last;
        for (std::size_t i = 0; i < std::min(addresses->size(), kMaxAddresses); ++i) {
            const auto& address = reinterpret_cast<const sockaddr&>((*addresses)[i]);
            auto connection = Connection::open(url, address, tls_, options, wait);
            if (connection) return connection;
            last = connection.error();
        }
        return last;
    }

    Exchange exchangeOn(std::unique_ptr<Connection> connection, const std::string& method,
                        const std::string& bytes, const Url& url, const HttpOptions& options,
                        const IoWait& wait) {
        const bool is_safe = method == "GET" || method == "HEAD";
        std::size_t written = 0;
        if (auto sent = connection->write(bytes, options, wait, written); !sent) {
            if (written == 0 || is_safe) return {sent.error(), true};
            return {uncertain(sent.error()), false};
        }
        ResponseReader reader(method == "HEAD", options.max_response_bytes);
        if (auto read = readAnswer(*connection, reader, options, wait); !read) {
            if (is_safe) return {unanswered(read.error()), !reader.hasBegun()};
            return {uncertain(read.error()), false};
        }
        if (reader.mayKeepAlive()) pool_.put(url.origin(), std::move(connection));
        return {reader.take(), false};
    }

    static Status readAnswer(Connection& connection, ResponseReader& reader, const HttpOptions& options,
                             const IoWait& wait) {
        std::array<char, 16 * 1024> buffer;
        while (true) {
            const auto size = connection.read(buffer.data(), buffer.size(), options, wait);
            if (!size) return size.error();
            const auto is_done = *size == 0 ? reader.finish() : reader.feed({buffer.data(), *size});
            if (!is_done) return is_done.error();
            if (*is_done) return Done{};
            if (*size == 0)
                return Error{ErrorKind::Unavailable, "closed before the answer was complete", {}, "closed"};
        }
    }

    static Error uncertain(Error error) {
        error.kind = ErrorKind::Uncertain;
        error.message = "sent, but " + error.message;
        return error;
    }
    // A GET that was not answered has done nothing; one that was answered with nonsense may be tried again.
    static Error unanswered(Error error) {
        if (error.kind == ErrorKind::Invalid) error.kind = ErrorKind::Unavailable;
        return error;
    }

    const AddressPolicy policy_;
    const TlsSettings tls_;
    ConnectionPool pool_;
};

}  // namespace

std::unique_ptr<HttpClient> makeHttpClient(AddressPolicy policy) {
    return std::make_unique<PoolingHttpClient>(std::move(policy));
}

}  // namespace signalbox
