#include "hub/store/dialect.h"

#include <boost/test/unit_test.hpp>

namespace {

using namespace signalbox::store;
using Texts = std::vector<std::string>;

BOOST_AUTO_TEST_CASE(a_file_is_cut_at_semicolons_outside_quotes_and_comments) {
    const auto statements = splitStatements(
        "-- first; really\nCREATE TABLE a (x TEXT DEFAULT ';''--');\n/* no; */ INSERT INTO \"b;\" VALUES (1) "
        ";\n;\nSELECT 1");

    const Texts expected = {"CREATE TABLE a (x TEXT DEFAULT ';''--')", "INSERT INTO \"b;\" VALUES (1)",
                            "SELECT 1"};
    BOOST_TEST(statements == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(unfinished_quotes_and_comments_end_with_the_text) {
    BOOST_TEST(splitStatements("SELECT 'a;").size() == 1u);
    BOOST_TEST(splitStatements("SELECT 1 /* a;").size() == 1u);
    BOOST_TEST(splitStatements("SELECT 1 -- a;").size() == 1u);
    BOOST_TEST(splitStatements(" ; \n ;").empty());
    BOOST_TEST(splitStatements("").empty());
}

BOOST_AUTO_TEST_CASE(types_are_rewritten_for_postgresql_but_names_and_texts_are_not) {
    const auto& dialect = postgresDialect();

    BOOST_TEST(
        dialect.migration("CREATE TABLE a (id INTEGER PRIMARY KEY, blob TEXT, b BLOB, r REAL, c TEXT DEFAULT "
                          "'BLOB') WITHOUT ROWID") ==
        "CREATE TABLE a (id BIGINT PRIMARY KEY, blob TEXT, b BYTEA, r DOUBLE PRECISION, c TEXT DEFAULT "
        "'BLOB') ");
    BOOST_TEST(dialect.migration("CREATE TABLE MYBLOB (x BLOB_2)") == "CREATE TABLE MYBLOB (x BLOB_2)");
    BOOST_TEST(dialect.statement("SELECT 1 FOR UPDATE SKIP LOCKED") == "SELECT 1 FOR UPDATE SKIP LOCKED");
}

BOOST_AUTO_TEST_CASE(row_locks_are_left_out_for_sqlite) {
    const auto& dialect = sqliteDialect();

    BOOST_TEST(dialect.statement("SELECT ' FOR UPDATE' FOR UPDATE SKIP LOCKED") == "SELECT ' FOR UPDATE' ");
    BOOST_TEST(dialect.statement("SELECT 1 FOR UPDATE") == "SELECT 1 ");
    BOOST_TEST(dialect.migration("CREATE TABLE a (b BLOB)") == "CREATE TABLE a (b BLOB)");
}

}  // namespace
