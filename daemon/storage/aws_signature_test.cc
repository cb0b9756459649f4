#include "daemon/storage/aws_signature.h"

#include <boost/test/unit_test.hpp>

#include "base/crypto.h"

namespace signalbox {
namespace {

const AwsCredentials kSuite{"AKIDEXAMPLE", Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), "us-east-1",
                            "service"};

// A request of AWS's Signature Version 4 test suite, whose date is always the same.
std::string signatureOf(AwsRequest request, const std::string& body = "") {
    request.payload_sha256 = toHex(hash(HashAlgorithm::Sha256, body));
    request.headers.add("Host", "example.amazonaws.com");
    request.headers.add("X-Amz-Date", "20150830T123600Z");
    const std::string said = awsAuthorization(kSuite, request);
    return said.substr(said.find("Signature=") + 10);
}

}  // namespace

BOOST_AUTO_TEST_CASE(requests_of_the_published_suite_get_the_published_signatures) {
    BOOST_TEST(signatureOf({}) == "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
    BOOST_TEST(signatureOf({"GET", "/", {{"Param2", "value2"}, {"Param1", "value1"}}}) ==
               "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
    BOOST_TEST(signatureOf({"GET", "/%E1%88%B4"}) ==
               "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85");
    BOOST_TEST(signatureOf({"GET", "/", {}, {{"My-Header1", " value1"}, {"My-Header2", " \"a   b   c\""}}}) ==
               "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736");
    BOOST_TEST(signatureOf({"GET", "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"}) ==
               "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f");
}

BOOST_AUTO_TEST_CASE(the_example_of_s3s_documentation_gets_its_signature) {
    AwsRequest request{
        "GET", "/test.txt", {}, {{"host", "examplebucket.s3.amazonaws.com"}, {"range", "bytes=0-9"}}};
    request.payload_sha256 = toHex(hash(HashAlgorithm::Sha256, ""));
    request.headers.add("x-amz-content-sha256", request.payload_sha256);
    request.headers.add("x-amz-date", "20130524T000000Z");

    const std::string said = awsAuthorization(
        {"AKIAIOSFODNN7EXAMPLE", Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"), "us-east-1", "s3"},
        request);

    BOOST_TEST(said ==
               "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
               "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
               "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

BOOST_AUTO_TEST_CASE(a_time_is_written_the_way_aws_wants_it) {
    BOOST_TEST(awsDate(*parseRfc3339("2015-08-30T12:36:00.123Z")) == "20150830T123600Z");
}

}  // namespace signalbox
