// A bucket of S3 on loopback that believes no signature: it computes each anew from the request as it came,
// with code of its own. Objects in memory, parts, ranges, pages of two in its lists. Thread-safe.
#pragma once

#include <algorithm>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/crypto.h"
#include "tests/support/http_server.h"

namespace signalbox::testing {

class FakeS3 {
public:
    FakeS3()
        : server_([this](HttpRequest&& request,
                         const http::Responder& responder) { responder.reply(answer(request)); },
                  largeBodies()) {}

    std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }
    static constexpr const char* kAccessKey = "AKIAIOSFODNN7EXAMPLE";
    static constexpr const char* kSecretKey = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    static constexpr const char* kRegion = "eu-test-1";
    static constexpr const char* kBucket = "files";

    std::map<std::string, std::string> objects() const {
        std::lock_guard lock(mutex_);
        return objects_;
    }
    std::size_t openUploads() const {
        std::lock_guard lock(mutex_);
        return uploads_.size();
    }
    std::size_t partsTaken() const {
        std::lock_guard lock(mutex_);
        return parts_taken_;
    }
    // The next calls are answered 503.
    void fail(int calls) {
        std::lock_guard lock(mutex_);
        failures_ = calls;
    }

private:
    static http::ServerOptions largeBodies() {
        http::ServerOptions options;
        options.max_body_bytes = 64 * 1024 * 1024;
        return options;
    }
    static HttpResponse problemXml(int status, const std::string& code) {
        return {status,
                {{"content-type", "application/xml"}},
                "<Error><Code>" + code + "</Code></Error>",
                nullptr};
    }
    static std::string lower(std::string text) {
        for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        return text;
    }
    static std::string between(std::string_view text, std::string_view begin, std::string_view end) {
        const auto from = text.find(begin);
        if (from == std::string_view::npos) return "";
        const auto at = from + begin.size();
        return std::string(text.substr(at, std::min(text.find(end, at), text.size()) - at));
    }

    // The canonical request from the wire, the key from date, region and service.
    static bool isSigned(const HttpRequest& request) {
        const std::string said(request.headers.get("authorization"));
        const std::string names = between(said, "SignedHeaders=", ",");
        const std::string date(request.headers.get("x-amz-date"));
        for (const char* needed : {"host", "x-amz-content-sha256", "x-amz-date"})
            if ((";" + names + ";").find(";" + std::string(needed) + ";") == std::string::npos) return false;
        if (request.headers.get("x-amz-content-sha256") != toHex(hash(HashAlgorithm::Sha256, request.body)))
            return false;
        std::vector<std::string> pairs;
        std::string query(request.query());
        for (std::size_t at = 0; at < query.size();) {
            const auto end = std::min(query.find('&', at), query.size());
            std::string pair = query.substr(at, end - at);
            pairs.push_back(pair.find('=') == std::string::npos ? pair + '=' : pair);
            at = end + 1;
        }
        std::sort(pairs.begin(), pairs.end());
        std::string text = request.method + '\n' + std::string(request.path()) + '\n';
        for (const std::string& pair : pairs) text += (&pair == &pairs.front() ? "" : "&") + pair;
        text += '\n';
        for (std::size_t at = 0; at < names.size();) {
            const auto end = std::min(names.find(';', at), names.size());
            const std::string name = names.substr(at, end - at);
            text += name + ':' + std::string(request.headers.get(name)) + '\n';
            at = end + 1;
        }
        text += '\n' + names + '\n' + std::string(request.headers.get("x-amz-content-sha256"));
        const std::string scope = date.substr(0, 8) + "/" + kRegion + "/s3/aws4_request";
        if (between(said, "Credential=", ",") != std::string(kAccessKey) + "/" + scope) return false;
        const auto mac = [](const std::string& key, const std::string& value) {
            return hmac(HashAlgorithm::Sha256, key, value);
        };
        const std::string key =
            mac(mac(mac(mac(std::string("AWS4") + kSecretKey, date.substr(0, 8)), kRegion), "s3"),
                "aws4_request");
        const std::string to_sign =
            "AWS4-HMAC-SHA256\n" + date + '\n' + scope + '\n' + toHex(hash(HashAlgorithm::Sha256, text));
        return between(said, "Signature=", ",") == toHex(mac(key, to_sign));
    }

    HttpResponse answer(const HttpRequest& request) {
        std::lock_guard lock(mutex_);
        if (failures_ > 0) {
            --failures_;
            return problemXml(503, "SlowDown");
        }
        if (!isSigned(request)) return problemXml(403, "SignatureDoesNotMatch");
        const std::string root = "/" + std::string(kBucket) + "/";
        if (!request.path().starts_with(root)) return problemXml(404, "NoSuchBucket");
        const std::string key = percentDecode(request.path().substr(root.size()));
        const FormFields query = parseForm(request.query());
        const auto upload = findField(query, "uploadId");
        if (key.empty()) return request.method == "HEAD" ? HttpResponse{200, {}, "", nullptr} : listed(query);
        if (request.method == "POST" && findField(query, "uploads")) {
            const std::string id = "up&load<" + std::to_string(++last_upload_);
            uploads_[id] = {};
            return {
                200, {}, "<UploadId>up&amp;load&lt;" + std::to_string(last_upload_) + "</UploadId>", nullptr};
        }
        if (upload && uploads_.count(std::string(*upload)) == 0) return problemXml(404, "NoSuchUpload");
        if (upload) return ofUpload(request, key, std::string(*upload), query);
        return ofObject(request, key);
    }

    HttpResponse ofUpload(const HttpRequest& request, const std::string& key, const std::string& upload,
                          const FormFields& query) {
        auto& parts = uploads_[upload];
        if (request.method == "PUT") {
            ++parts_taken_;
            parts[std::stoi(std::string(*findField(query, "partNumber")))] = request.body;
            return {
                200, {{"etag", '"' + toHex(hash(HashAlgorithm::Sha256, request.body)) + '"'}}, "", nullptr};
        }
        std::string whole;
        for (const auto& [number, bytes] : parts) {
            const std::string etag = toHex(hash(HashAlgorithm::Sha256, bytes));
            if (request.method == "POST" && request.body.find(etag) == std::string::npos)
                return problemXml(400, "InvalidPart");
            whole += bytes;
        }
        if (request.method == "POST") objects_[key] = whole;
        uploads_.erase(upload);
        return {request.method == "POST" ? 200 : 204, {}, "", nullptr};
    }

    HttpResponse ofObject(const HttpRequest& request, const std::string& key) {
        if (request.method == "PUT") {
            objects_[key] = request.body;
            return {200, {}, "", nullptr};
        }
        if (request.method == "DELETE") {
            objects_.erase(key);
            return {204, {}, "", nullptr};
        }
        const auto found = objects_.find(key);
        if (found == objects_.end()) return problemXml(404, "NoSuchKey");
        const std::string range(request.headers.get("range"));
        if (range.empty()) return {200, {}, found->second, nullptr};
        const std::size_t first = std::stoull(range.substr(6)),
                          last = std::stoull(range.substr(range.find('-') + 1));
        return {206, {}, found->second.substr(first, last - first + 1), nullptr};
    }

    HttpResponse listed(const FormFields& query) {
        const std::string prefix(findField(query, "prefix").value_or(""));
        auto at = objects_.lower_bound(std::string(findField(query, "continuation-token").value_or("")));
        std::string xml = "<ListBucketResult>";
        for (int i = 0; i < 2 && at != objects_.end(); ++at)
            if (at->first.starts_with(prefix))
                xml += "<Contents><Key>" + at->first + "</Key></Contents>", ++i;
        const bool is_truncated = at != objects_.end();
        xml += std::string("<IsTruncated>") + (is_truncated ? "true" : "false") + "</IsTruncated>";
        if (is_truncated) xml += "<NextContinuationToken>" + at->first + "</NextContinuationToken>";
        return {200, {}, xml + "</ListBucketResult>", nullptr};
    }

    mutable std::mutex mutex_;
    std::map<std::string, std::string> objects_;
    std::map<std::string, std::map<int, std::string>> uploads_;
    std::size_t parts_taken_ = 0;
    int last_upload_ = 0, failures_ = 0;
    HttpServer server_;  // last: it is the first to go
};

}  // namespace signalbox::testing
