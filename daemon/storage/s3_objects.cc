#include "daemon/storage/s3_objects.h"

#include <charconv>

#include "base/crypto.h"
#include "base/log.h"
#include "connectors/sdk/url.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

constexpr int kTries = 3;
constexpr std::chrono::milliseconds kWait = 300ms;
constexpr std::size_t kMaxAnswer = 16 * 1024 * 1024;

// The text of the first element of that name; what our names and S3's tokens hold needs no more of XML.
std::string elementOf(std::string_view xml, std::string_view name, std::size_t from = 0) {
    const std::string open = "<" + std::string(name) + ">", close = "</" + std::string(name) + ">";
    const auto begin = xml.find(open, from);
    const auto end = begin == std::string_view::npos ? begin : xml.find(close, begin);
    if (end == std::string_view::npos) return "";
    std::string text(xml.substr(begin + open.size(), end - begin - open.size()));
    constexpr std::pair<std::string_view, char> kEntities[] = {
        {"&quot;", '"'}, {"&#34;", '"'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}};
    for (const auto& [entity, character] : kEntities)
        for (auto at = text.find(entity); at != std::string::npos; at = text.find(entity, at + 1))
            text.replace(at, entity.size(), 1, character);
    return text;
}

Error errorFrom(const char* what, const HttpResponse& response) {
    const std::string code = elementOf(response.body, "Code");
    Error error = errorFromStatus(std::string("s3 ") + what, response);
    if (!code.empty()) error.message += " (" + code.substr(0, 80) + ")";
    if (error.kind != ErrorKind::NotFound) {
        // Whoever stores or reads a file can only come again; what is wrong is the operator's affair.
        error.kind = ErrorKind::Unavailable;
        error.code = "file_store";
    }
    return error;
}

// Up to `size` bytes in all.
Status fill(std::string& bytes, std::size_t size, ObjectSource& source) {
    while (bytes.size() < size) {
        const auto piece = source.next(size - bytes.size());
        if (!piece) return piece.error();
        if (piece->empty()) break;
        bytes += *piece;
    }
    return Done{};
}

bool isPassing(const Result<HttpResponse>& answer) {
    if (!answer)
        return answer.error().kind == ErrorKind::Unavailable || answer.error().kind == ErrorKind::Uncertain;
    return answer->status >= 500 || answer->status == 429;
}

}  // namespace

// Ranges of one object.
class S3Reader : public ObjectReader {
public:
    S3Reader(S3Objects& objects, std::string path, std::uint64_t size)
        : objects_(objects), path_(std::move(path)), size_(size) {}
    std::uint64_t size() const override { return size_; }
    Result<std::string> read(std::uint64_t offset, std::size_t length) override {
        if (offset >= size_ || length == 0) return std::string();
        const std::uint64_t last = std::min<std::uint64_t>(offset + length, size_) - 1;
        // Encrypted pieces are small: read ahead, so that each is no call of its own.
        if (offset < kept_at_ || last >= kept_at_ + kept_.size()) {
            const std::uint64_t end = std::min<std::uint64_t>(std::max(last, offset + kAhead - 1), size_ - 1);
            auto answer =
                objects_.sendFor({"GET",
                                  path_,
                                  {},
                                  {{"range", "bytes=" + std::to_string(offset) + '-' + std::to_string(end)}}},
                                 "read");
            if (!answer) return answer.error();
            if (answer->body.size() != end - offset + 1)
                return Error{
                    ErrorKind::Unavailable, "s3 read: the answer is not the range", {}, "file_store"};
            kept_ = std::move(answer->body);
            kept_at_ = offset;
        }
        return kept_.substr(static_cast<std::size_t>(offset - kept_at_),
                            static_cast<std::size_t>(last - offset + 1));
    }

private:
    static constexpr std::uint64_t kAhead = 1024 * 1024;
    S3Objects& objects_;
    const std::string path_;
    const std::uint64_t size_;
    std::string kept_;
    std::uint64_t kept_at_ = 0;
};

Result<std::unique_ptr<S3Objects>> S3Objects::create(S3Options options, HttpClient& http, Clock& clock) {
    const auto url = parseUrl(options.endpoint);
    if (!url) return withContext("files.s3.endpoint", url.error());
    std::unique_ptr<S3Objects> objects(new S3Objects(std::move(options), http, clock));
    const S3Options& said = objects->options_;
    objects->host_ = (said.is_path_style ? "" : said.bucket + '.') + url->authority();
    objects->origin_ = (url->is_tls ? "https://" : "http://") + objects->host_;
    objects->root_ = said.is_path_style ? '/' + percentEncode(said.bucket) : "";
    return objects;
}

std::string S3Objects::pathOf(const std::string& name) const {
    std::string path = root_ + '/';
    for (const char c : options_.prefix + name.substr(0, 2) + '/' + name)
        path += c == '/' ? std::string("/") : percentEncode(std::string_view(&c, 1));
    return path;
}

Result<HttpResponse> S3Objects::sendOnce(const Ask& ask) {
    AwsRequest signed_request{ask.method, ask.path, ask.query, ask.headers,
                              toHex(hash(HashAlgorithm::Sha256, ask.body))};
    signed_request.headers.add("host", host_);
    signed_request.headers.add("x-amz-content-sha256", signed_request.payload_sha256);
    signed_request.headers.add("x-amz-date", awsDate(clock_.now()));
    HttpRequest request;
    request.method = ask.method;
    request.target = origin_ + ask.path;
    if (!ask.query.empty()) request.target += '?' + awsQuery(ask.query);
    for (const auto& [name, value] : signed_request.headers)
        if (name != "host") request.headers.add(name, value);
    request.headers.add(
        "authorization",
        awsAuthorization({options_.access_key, options_.secret_key, options_.region, "s3"}, signed_request));
    request.body = ask.body;
    HttpOptions limits;
    limits.read_timeout = 30s;
    limits.total_timeout = 120s;
    limits.max_response_bytes = kMaxAnswer;
    return http_.send(request, limits, {});
}

// All calls here may be made twice: the same name has the same content.
Result<HttpResponse> S3Objects::send(const Ask& ask) {
    auto answer = sendOnce(ask);
    for (int attempt = 1; attempt < kTries && isPassing(answer); ++attempt) {
        clock_.sleepUntil(clock_.now() + kWait * attempt, {});
        answer = sendOnce(ask);
    }
    if (answer || answer.error().kind == ErrorKind::NotFound) return answer;
    Error error = withContext("s3", answer.error());
    error.kind = ErrorKind::Unavailable;
    error.code = "file_store";
    return error;
}

Result<HttpResponse> S3Objects::sendFor(const Ask& ask, const char* what) {
    auto answer = send(ask);
    if (!answer) return answer;
    if (answer->status >= 300) return errorFrom(what, *answer);
    return answer;
}

Status S3Objects::open() {
    const auto answer = send({"HEAD", root_ + '/'});
    if (!answer || answer->status >= 500) {
        log::warn("file_store_not_reached",
                  {{"endpoint", origin_},
                   {"error", answer ? "status " + std::to_string(answer->status) : answer.error().message}});
        return Done{};
    }
    if (answer->status == 404)
        return Error{ErrorKind::Invalid, "files.s3.bucket: there is no bucket " + options_.bucket};
    if (answer->status == 301 || answer->status == 400)
        return Error{ErrorKind::Invalid,
                     "files.s3: the bucket is in another region, or the key is not known"};
    if (answer->status == 403)
        return Error{ErrorKind::Invalid, "files.s3: the key may not use bucket " + options_.bucket +
                                             " (access_key, secret_key, or its policy)"};
    return answer->status < 300 ? Status(Done{}) : errorFrom("bucket", *answer);
}

Result<bool> S3Objects::has(const std::string& name) {
    const auto answer = send({"HEAD", pathOf(name)});
    if (!answer) return answer.error();
    if (answer->status == 404) return false;
    if (answer->status >= 300) return errorFrom("look", *answer);
    return true;
}

Status S3Objects::put(const std::string& name, ObjectSource& source) {
    const std::string path = pathOf(name);
    std::string bytes;
    if (auto filled = fill(bytes, 2 * options_.part_bytes, source); !filled) return filled;
    if (bytes.size() < source.size()) return putInParts(path, std::move(bytes), source);
    const auto answer = sendFor({"PUT", path, {}, {}, std::move(bytes)}, "store");
    return answer ? Status(Done{}) : answer.error();
}

Status S3Objects::putInParts(const std::string& path, std::string ahead, ObjectSource& source) {
    const auto begun = sendFor({"POST", path, {{"uploads", ""}}}, "begin parts");
    if (!begun) return begun.error();
    const std::string upload = elementOf(begun->body, "UploadId");
    if (upload.empty()) return Error{ErrorKind::Unavailable, "s3 begin parts: no UploadId", {}, "file_store"};
    std::string parts;
    Status status = Done{};
    for (int number = 1; status; ++number) {
        status = fill(ahead, options_.part_bytes, source);
        if (!status || ahead.empty()) break;
        // Some services want all parts but the last to be equally long.
        const FormFields which{{"partNumber", std::to_string(number)}, {"uploadId", upload}};
        const auto sent =
            sendFor({"PUT", path, which, {}, ahead.substr(0, options_.part_bytes)}, "store part");
        if (!sent) {
            status = sent.error();
            break;
        }
        ahead.erase(0, options_.part_bytes);
        parts += "<Part><PartNumber>" + std::to_string(number) + "</PartNumber><ETag>" +
                 std::string(sent->headers.get("etag")) + "</ETag></Part>";
    }
    if (status) status = completeParts(path, upload, parts);
    // What has come of it costs money until it is given up.
    if (!status) (void)send({"DELETE", path, {{"uploadId", upload}}});
    return status;
}

Status S3Objects::completeParts(const std::string& path, const std::string& upload,
                                const std::string& parts) {
    const auto done = sendFor({"POST",
                               path,
                               {{"uploadId", upload}},
                               {},
                               "<CompleteMultipartUpload>" + parts + "</CompleteMultipartUpload>"},
                              "complete parts");
    if (!done && done.error().kind == ErrorKind::NotFound) {
        // Completed by a call whose answer was lost.
        const auto look = sendFor({"HEAD", path}, "look");
        return look ? Status(Done{}) : look.error();
    }
    if (!done) return done.error();
    // The service may say 200 first and find out later.
    if (done->body.find("<Error>") != std::string::npos) {
        HttpResponse failed = *done;
        failed.status = 500;
        return errorFrom("complete parts", failed);
    }
    return Done{};
}

Result<std::unique_ptr<ObjectReader>> S3Objects::read(const std::string& name) {
    const std::string path = pathOf(name);
    const auto answer = send({"HEAD", path});
    if (!answer) return answer.error();
    if (answer->status == 404) return Error{ErrorKind::NotFound, "file store: no such file", {}, "not_found"};
    if (answer->status >= 300) return errorFrom("look", *answer);
    const auto length = answer->headers.get("content-length");
    std::uint64_t size = 0;
    const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), size);
    if (error != std::errc() || end != length.data() + length.size())
        return Error{ErrorKind::Unavailable, "s3 look: the answer has no length", {}, "file_store"};
    return std::unique_ptr<ObjectReader>(std::make_unique<S3Reader>(*this, path, size));
}

Status S3Objects::remove(const std::string& name) {
    const auto answer = send({"DELETE", pathOf(name)});
    if (!answer) return answer.error();
    return answer->status < 300 || answer->status == 404 ? Status(Done{}) : errorFrom("remove", *answer);
}

Status S3Objects::list(const std::function<void(const std::string&)>& tell, const std::stop_token& stop) {
    std::string token;
    while (!stop.stop_requested()) {
        FormFields query{{"list-type", "2"}, {"prefix", options_.prefix}};
        if (!token.empty()) query.emplace_back("continuation-token", token);
        const auto answer = sendFor({"GET", root_ + '/', query}, "list");
        if (!answer) return answer.error();
        const std::string_view xml = answer->body;
        for (auto at = xml.find("<Key>"); at != std::string_view::npos; at = xml.find("<Key>", at + 1)) {
            const std::string key = elementOf(xml, "Key", at);
            tell(key.substr(key.rfind('/') + 1));
        }
        token = elementOf(xml, "NextContinuationToken");
        if (elementOf(xml, "IsTruncated") != "true" || token.empty()) return Done{};
    }
    return Done{};
}

}  // namespace signalbox
