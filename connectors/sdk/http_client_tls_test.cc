#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "connectors/sdk/http_client.h"
#include "tests/support/tls_server.h"

namespace signalbox {
namespace {

// Makes the clients that are built while it lives trust `pem` instead of the system's authorities.
class Trusting {
public:
    explicit Trusting(const std::string& pem) {
        char name[] = "/tmp/signalbox-ca-XXXXXX";
        const int fd = ::mkstemp(name);
        if (fd >= 0) ::close(fd);
        path_ = name;
        std::ofstream(path_) << pem;
        ::setenv("SSL_CERT_FILE", path_.c_str(), 1);
    }
    ~Trusting() {
        ::unsetenv("SSL_CERT_FILE");
        std::filesystem::remove(path_);
    }

private:
    std::string path_;
};

Result<HttpResponse> get(const std::string& host, int port) {
    const auto http = makeHttpClient({.allow_any = true, .any_port = true});
    return http->send({"GET", "https://" + host + ':' + std::to_string(port) + '/'}, {}, {});
}

BOOST_AUTO_TEST_CASE(a_server_whose_certificate_is_trusted_and_names_the_host_is_spoken_to) {
    TlsServer server("localhost");
    const Trusting trust(server.certificate());

    const auto answer = get("localhost", server.port());

    BOOST_REQUIRE(answer.ok());
    BOOST_TEST(answer->body == "secret");
}

BOOST_AUTO_TEST_CASE(a_certificate_for_another_name_is_refused_before_anything_is_sent) {
    TlsServer server("other.test");
    const Trusting trust(server.certificate());

    const auto answer = get("localhost", server.port());

    BOOST_REQUIRE(!answer.ok());
    BOOST_TEST(toString(answer.error().kind) == "unavailable");
    BOOST_TEST(answer.error().message.find("ertificate") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_certificate_that_nobody_vouches_for_is_refused) {
    TlsServer server("localhost");

    const auto answer = get("localhost", server.port());

    BOOST_REQUIRE(!answer.ok());
    BOOST_TEST(toString(answer.error().kind) == "unavailable");
}

BOOST_AUTO_TEST_CASE(a_certificate_for_a_name_does_not_vouch_for_the_address_behind_it) {
    TlsServer server("localhost");
    const Trusting trust(server.certificate());

    BOOST_TEST(!get("127.0.0.1", server.port()).ok());
}

}  // namespace
}  // namespace signalbox
