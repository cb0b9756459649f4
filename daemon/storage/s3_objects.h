// Objects in a bucket of S3 or of what speaks its language (MinIO, Ceph, R2 …). Large ones go up in parts,
// which become an object all at once. Blocks for its calls; repeats what the service could not do at the
// moment. Thread-safe. Source: docs.aws.amazon.com/AmazonS3/latest/API.
#pragma once

#include <chrono>

#include "base/clock.h"
#include "connectors/sdk/http_client.h"
#include "daemon/storage/aws_signature.h"
#include "hub/files/object_store.h"

namespace signalbox {

struct S3Options {
    std::string endpoint;  // https://s3.eu-central-1.amazonaws.com, http://minio:9000
    std::string region, bucket;
    std::string prefix;         // before each object's name; empty, or ends in /
    bool is_path_style = true;  // https://endpoint/bucket/name instead of https://bucket.endpoint/name
    std::string access_key;
    Secret secret_key;
    std::size_t part_bytes = 8 * 1024 * 1024;  // what is larger than two of them goes up in parts
};

class S3Objects : public ObjectStore {
public:
    // Invalid: the endpoint is no address.
    static Result<std::unique_ptr<S3Objects>> create(S3Options options, HttpClient& http, Clock& clock);

    // Looks for the bucket: the error says what is wrong with it or with the key. A service that cannot be
    // reached is no error here: it may come back.
    Status open() override;
    Result<bool> has(const std::string& name) override;
    Status put(const std::string& name, ObjectSource& source) override;
    Result<std::unique_ptr<ObjectReader>> read(const std::string& name) override;
    Status remove(const std::string& name) override;
    Status list(const std::function<void(const std::string&)>& tell, const std::stop_token& stop) override;
    bool isLocal() const override { return false; }

private:
    friend class S3Reader;
    struct Ask {
        std::string method, path;
        FormFields query = {};
        Headers headers = {};
        std::string body = {};
    };
    S3Objects(S3Options options, HttpClient& http, Clock& clock)
        : options_(std::move(options)), http_(http), clock_(clock) {}
    std::string pathOf(const std::string& name) const;
    // Any answer that is no passing failure.
    Result<HttpResponse> send(const Ask& ask);
    Result<HttpResponse> sendOnce(const Ask& ask);
    Result<HttpResponse> sendFor(const Ask& ask, const char* what);
    Status putInParts(const std::string& path, std::string ahead, ObjectSource& source);
    Status completeParts(const std::string& path, const std::string& upload, const std::string& parts);

    const S3Options options_;
    HttpClient& http_;
    Clock& clock_;
    std::string host_, origin_, root_;  // the Host, scheme and host, path of the bucket
};

}  // namespace signalbox
