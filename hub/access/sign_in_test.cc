#include "hub/access/sign_in.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "hub/access/invitations.h"
#include "hub/access/organizations.h"
#include "hub/accounts/accounts.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temp_folder.h"
#include "tests/support/test_database.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

const Secret kRight("correct horse battery"), kWrong("wrong horse battery");

struct Fixture {
    explicit Fixture(DatabaseKind kind = DatabaseKind::Sqlite) : database(kind) {
        BOOST_REQUIRE(ensureOrganization(database.store(), clock, "House").ok());
        auto opened = Vault::open(database.store(), clock, folder.file("vault.key"));
        BOOST_REQUIRE(opened.ok());
        vault = std::move(*opened);
        totp = std::make_unique<Totp>(database.store(), clock, *vault);
        sign_in =
            std::make_unique<SignIn>(SignInParts{database.store(), clock, passwords, guard, sessions, *totp});
        user.id = ids.next();
        user.password = *passwords.hash(kRight);
        BOOST_REQUIRE(database.store()
                          .writeAndWait([&](Tx& tx) { BOOST_REQUIRE(insertUser(tx, user, clock.now())); })
                          .ok());
    }

    Result<SignedIn> enter(const Secret& password, const std::string& code = "",
                           const std::string& address = "192.0.2.1",
                           const std::string& email = "ada@house.example") {
        return sign_in->withPassword({"House", email, password, code, address, "test"});
    }
    std::string codeOf(const Result<SignedIn>& done) { return done ? "" : done.error().code; }

    TempFolder folder;
    FakeClock clock;
    Ids ids{clock, 1};
    TestDatabase database;
    Roles roles{database.store(), clock};
    Sessions sessions{database.store(), ids, clock, roles};
    Passwords passwords;
    LoginGuard guard{clock};
    std::unique_ptr<Vault> vault;
    std::unique_ptr<Totp> totp;
    std::unique_ptr<SignIn> sign_in;
    User user{0, kDefaultOrg, "ada@house.example", "Ada", "agent", 0, true, ""};
};

}  // namespace

BOOST_DATA_TEST_CASE(a_session_ends_after_twelve_hours_of_silence_or_seven_days, databases(), kind) {
    Fixture fixture(kind);
    const auto first = fixture.enter(kRight);
    BOOST_REQUIRE(first.ok());
    const std::string token = first->session.text.reveal();

    BOOST_TEST(fixture.sessions.verify(token)->user == fixture.user.id);
    BOOST_TEST(!fixture.sessions.verify(token + "x").has_value());
    fixture.clock.advance(11h);
    BOOST_TEST(fixture.sessions.verify(token).has_value());
    fixture.sessions.saveLastUse();
    fixture.sessions.refresh();
    fixture.clock.advance(11h);
    BOOST_TEST(fixture.sessions.verify(token).has_value());
    fixture.clock.advance(12h);
    BOOST_TEST(!fixture.sessions.verify(token).has_value());

    const std::string busy = fixture.enter(kRight)->session.text.reveal();
    for (int hours = 0; hours < 24 * 7 - 6; hours += 6) {
        BOOST_TEST(fixture.sessions.verify(busy).has_value());
        fixture.clock.advance(6h);
    }
    fixture.clock.advance(6h);
    BOOST_TEST(!fixture.sessions.verify(busy).has_value());
}

BOOST_AUTO_TEST_CASE(the_database_holds_no_token_and_no_password) {
    Fixture fixture;
    const std::string token = fixture.enter(kRight)->session.text.reveal();

    fixture.database.store().read([&](Reader& reader) {
        const Rows sessions = reader.query("SELECT hash FROM sessions");
        BOOST_TEST(sessions.at(0).text(0).find(token.substr(4)) == std::string::npos);
        const Rows users = reader.query("SELECT password FROM users");
        BOOST_TEST(users.at(0).text(0).starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    });
}

BOOST_AUTO_TEST_CASE(five_failures_lock_the_account_for_that_network_and_then_for_twice_as_long) {
    Fixture fixture;
    for (int i = 0; i < 5; ++i) BOOST_TEST(fixture.codeOf(fixture.enter(kWrong)) == "credentials_invalid");

    const auto locked = fixture.enter(kRight);
    BOOST_TEST(fixture.codeOf(locked) == "login_locked");
    BOOST_TEST(locked.error().retry_after->count() == 15 * 60);
    BOOST_TEST(fixture.codeOf(fixture.enter(kRight, "", "192.0.2.99")) == "login_locked");
    BOOST_TEST(fixture.enter(kRight, "", "198.51.100.1").ok());

    fixture.clock.advance(15min + 1s);
    BOOST_TEST(fixture.codeOf(fixture.enter(kWrong)) == "credentials_invalid");
    BOOST_TEST(fixture.enter(kRight).error().retry_after->count() == 30 * 60);
    fixture.clock.advance(30min + 1s);
    BOOST_TEST(fixture.enter(kRight).ok());
}

BOOST_AUTO_TEST_CASE(who_is_not_there_is_refused_and_locked_like_everyone_else) {
    Fixture fixture;
    for (int i = 0; i < 5; ++i) {
        const auto refused = fixture.enter(kRight, "", "192.0.2.1", "nobody@house.example");
        BOOST_TEST(fixture.codeOf(refused) == "credentials_invalid");
        BOOST_TEST(refused.error().message ==
                   fixture.enter(kWrong, "", "203.0.113." + std::to_string(i)).error().message);
    }
    BOOST_TEST(fixture.codeOf(fixture.enter(kRight, "", "192.0.2.1", "nobody@house.example")) ==
               "login_locked");
}

BOOST_AUTO_TEST_CASE(a_code_of_the_second_factor_works_once_and_so_does_a_recovery_code) {
    Fixture fixture;
    fixture.clock.advance(1000h);
    const auto enrolment = fixture.totp->enrol(kDefaultOrg, fixture.user.id, "ada");
    const std::string secret = enrolment->secret.reveal();
    BOOST_TEST(fixture.enter(kRight).ok());  // it does not count before it is confirmed
    const auto codes =
        fixture.totp->confirm(kDefaultOrg, fixture.user.id, totpCode(secret, fixture.clock.now()));
    BOOST_REQUIRE(codes.ok());
    BOOST_TEST(codes->size() == 10U);

    BOOST_TEST(fixture.codeOf(fixture.enter(kRight)) == "totp_required");
    BOOST_TEST(fixture.codeOf(fixture.enter(kWrong)) == "credentials_invalid");
    const std::string used = totpCode(secret, fixture.clock.now());
    BOOST_TEST(fixture.codeOf(fixture.enter(kRight, used)) == "credentials_invalid");
    fixture.clock.advance(30s);
    BOOST_TEST(fixture.enter(kRight, totpCode(secret, fixture.clock.now())).ok());
    BOOST_TEST(fixture.codeOf(fixture.enter(kRight, totpCode(secret, fixture.clock.now() + 60s))) ==
               "credentials_invalid");
    BOOST_TEST(fixture.enter(kRight, codes->at(3).reveal()).ok());
    BOOST_TEST(fixture.codeOf(fixture.enter(kRight, codes->at(3).reveal())) == "credentials_invalid");
}

BOOST_AUTO_TEST_CASE(a_new_password_ends_the_other_sessions) {
    Fixture fixture;
    const std::string here = fixture.enter(kRight)->session.text.reveal();
    const std::string there = fixture.enter(kRight)->session.text.reveal();
    const Caller caller = *fixture.sessions.verify(here);

    BOOST_TEST(fixture.sign_in->changePassword(caller, kWrong, Secret("another long one"), "192.0.2.1")
                   .error()
                   .code == "credentials_invalid");
    BOOST_TEST(fixture.sign_in->changePassword(caller, kRight, Secret("short"), "192.0.2.1").error().code ==
               "password_weak");
    BOOST_REQUIRE(
        fixture.sign_in->changePassword(caller, kRight, Secret("another long one"), "192.0.2.1").ok());

    BOOST_TEST(fixture.sessions.verify(here).has_value());
    BOOST_TEST(!fixture.sessions.verify(there).has_value());
    fixture.sessions.refresh();
    BOOST_TEST(!fixture.sessions.verify(there).has_value());
    BOOST_TEST(fixture.enter(Secret("another long one")).ok());
}

BOOST_DATA_TEST_CASE(an_invitation_and_a_reset_work_once_and_not_for_ever, databases(), kind) {
    Fixture fixture(kind);
    Invitations invitations(
        {fixture.database.store(), fixture.ids, fixture.clock, fixture.passwords, fixture.sessions});
    const User guest{0, kDefaultOrg, "bo@house.example", "", "crew", 0, true, ""};
    const auto invited = invitations.invite(guest, fixture.user.id);

    BOOST_TEST(!invitations.accept(Secret("sbi_wrong"), "", kRight).ok());
    BOOST_TEST(invitations.accept(invited->token, "Bo", kRight)->role == "crew");
    BOOST_TEST(!invitations.accept(invited->token, "Bo", kRight).ok());
    BOOST_TEST(invitations.invite(guest, fixture.user.id).error().code == "user_exists");

    const auto late = invitations.beginReset(kDefaultOrg, fixture.user.id);
    fixture.clock.advance(31min);
    BOOST_TEST(!invitations.finishReset(*late, Secret("another long one")).ok());
    const auto reset = invitations.beginReset(kDefaultOrg, fixture.user.id);
    BOOST_REQUIRE(invitations.finishReset(*reset, Secret("another long one")).ok());
    BOOST_TEST(!invitations.finishReset(*reset, Secret("yet another one")).ok());
    BOOST_TEST(fixture.enter(Secret("another long one")).ok());
    BOOST_TEST(!invitations.beginReset(kDefaultOrg + 1, fixture.user.id).ok());
}

BOOST_AUTO_TEST_CASE(an_address_counts_by_its_network) {
    BOOST_TEST(networkOf("192.0.2.17") == "192.0.2.0/24");
    BOOST_TEST(networkOf("2001:db8:1:2:3::4") == "2001:db8:1:2::/64");
    BOOST_TEST(networkOf("") == "");
}

}  // namespace signalbox
