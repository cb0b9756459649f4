#include "hub/store/database_url.h"

#include <boost/test/unit_test.hpp>

namespace {

using namespace signalbox::store;

std::string sqlitePath(std::string_view url) {
    const auto parsed = parseDatabaseUrl(url);
    return parsed && std::holds_alternative<SqliteUrl>(*parsed) ? std::get<SqliteUrl>(*parsed).path
                                                                : "refused";
}

std::string connectionString(std::string_view url) {
    const auto parsed = parseDatabaseUrl(url);
    return parsed ? std::get<PostgresUrl>(*parsed).connectionString() : "refused: " + parsed.error().message;
}

BOOST_AUTO_TEST_CASE(a_sqlite_url_holds_a_path) {
    BOOST_TEST(sqlitePath("sqlite:///var/lib/signalbox/hub.db") == "/var/lib/signalbox/hub.db");
    BOOST_TEST(sqlitePath("sqlite://data/hub.db") == "data/hub.db");
    BOOST_TEST(sqlitePath("sqlite:///a%20b.db") == "/a b.db");
}

BOOST_AUTO_TEST_CASE(a_sqlite_url_without_a_file_is_refused) {
    for (const auto* url :
         {"sqlite://", "sqlite:///", "sqlite:///folder/", "sqlite://:memory:", "sqlite:///a?mode=ro"})
        BOOST_TEST(sqlitePath(url) == "refused", url);
}

BOOST_AUTO_TEST_CASE(each_part_of_a_postgresql_url_is_passed_on) {
    BOOST_TEST(
        connectionString("postgresql://hub:p%40ss%2Fword@db.example:5433/signalbox?sslmode=require") ==
        "host='db.example' port='5433' user='hub' password='p@ss/word' dbname='signalbox' sslmode='require'");
    BOOST_TEST(connectionString("postgres://hub@[2001:db8::1]:5433/x") ==
               "host='2001:db8::1' port='5433' user='hub' dbname='x'");
    BOOST_TEST(connectionString("postgresql://hub@[::1]/x") == "host='::1' user='hub' dbname='x'");
    BOOST_TEST(connectionString("postgresql://%2Frun%2Fpostgresql/x") == "host='/run/postgresql' dbname='x'");
    BOOST_TEST(connectionString("postgresql:///x?host=/run/postgresql") ==
               "dbname='x' host='/run/postgresql'");
    BOOST_TEST(connectionString("postgresql://") == "");
}

BOOST_AUTO_TEST_CASE(a_value_cannot_break_out_of_its_quotes) {
    BOOST_TEST(connectionString("postgresql://u:a'b%5Cc@h/x") ==
               "host='h' user='u' password='a\\'b\\\\c' dbname='x'");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_passed_on_is_refused_without_showing_the_password) {
    const auto refused = connectionString("postgresql://u:top%20secret@h/x");

    BOOST_TEST(refused.starts_with("refused: "));
    BOOST_TEST(refused.find("passfile") != std::string::npos);
    BOOST_TEST(refused.find("secret") == std::string::npos);
    BOOST_TEST(connectionString("postgresql://u:a%00b@h/x").starts_with("refused: "));
    BOOST_TEST(connectionString("postgresql://h/x?a%20b=c").starts_with("refused: "));
}

BOOST_AUTO_TEST_CASE(a_url_of_another_database_is_refused_with_the_forms_there_are) {
    const auto parsed = parseDatabaseUrl("mysql://root:hunter2@h/x");

    BOOST_REQUIRE(!parsed);
    BOOST_TEST(parsed.error().message.find("sqlite:///absolute/path") != std::string::npos);
    BOOST_TEST(parsed.error().message.find("hunter2") == std::string::npos);
}

}  // namespace
