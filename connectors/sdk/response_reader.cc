#include "connectors/sdk/response_reader.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>

namespace signalbox {
namespace {

namespace http = boost::beast::http;
using Parser = http::response_parser<http::string_body>;

constexpr std::uint32_t kMaxHeader = 64 * 1024;
constexpr int kMaxInformational = 8;  // 100 Continue, 103 Early Hints … before the response proper

}  // namespace

struct ResponseReader::State {
    State(bool is_head, std::size_t max_body) : is_head(is_head), max_body(max_body) { begin(); }

    const bool is_head;
    const std::size_t max_body;
    std::optional<Parser> parser;
    std::string pending;  // what the parser has not taken yet
    int informational = 0;
    bool has_begun = false;

    void begin() {
        parser.emplace();
        parser->eager(true);
        parser->header_limit(kMaxHeader);
        parser->body_limit(max_body);
        if (is_head) parser->skip(true);
    }

    Result<bool> judge(boost::beast::error_code fault) {
        // Beast 1.74 goes on past its own limit when head and body come in one piece, so the size is checked
        // here as well.
        const bool is_too_large = parser->get().body().size() > max_body;
        if (is_too_large || fault == http::error::header_limit || fault == http::error::body_limit)
            return Error{ErrorKind::Rejected, "the answer is larger than allowed", {}, "answer_too_large"};
        if (fault && fault != http::error::need_more)
            return Error{ErrorKind::Invalid, "the answer is not HTTP: " + fault.message(), {}, "bad_answer"};
        return parser->is_done();
    }
};

ResponseReader::ResponseReader(bool is_head, std::size_t max_body)
    : state_(std::make_unique<State>(is_head, max_body)) {}
ResponseReader::~ResponseReader() = default;

Result<bool> ResponseReader::feed(std::string_view bytes) {
    State& s = *state_;
    s.has_begun = s.has_begun || !bytes.empty();
    s.pending += bytes;
    while (true) {
        boost::beast::error_code fault;
        const auto taken = s.parser->put(boost::asio::buffer(s.pending), fault);
        s.pending.erase(0, taken);
        auto is_done = s.judge(fault);
        if (!is_done || !*is_done) return is_done;
        if (s.parser->get().result_int() / 100 != 1) return true;
        if (++s.informational > kMaxInformational)
            return Error{ErrorKind::Invalid, "the answer does not begin", {}, "bad_answer"};
        s.begin();
    }
}

Result<bool> ResponseReader::finish() {
    boost::beast::error_code fault;
    if (state_->parser->is_header_done()) state_->parser->put_eof(fault);
    if (fault) return false;
    return state_->parser->is_done();
}

bool ResponseReader::hasBegun() const {
    return state_->has_begun;
}

bool ResponseReader::mayKeepAlive() const {
    return state_->pending.empty() && state_->parser->is_done() && state_->parser->keep_alive() &&
           !state_->parser->need_eof();
}

HttpResponse ResponseReader::take() {
    auto message = state_->parser->release();
    HttpResponse response;
    response.status = static_cast<int>(message.result_int());
    for (const auto& field : message) {
        const auto name = field.name_string();
        const auto value = field.value();
        response.headers.add({name.data(), name.size()}, {value.data(), value.size()});
    }
    response.body = std::move(message.body());
    return response;
}

}  // namespace signalbox
