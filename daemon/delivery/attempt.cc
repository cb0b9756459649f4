#include "daemon/delivery/attempt.h"

#include <algorithm>

#include "base/crypto.h"
#include "hub/outbox/sent_copy.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds kLongestPause = 60s;
constexpr std::chrono::seconds kNotConfiguredWait = 30s;
constexpr std::size_t kSha256HexDigits = 64;

// Words of a provider that become text columns: valid UTF-8, one line, not endless.
std::string oneLine(std::string_view foreign, std::size_t longest = 512) {
    const auto clean = parseJson(dumpJson(Json(std::string(foreign))));
    std::string text = clean ? clean->get<std::string>() : "";
    std::replace_if(
        text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
    if (text.size() <= longest) return text;
    while (longest > 0 && (static_cast<unsigned char>(text[longest]) & 0xC0) == 0x80) --longest;
    text.resize(longest);
    return text;
}

Error unsupported(const char* what) {
    return {
        ErrorKind::Invalid, std::string("send: the account's connector cannot ") + what, {}, "unsupported"};
}

Result<TryResult> fetchFile(const Lease& lease, Connector& connector, const BlobStore& blobs,
                            const std::stop_token& stop) {
    MediaSource* source = connector.media();
    if (source == nullptr) return unsupported("fetch files");
    const Attachment attachment = toAttachment(lease);
    auto media = source->fetch(attachment, stop);
    if (!media) return media.error();
    auto blob = blobs.put(media->bytes);
    if (!blob) return blob.error();
    if (attachment.sha256.size() == kSha256HexDigits && attachment.sha256 != blob->sha256)
        return Error{ErrorKind::Unavailable, "media: the content is not what was promised", {}, "sha256"};
    TryResult result;
    result.file = FetchedFile{std::move(*blob), oneLine(media->mime), oneLine(media->filename)};
    return result;
}

// A file of the file store is named by the SHA-256 of its content, in `sha256` or `media_id`.
Status loadFiles(OutboundMessage& message, const BlobStore& blobs) {
    for (const Attachment& attachment : message.attachments) {
        const std::string& name = attachment.sha256.empty() ? attachment.media_id : attachment.sha256;
        auto bytes = blobs.read(name);
        if (!bytes) return withContext("attachment", bytes.error());
        message.files.push_back(std::move(*bytes));
    }
    return Done{};
}

// Nobody was asked, so what is not known of an earlier try stays so: it is looked up before it is repeated.
Error unasked(const Lease& lease, Error error) {
    if (!lease.is_unanswered && !lease.was_leaving) return error;
    return {ErrorKind::Uncertain, std::move(error.message), error.retry_after, std::string(kNotAsked)};
}

Result<TryResult> send(const Lease& lease, const ConnectedAccount& connected, const BlobStore& blobs,
                       const std::function<Status(const Leaving&)>& before_leaving,
                       const std::stop_token& stop) {
    Sender* sender = connected.connector->sender();
    if (sender == nullptr) return unsupported("send");
    OutboundMessage message = toOutbound(lease, *connected.account);
    message.before_leaving = before_leaving;
    if (sender->wantsFiles()) {
        if (auto loaded = loadFiles(message, blobs); !loaded) return unasked(lease, loaded.error());
    }
    const bool has_places = message.content.contains("places");
    if (lease.kind == OutboxKind::Mark && message.in_reply_to.empty() && !has_places)
        return Error{ErrorKind::Invalid, "send: there is no message to mark", {}, "no_target"};
    auto receipt = sender->send(message, stop);
    if (!receipt) return receipt.error();
    TryResult result;
    result.receipt = std::move(*receipt);
    result.receipt.external_id = oneLine(result.receipt.external_id);
    result.copy_request = copyRequest(lease, result.receipt);
    return result;
}

Result<TryResult> ask(const Lease& lease, const ConnectedAccount* connected, const BlobStore& blobs,
                      const std::function<Status(const Leaving&)>& before_leaving,
                      const std::stop_token& stop) {
    if (connected == nullptr || !connected->connector)
        return unasked(lease, {ErrorKind::Unavailable, "send: the account is not configured",
                               kNotConfiguredWait, "not_configured"});
    try {
        if (lease.kind == OutboxKind::Media) return fetchFile(lease, *connected->connector, blobs, stop);
        return send(lease, *connected, blobs, before_leaving, stop);
    } catch (const std::exception& failure) {
        // A connector reports, it does not throw; when it does, nobody knows how far it came.
        return Error{ErrorKind::Uncertain,
                     std::string("send: the connector failed: ") + failure.what(),
                     {},
                     "connector_failed"};
    }
}

// Some recipients are not served: what that leads to is decided like an error, who is served stays so. The
// provider works, whatever it says of single recipients.
Attempted partly(const Lease& lease, const Account& account, TryResult answer, TimePoint now) {
    Error error = *answer.receipt.rest;
    error.message = oneLine(error.message);
    Attempted attempted;
    attempted.verdict = Verdict::Answered;
    attempted.result = decide(lease, account, std::move(error), now, randomNumber());
    attempted.result.receipt = std::move(answer.receipt);
    attempted.result.copy_request = std::move(answer.copy_request);
    return attempted;
}

}  // namespace

Attempted attempt(const Lease& lease, const ConnectedAccount* connected, const BlobStore& blobs,
                  const Clock& clock, const std::function<Status(const Leaving&)>& before_leaving,
                  const std::stop_token& stop) {
    auto answer = ask(lease, connected, blobs, before_leaving, stop);
    const Account unknown{lease.account};
    const Account& account = connected != nullptr ? *connected->account : unknown;
    if (answer && answer->receipt.rest) return partly(lease, account, std::move(*answer), clock.now());
    if (answer) return {std::move(*answer), Verdict::Answered, std::nullopt};
    Error& error = answer.error();
    error.message = oneLine(error.message);
    Attempted attempted;
    // A request that is tried a few times only asks nobody again and again, whatever it is answered.
    attempted.verdict = triesOf(lease) ? Verdict::Neither : verdictOf(error);
    if (error.kind == ErrorKind::Throttled && error.retry_after)
        attempted.pause = std::min(*error.retry_after, kLongestPause);
    attempted.result = decide(lease, account, std::move(error), clock.now(), randomNumber());
    return attempted;
}

}  // namespace signalbox
