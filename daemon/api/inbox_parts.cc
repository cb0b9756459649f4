#include "daemon/api/inbox_parts.h"

#include <charconv>

#include "base/crypto.h"
#include "hub/outbox/outbox_queries.h"

namespace signalbox::api {
namespace {

// Ends the job in the store's hands, which then rolls it back.
struct TakenBack : std::exception {
    const char* what() const noexcept override { return "the change was refused"; }
};

// Knows whether anything was written: most refusals come before that and cost the store nothing.
class WatchedTx : public Tx {
public:
    explicit WatchedTx(Tx& tx) : tx_(tx) {}
    using Reader::query;
    using Tx::exec;
    Rows query(std::string_view sql, std::span<const Value> values) override {
        return tx_.query(sql, values);
    }
    std::int64_t exec(std::string_view sql, std::span<const Value> values) override {
        has_written_ = true;
        return tx_.exec(sql, values);
    }
    std::int64_t nextOffset() override {
        has_written_ = true;
        return tx_.nextOffset();
    }
    bool hasWritten() const { return has_written_; }

private:
    Tx& tx_;
    bool has_written_ = false;
};

}  // namespace

void Attempt::run(Tx& tx, const Change& change) {
    WatchedTx watched(tx);
    is_taken_back_ = false;
    outcome_ = Done{};
    outcome_ = change(watched);
    is_taken_back_ = !outcome_ && watched.hasWritten();
    if (is_taken_back_) throw TakenBack();
}

Status Attempt::outcome(const Status& written) const {
    if (!written && !is_taken_back_) return written;
    return outcome_;
}

Actor actorOf(const Caller& caller) {
    if (caller.user != 0)
        return {caller.org, caller.user, caller.user, "user:" + idText(kUserId, caller.user)};
    return {caller.org, caller.token, 0, "api:" + idText(kTokenId, caller.token)};
}

Result<Edit> editOf(const Call& call) {
    Edit edit{actorOf(call.caller), {}};
    std::string_view tag = call.request.headers.get("if-match");
    if (tag.empty() || tag == "*") return edit;
    if (tag.size() > 2 && tag.front() == '"' && tag.back() == '"') {
        tag = tag.substr(1, tag.size() - 2);
        std::int64_t revision = 0;
        const auto read = std::from_chars(tag.data(), tag.data() + tag.size(), revision);
        if (read.ec == std::errc() && read.ptr == tag.data() + tag.size()) {
            edit.revision = revision;
            return edit;
        }
    }
    return Error{ErrorKind::Invalid, "If-Match: give the ETag of the last answer as it was, like \"3\""};
}

HttpResponse refuseEdit(const Error& error) {
    if (error.code == "changed_meanwhile") return problem(412, error.code, error.message);
    return refuse(error);
}

HttpResponse withRevision(HttpResponse response, std::int64_t revision) {
    response.headers.add("etag", '"' + std::to_string(revision) + '"');
    return response;
}

std::string clientTokenOf(Call& call) {
    call.has_own_guard = true;
    const auto key = call.request.headers.get("idempotency-key");
    if (key.empty()) return "";
    return toHex(hash(HashAlgorithm::Sha256, std::to_string(call.caller.token) + '\n' + std::string(key)));
}

HttpResponse conversationAnswer(const Call& call, const InboxParts& parts, Id conversation, int status) {
    auto found = findConversation(parts.store, parts.accounts, Visibility(call.caller), conversation);
    if (!found) return notFound("conversation");
    const std::int64_t revision =
        addDeskDetails(parts.store, Visibility(call.caller), actorOf(call.caller).id, *found);
    return withRevision(reply(status, *found), revision);
}

HttpResponse messageAnswer(const Call& call, const InboxParts& parts, Id message, int status) {
    auto found = findMessage(parts.store, parts.accounts, Visibility(call.caller), message);
    if (!found) return notFound("message");
    addNextAttempts(parts.store, *found);
    return withRevision(reply(status, *found), numberAt(*found, "revision", 1));
}

}  // namespace signalbox::api
