#include "hub/vault/vault.h"

#include <sys/stat.h>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <fstream>

#include "base/crypto.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temp_folder.h"
#include "tests/support/test_database.h"

namespace signalbox {
namespace {

const SealedPlace kPlace{7, "credentials", 42, "secret"};

struct Fixture {
    explicit Fixture(DatabaseKind kind = DatabaseKind::Sqlite) : database(kind) { open(); }

    void open() {
        auto opened = Vault::open(database.store(), clock, file());
        BOOST_REQUIRE_MESSAGE(opened.ok(), (opened ? "" : opened.error().message));
        vault = std::move(*opened);
        vault->covers({"stored_accounts", "account", "secrets"});
    }
    std::string file() const { return folder.file("vault.key"); }
    std::string openingFault() {
        const auto opened = Vault::open(database.store(), clock, file());
        return opened ? "" : opened.error().code;
    }
    void insert(Id id, const std::string& secret) {
        const std::string sealed = vault->seal({7, "stored_accounts", id, "secrets"}, secret);
        const auto written = database.store().writeAndWait([&](Tx& tx) {
            tx.exec(
                "INSERT INTO stored_accounts (account, org, hook, secrets, created_at, changed_at)"
                " VALUES ($1, 7, $2, $3, 0, 0)",
                {id, std::to_string(id), Blob{sealed}});
        });
        BOOST_REQUIRE(written.ok());
    }
    std::string stored(Id id) {
        std::string bytes;
        database.store().read([&](Reader& reader) {
            bytes =
                reader.query("SELECT secrets FROM stored_accounts WHERE account = $1", {id}).at(0).text(0);
        });
        return bytes;
    }

    TempFolder folder;
    FakeClock clock;
    TestDatabase database;
    std::unique_ptr<Vault> vault;
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_value_opens_at_its_place_and_nowhere_else) {
    Fixture fixture;

    const std::string sealed = fixture.vault->seal(kPlace, "open sesame");

    BOOST_TEST(fixture.vault->unseal(kPlace, sealed)->reveal() == "open sesame");
    BOOST_TEST(sealed.find("sesame") == std::string::npos);
    const std::vector<SealedPlace> elsewhere = {{8, "credentials", 42, "secret"},
                                                {7, "totp", 42, "secret"},
                                                {7, "credentials", 43, "secret"},
                                                {7, "credentials", 42, "header"}};
    for (const SealedPlace& other : elsewhere) BOOST_TEST(!fixture.vault->unseal(other, sealed).ok());
}

BOOST_AUTO_TEST_CASE(each_changed_byte_is_noticed) {
    Fixture fixture;
    const std::string sealed = fixture.vault->seal(kPlace, "open sesame");

    for (std::size_t i = 0; i < sealed.size(); ++i) {
        std::string changed = sealed;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        BOOST_TEST(!fixture.vault->unseal(kPlace, changed).ok(), "byte " << i);
    }
    for (std::size_t length = 0; length < sealed.size(); ++length)
        BOOST_TEST(!fixture.vault->unseal(kPlace, sealed.substr(0, length)).ok());
}

BOOST_AUTO_TEST_CASE(the_same_secret_never_looks_the_same) {
    Fixture fixture;

    BOOST_TEST(fixture.vault->seal(kPlace, "x") != fixture.vault->seal(kPlace, "x"));
}

BOOST_AUTO_TEST_CASE(the_key_file_is_made_for_its_owner_only_and_opens_what_it_sealed_before) {
    Fixture fixture;
    const std::string sealed = fixture.vault->seal(kPlace, "kept");
    struct stat about {};
    BOOST_REQUIRE(::stat(fixture.file().c_str(), &about) == 0);
    BOOST_TEST((about.st_mode & 0777U) == 0400U);

    fixture.open();

    BOOST_TEST(fixture.vault->unseal(kPlace, sealed)->reveal() == "kept");
}

BOOST_AUTO_TEST_CASE(a_start_with_a_wrong_missing_or_open_key_file_is_refused) {
    Fixture fixture;
    std::filesystem::rename(fixture.file(), fixture.file() + ".kept");

    BOOST_TEST(fixture.openingFault() == "vault_key_wrong");
    BOOST_REQUIRE(writeKeyFile(fixture.file(), {makeVaultKey(1)}).ok());
    BOOST_TEST(fixture.openingFault() == "vault_key_wrong");
    BOOST_REQUIRE(writeKeyFile(fixture.file(), {makeVaultKey(2)}).ok());
    BOOST_TEST(fixture.openingFault() == "vault_key_wrong");
    std::filesystem::rename(fixture.file() + ".kept", fixture.file());
    BOOST_TEST(fixture.openingFault() == "");
    ::chmod(fixture.file().c_str(), 0444);
    BOOST_TEST(fixture.openingFault() == "vault_key_file");
}

BOOST_DATA_TEST_CASE(a_rotation_seals_everything_anew_and_the_old_key_goes_at_the_next_start, databases(),
                     kind) {
    Fixture fixture(kind);
    for (Id id = 1; id <= 450; ++id) fixture.insert(id, "secret " + std::to_string(id));
    const std::string before = fixture.stored(450);

    const auto rotated = fixture.vault->rotate();

    BOOST_REQUIRE(rotated.ok());
    BOOST_TEST(rotated->values == 450U);
    BOOST_TEST(rotated->key_number == 2);
    const std::string after = fixture.stored(450);
    BOOST_TEST(after != before);
    fixture.open();
    BOOST_REQUIRE(fixture.vault->dropOldKeys().ok());
    BOOST_TEST(fixture.vault->unseal({7, "stored_accounts", 450, "secrets"}, after)->reveal() ==
               "secret 450");
    BOOST_TEST(!fixture.vault->unseal({7, "stored_accounts", 450, "secrets"}, before).ok());
    BOOST_TEST(readKeyFile(fixture.file())->size() == 1U);
    BOOST_TEST(fixture.openingFault() == "");
}

BOOST_AUTO_TEST_CASE(what_a_rotation_missed_is_sealed_anew_before_the_old_key_goes) {
    Fixture fixture;
    fixture.insert(1, "first");
    const std::string old = fixture.stored(1);
    BOOST_REQUIRE(fixture.vault->rotate().ok());
    // Sealed before the rotation, committed after it.
    BOOST_REQUIRE(fixture.database.store()
                      .writeAndWait([&](Tx& tx) {
                          tx.exec("UPDATE stored_accounts SET secrets = $1 WHERE account = 1", {Blob{old}});
                      })
                      .ok());

    BOOST_REQUIRE(fixture.vault->dropOldKeys().ok());

    BOOST_TEST(fixture.vault->unseal({7, "stored_accounts", 1, "secrets"}, fixture.stored(1))->reveal() ==
               "first");
}

}  // namespace signalbox
