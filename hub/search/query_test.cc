#include "hub/search/query.h"

#include <boost/test/unit_test.hpp>

#include "hub/search/highlight.h"
#include "hub/search/tokens.h"

namespace signalbox::search {
namespace {

Status refuseFields(Filters&, std::string_view field, std::string_view) {
    return Error{ErrorKind::Invalid, "q: no field " + std::string(field)};
}

Status takeChannel(Filters& filters, std::string_view field, std::string_view value) {
    if (field != "channel") return Error{ErrorKind::Invalid, "q: no field " + std::string(field)};
    filters.channel = value;
    return Done{};
}

// What stands behind the scope.
std::string words(const std::string& text) {
    const auto query = parseQuery(text, {}, refuseFields);
    if (!query) return query.error().message;
    const std::string all = toTsquery(*query, 7);
    const std::string scope = "'=o7'";
    return all.size() > scope.size() ? all.substr(scope.size() + 1) : "";
}

std::string marked(const std::string& text, const std::string& query, std::size_t max_bytes = 240) {
    const auto parsed = parseQuery(query, {}, refuseFields);
    std::string out;
    for (const Json& piece : highlight(text, findHits(text, *parsed), max_bytes))
        out += flagAt(piece, "match") ? '[' + textAt(piece, "text") + ']' : textAt(piece, "text");
    return out;
}

}  // namespace

BOOST_AUTO_TEST_CASE(words_are_folded_the_same_in_every_script) {
    BOOST_TEST(foldedText("Straße CAFÉ Ünïcode ﬁne ＡＢＣ") == "strasse cafe unicode fine abc");
    BOOST_TEST(foldedText("ada@example.org, +49 151-12") == "ada example org 49 151 12");
    BOOST_TEST(foldedText("東京tower") == "東 京 tower");
    BOOST_TEST(foldedText("नमस्ते दुनिया") == "नमस्ते दुनिया");
    BOOST_TEST(foldedText("a\xff"
                          "b \xc3") == "a b");
}

BOOST_AUTO_TEST_CASE(signs_alone_are_no_search_for_everything) {
    for (const char* text : {"🎉", "(", "%", "_", "\"%\"", "( )"}) {
        const auto query = parseQuery(text, {}, refuseFields);
        BOOST_REQUIRE_MESSAGE(!query.ok(), text);
        BOOST_TEST(query.error().code == "query_without_words");
    }
    BOOST_TEST(parseQuery("", {}, refuseFields).ok());
    BOOST_TEST(parseQuery("late (", {}, refuseFields).ok());
    BOOST_TEST(parseQuery("channel:whatsapp (", {}, takeChannel).ok());
}

BOOST_AUTO_TEST_CASE(the_query_language_becomes_a_query_of_words) {
    BOOST_TEST(words("late invoice") == "& (('late')) & (('invoice'))");
    BOOST_TEST(words("\"late invoice\"") == "& (('late' <-> 'invoice'))");
    BOOST_TEST(words("late -paid") == "& (('late')) & !(('paid'))");
    BOOST_TEST(words("red OR blue car") == "& (('red') | ('blue')) & (('car'))");
    BOOST_TEST(words("inv*") == "& (('inv':*))");
    BOOST_TEST(words("ada@example.org") == "& (('ada' <-> 'example' <-> 'org'))");
    BOOST_TEST(words("OR or - * \"") == "& (('or'))");
}

BOOST_AUTO_TEST_CASE(nothing_typed_becomes_syntax_of_a_database) {
    for (const char* text :
         {"a' | 'b", "NEAR(a b)", "terms : x", "x) NOT (y", "a\\", "!a & b", "\"a\" AND ^b", "{x}"}) {
        const auto query = parseQuery(text, {}, refuseFields);
        BOOST_REQUIRE(query.ok());
        for (const Clause& clause : query->all)
            for (const Term& term : clause.any)
                for (const std::string& word : term.words)
                    BOOST_TEST(word.find_first_not_of("abcdefghijklmnopqrstuvwxyz") == std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(fields_narrow_down_and_unknown_ones_are_refused) {
    const auto query = parseQuery("channel:whatsapp late", {}, takeChannel);
    BOOST_REQUIRE(query.ok());
    BOOST_TEST(query->filters.channel == "whatsapp");
    BOOST_TEST(query->all.size() == 1U);

    BOOST_TEST(words("color:red") == "q: no field color");
    BOOST_TEST(words("https://example.org") == "& (('https' <-> 'example' <-> 'org'))");
    BOOST_TEST(words("at 10:30") == "& (('at')) & (('10' <-> '30'))");
    BOOST_TEST(words(std::string(1001, 'a')) == "q: at most 1000 bytes");
}

BOOST_AUTO_TEST_CASE(hits_are_marked_in_the_text_as_it_was_written) {
    BOOST_TEST(marked("Der CAFÉ-Besuch, <b>Café</b>", "cafe") == "Der [CAFÉ]-Besuch, <b>[Café]</b>");
    BOOST_TEST(marked("late invoices and a late invoice", "\"late inv*\"") ==
               "late invoices and a late invoice");
    BOOST_TEST(marked("late invoices, late", "\"late inv\"*") == "[late invoices], late");
    BOOST_TEST(marked("not this", "this -not") == "not [this]");
}

BOOST_AUTO_TEST_CASE(a_long_text_is_cut_around_its_first_hit) {
    const std::string text =
        std::string(100, 'a') + " " + std::string(100, 'b') + " needle é" + std::string(200, 'c');

    const std::string shown = marked(text, "needle", 60);

    BOOST_TEST(shown.find("[needle]") != std::string::npos);
    BOOST_TEST(shown.starts_with("… "));
    BOOST_TEST(shown.size() < 90U);
}

}  // namespace signalbox::search
