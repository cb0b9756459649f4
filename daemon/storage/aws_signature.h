// AWS Signature Version 4 (docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html), the form in the
// Authorization header. Pure.
#pragma once

#include <string>

#include "base/clock.h"
#include "base/http_message.h"
#include "base/secret.h"

namespace signalbox {

struct AwsCredentials {
    std::string access_key;
    Secret secret_key;
    std::string region, service;
};

struct AwsRequest {
    std::string method = "GET";
    std::string path = "/";  // percent-encoded, as it is sent
    FormFields query;        // decoded
    Headers headers;         // all of them are signed; «host» and «x-amz-date» must be there
    std::string payload_sha256;
};

std::string awsDate(TimePoint now);  // 20150830T123600Z
// The query as it is signed, and as it may be sent: encoded and in order.
std::string awsQuery(const FormFields& query);
// The value of the Authorization header; the date is that of «x-amz-date».
std::string awsAuthorization(const AwsCredentials& credentials, const AwsRequest& request);

}  // namespace signalbox
