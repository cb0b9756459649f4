#include "connectors/whatsapp_cloud/media.h"

#include "base/crypto.h"
#include "connectors/whatsapp_cloud/errors.h"

namespace signalbox::whatsapp_cloud {
namespace {

constexpr std::int64_t kMaxBytes = 100 * 1024 * 1024;

struct Located {
    std::string url, mime, sha256;
};

// Hex or base64, whichever Meta wrote; nothing when it is no digest.
std::string hexDigest(const std::string& text) {
    const auto hex = fromHex(text);
    if (hex && hex->size() == 32) return toHex(*hex);
    const auto bytes = fromBase64(text);
    return bytes && bytes->size() == 32 ? toHex(*bytes) : std::string();
}

Result<Located> locate(const Graph& graph, const Attachment& attachment, const std::stop_token& stop) {
    if (attachment.media_id.empty()) {
        if (attachment.url.empty())
            return Error{ErrorKind::Invalid, "whatsapp media: neither media_id nor url"};
        return Located{attachment.url, attachment.mime, ""};
    }
    auto node = graph.read(percentEncode(attachment.media_id), stop);
    if (!node) return withContext("whatsapp media", node.error());
    if (numberAt(*node, "file_size") > kMaxBytes)
        return Error{ErrorKind::Rejected, "whatsapp media: larger than 100 MB", {}, "too_large"};
    Located located{textAt(*node, "url"), textAt(*node, "mime_type"), hexDigest(textAt(*node, "sha256"))};
    if (located.url.empty())
        return Error{ErrorKind::Unavailable, "whatsapp media: the answer has no url", {}, "bad_answer"};
    return located;
}

}  // namespace

Result<Media> fetchMedia(const Graph& graph, const Attachment& attachment, const std::stop_token& stop) {
    constexpr int kAddresses = 2;  // one that has just expired is asked for again
    for (int round = 1; round <= kAddresses; ++round) {
        const auto located = locate(graph, attachment, stop);
        if (!located) return located.error();
        auto response = graph.download(located->url, stop);
        if (!response) return response.error();
        const bool is_expired = response->status == 404 && !attachment.media_id.empty();
        if (is_expired && round < kAddresses) continue;
        if (response->status != 200) return errorFromAnswer("whatsapp media", *response);
        const std::string& promised = attachment.sha256.empty() ? located->sha256 : attachment.sha256;
        if (!promised.empty() && toHex(hash(HashAlgorithm::Sha256, response->body)) != promised)
            return Error{
                ErrorKind::Unavailable, "whatsapp media: the content is not what was promised", {}, "sha256"};
        Media media{std::move(response->body), located->mime, attachment.filename};
        if (media.mime.empty()) media.mime = std::string(response->headers.get("content-type"));
        return media;
    }
    return Error{ErrorKind::NotFound, "whatsapp media: expired", {}, "expired"};
}

}  // namespace signalbox::whatsapp_cloud
