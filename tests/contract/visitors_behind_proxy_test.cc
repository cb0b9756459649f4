// Behind a reverse proxy on the same machine everybody has an address of his own: who guesses passwords locks
// out himself, and nobody hides behind a list that he wrote.
#include <boost/test/unit_test.hpp>

#include "tests/support/people_of_gateway.h"

namespace signalbox {
namespace {

HttpResponse signInFrom(const Gateway& gateway, const std::string& forwarded, const std::string& password) {
    return HttpCall(gateway.port())
        .post("/api/v1/sessions", {{"org", "default"}, {"email", "ada@x.example"}, {"password", password}},
              {{"x-forwarded-for", forwarded}});
}

}  // namespace

BOOST_AUTO_TEST_CASE(wrong_passwords_of_one_visitor_lock_out_no_other) {
    Gateway gateway("  []\n");
    makeUser(gateway, "default", "ada@x.example", "admin");
    gateway.start();

    for (int i = 0; i < 6; ++i)
        signInFrom(gateway, "198.51.100." + std::to_string(i) + ", 203.0.113.9", "wrong");

    BOOST_TEST(signInFrom(gateway, "198.51.100.77, 203.0.113.9", kPassword).status == 429);
    const auto good = signInFrom(gateway, "192.0.2.10", kPassword);
    BOOST_REQUIRE_MESSAGE(good.status == 201, good.body);
    HttpCall ada(gateway.port(), parseJson(good.body)->at("token"));
    BOOST_TEST(ada.get("/api/v1/sessions").body.find("192.0.2.10") != std::string::npos);
    BOOST_TEST(HttpCall(gateway.port(), gateway.token()).get("/api/v1/audit").body.find("192.0.2.10") !=
               std::string::npos);
}

}  // namespace signalbox
