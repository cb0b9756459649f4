#include "connectors/sdk/webhook_signature.h"

#include <boost/test/unit_test.hpp>

#include "base/crypto.h"

namespace signalbox {

// The vector of the specification's reference libraries.
BOOST_AUTO_TEST_CASE(a_signature_is_what_standard_webhooks_says) {
    HttpRequest request;
    request.body = R"({"test": 2432232314})";
    const std::vector<Secret> keys{Secret(*fromBase64("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))};

    signWebhook(request, "msg_p5jXN8AQM9LWM0D4loKWxJek", TimePoint(std::chrono::seconds(1614265330)), keys);

    BOOST_TEST(request.headers.get("webhook-id") == "msg_p5jXN8AQM9LWM0D4loKWxJek");
    BOOST_TEST(request.headers.get("webhook-timestamp") == "1614265330");
    BOOST_TEST(request.headers.get("webhook-signature") == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

BOOST_AUTO_TEST_CASE(while_a_key_is_replaced_both_sign) {
    HttpRequest request;
    const std::vector<Secret> keys{Secret("new"), Secret("old")};

    signWebhook(request, "m", TimePoint(), keys);

    const std::string signatures(request.headers.get("webhook-signature"));
    BOOST_TEST(signatures.find(" v1,") != std::string::npos);
}

}  // namespace signalbox
