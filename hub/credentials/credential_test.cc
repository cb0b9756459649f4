#include "hub/credentials/credential.h"

#include <boost/test/unit_test.hpp>

#include "hub/credentials/credentials.h"
#include "tests/support/hub_fixture.h"

namespace signalbox {
namespace {

struct Fixture : HubFixture {
    Fixture() {
        auto opened = Vault::open(*store, clock, std::filesystem::path(dir.path()) / "vault.key");
        BOOST_REQUIRE(opened.ok());
        vault = std::move(*opened);
        credentials = std::make_unique<CredentialStore>(*store, ids, clock, *vault);
    }
    std::string bytesAtRest() {
        std::string all;
        store->read([&](Reader& reader) {
            for (const Row& row : reader.query("SELECT secrets, hosts FROM credentials"))
                all += row.text(0) + row.text(1);
        });
        return all;
    }
    std::unique_ptr<Vault> vault;
    std::unique_ptr<CredentialStore> credentials;
};

const Json kCrm = {{"name", "crm"}, {"type", "bearer"}, {"token", "tok-4711"}, {"hosts", {"api.crm.test"}}};

std::string faultOf(const Json& form) {
    const auto read = readCredential(form);
    return read ? "none" : read.error().message;
}
bool covers(const std::string& allowed, bool tls, const std::string& host, std::uint16_t port) {
    return parseAllowedHost(allowed)->covers(tls, host, port);
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_host_covers_itself_with_scheme_and_port_and_nothing_that_looks_like_it) {
    BOOST_TEST(covers("api.example.org", true, "api.example.org", 443));
    BOOST_TEST(!covers("api.example.org", false, "api.example.org", 80));
    BOOST_TEST(!covers("api.example.org", true, "api.example.org", 8443));
    BOOST_TEST(!covers("api.example.org", true, "evil-api.example.org", 443));
    BOOST_TEST(!covers("api.example.org", true, "api.example.org.evil.test", 443));
    BOOST_TEST(covers("*.example.org", true, "a.b.example.org", 443));
    BOOST_TEST(!covers("*.example.org", true, "example.org", 443));
    BOOST_TEST(!covers("*.example.org", true, "evilexample.org", 443));
    BOOST_TEST(covers("http://10.0.0.5:8080", false, "10.0.0.5", 8080));
    BOOST_TEST(covers("https://[2001:db8::1]:8443", true, "2001:db8::1", 8443));
    for (const char* wrong : {"*", "*.org", "a b", "api.example.org/path", "api.example.org:0", "user@host"})
        BOOST_TEST(!parseAllowedHost(wrong).ok(), wrong);
}

BOOST_AUTO_TEST_CASE(what_is_wrong_with_a_credential_is_named_and_never_its_secret) {
    BOOST_TEST(faultOf({{"name", "x"}, {"type", "password"}}) ==
               "type: one of bearer, basic, header, query, oauth2, url, signing");
    BOOST_TEST(faultOf({{"name", "x"}, {"type", "bearer"}, {"hosts", {"a.test"}}}) ==
               "token: is missing; a credential of type bearer has it");
    BOOST_TEST(faultOf({{"name", "x"}, {"type", "bearer"}, {"token", "t"}}) ==
               "hosts: must be a list of 1 to 50 names such as api.example.org");
    BOOST_TEST(faultOf({{"name", "x"}, {"type", "bearer"}, {"token", "a\r\nb"}, {"hosts", {"a.test"}}}) ==
               "token: must not hold control characters");
    BOOST_TEST(faultOf({{"name", "x"}, {"type", "signing"}, {"secret", "s"}, {"tokn", "t"}}) ==
               "tokn: is no member of a credential of type signing");
}

BOOST_FIXTURE_TEST_CASE(secrets_are_sealed_at_rest_and_never_shown, Fixture) {
    BOOST_REQUIRE(credentials->create(kDefaultOrg, kCrm, "usr").ok());

    const Json shown = *credentials->shown(kDefaultOrg, "crm");

    BOOST_TEST(shown["token"] == "***");
    BOOST_TEST(credentials->list(kDefaultOrg).dump().find("tok-4711") == std::string::npos);
    BOOST_TEST(bytesAtRest().find("tok-4711") == std::string::npos);
    BOOST_TEST(credentials->find(kDefaultOrg, "crm")->text("token") == "tok-4711");
    BOOST_TEST(credentials->find(2, "crm").error().code == "credential_not_found");
    BOOST_TEST(credentials->create(kDefaultOrg, kCrm, "usr").error().code == "credential_exists");
}

BOOST_FIXTURE_TEST_CASE(a_change_keeps_what_it_does_not_name_and_grows_the_revision, Fixture) {
    (void)credentials->create(kDefaultOrg, kCrm, "usr");

    BOOST_REQUIRE(credentials->change(kDefaultOrg, "crm", {{"token", "new"}}, "usr").ok());
    BOOST_REQUIRE(credentials->change(kDefaultOrg, "crm", {{"token", "***"}}, "usr").ok());

    BOOST_TEST(credentials->find(kDefaultOrg, "crm")->text("token") == "new");
    BOOST_TEST(credentials->find(kDefaultOrg, "crm")->revision == 3);
    BOOST_TEST((credentials->change(kDefaultOrg, "crm", {{"type", "basic"}}, "usr").error().kind ==
                ErrorKind::Invalid));
}

BOOST_FIXTURE_TEST_CASE(a_secret_goes_to_a_new_host_only_with_who_knows_it, Fixture) {
    (void)credentials->create(kDefaultOrg, kCrm, "usr");
    const Json elsewhere = {"api.crm.test", "evil.test"};

    const auto refused = credentials->change(kDefaultOrg, "crm", {{"hosts", elsewhere}}, "usr");
    const auto taken =
        credentials->change(kDefaultOrg, "crm", {{"hosts", elsewhere}, {"token", "another"}}, "usr");

    BOOST_TEST(refused.error().message ==
               "hosts, token_url: where it may go is wider than before; give its secret again with it");
    BOOST_TEST(taken.ok());
    BOOST_TEST(credentials->find(kDefaultOrg, "crm")->mayGoTo(true, "EVIL.test", 443).ok());
    BOOST_TEST(
        credentials->find(kDefaultOrg, "crm")->mayGoTo(true, "other.test", 8443).error().message ==
        "credential \"crm\": must not be sent to other.test:8443; add that to its hosts if it is right");
}

BOOST_AUTO_TEST_CASE(both_keys_of_a_rotation_sign_in_order) {
    const auto credential = readCredential(
        {{"name", "out"}, {"type", "signing"}, {"secret", "whsec_AAEC"}, {"previous_secret", "plain"}});

    const auto keys = signingKeys(*credential);

    BOOST_REQUIRE(keys.size() == 2U);
    BOOST_TEST(keys[0].reveal() == std::string("\0\1\2", 3));
    BOOST_TEST(keys[1].reveal() == "plain");
}

}  // namespace signalbox
