// The Lua that ships: scripts/examples (each names an item and its result in its head) and scripts/lib.
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/json.h"
#include "tests/build_places.h"
#include "workflow/lua/lua_runner.h"

namespace signalbox::workflow {
namespace {

struct Fixture {
    std::unique_ptr<LuaRunner> runner;

    Fixture() {
        LuaRunnerOptions options;
        options.workers = 1;
        auto made = makeLuaRunner(options);
        BOOST_REQUIRE_MESSAGE(made.ok(), (made.ok() ? "" : made.error().message));
        runner = std::move(*made);
    }

    std::string run(const std::string& source, const std::string& item = "null") {
        ScriptCall call;
        call.node_id = "n1";
        call.source = source;
        call.item_json = item;
        call.now = *parseRfc3339("2026-01-05T09:00:00Z");
        const auto result = runner->run(call);
        return result ? result->result_json : result.error().message;
    }
};

// The text behind every `-- mark: ` of a script, in order.
std::vector<std::string> marked(const std::string& source, const std::string& mark) {
    std::vector<std::string> out;
    std::istringstream lines(source);
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with("-- " + mark + ": ")) out.push_back(line.substr(mark.size() + 5));
    return out;
}

std::string textOf(const std::filesystem::path& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(product_scripts, Fixture)

BOOST_AUTO_TEST_CASE(every_example_gives_what_its_head_says) {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(SIGNALBOX_SOURCE_DIR "/scripts/examples")) {
        const auto source = textOf(entry.path());
        const auto items = marked(source, "item"), results = marked(source, "result");
        BOOST_TEST_CONTEXT(entry.path().filename().string()) {
            BOOST_REQUIRE(!items.empty());
            BOOST_REQUIRE(items.size() == results.size());
            for (std::size_t i = 0; i < items.size(); ++i) {
                const auto wanted = parseJson(results[i]), got = parseJson(run(source, items[i]));
                BOOST_REQUIRE_MESSAGE(wanted && got, run(source, items[i]));
                BOOST_TEST(*got == *wanted);
            }
            BOOST_TEST(std::count(source.begin(), source.end(), '\n') <= 40, "an example fits a screen");
        }
        ++count;
    }
    BOOST_TEST(count >= 3u);
}

BOOST_AUTO_TEST_CASE(the_text_module_does_what_it_says) {
    BOOST_TEST(run(R"(
        local text = signalbox.use("text")
        function run()
            assert(text.trim("  a b \n") == "a b" and text.trim("") == "")
            assert(table.concat(text.split("a, b,, c", ", "), "|") == "a|b,|c" and #text.split("", ",") == 1)
            assert(text.split("a.b", ".")[2] == "b")
            assert(text.starts_with("hello", "he") and not text.starts_with("hello", "lo"))
            assert(text.fill("Hello {name}{nothing}!", {name = "Ann"}) == "Hello Ann!")
            assert(text.shorten("naïve idea", 6) == "naïve…" and text.shorten("short", 5) == "short")
            return "ok"
        end)") == "\"ok\"");
}

BOOST_AUTO_TEST_CASE(the_list_module_does_what_it_says) {
    BOOST_TEST(run(R"(
        local list = signalbox.use("list")
        function run()
            local even = list.filter({1, 2, 3, 4}, function(x) return x % 2 == 0 end)
            assert(#even == 2 and even[2] == 4)
            assert(list.sum({1, 2}) == 3 and list.sum({{n = 1}, {n = 2}}, "n") == 3)
            local groups = list.group({{k = "a", n = 1}, {k = "b"}, {k = "a", n = 2}}, "k")
            assert(#groups.a == 2 and groups.a[2].n == 2)
            return {list.map({1, 2}, function(x) return x * 2 end), list.map({}, tostring), list.keys({b = 1, a = 2})}
        end)") == R"([[2,4],[],["a","b"]])");
}

BOOST_AUTO_TEST_CASE(the_csv_module_does_what_it_says) {
    BOOST_TEST(run(R"lua(
        local csv = signalbox.use("csv")
        function run()
            local rows = csv.parse('a,b\r\n1,"x, ""y""\nz"\n,\n')
            assert(#rows == 3 and rows[2][2] == 'x, "y"\nz' and rows[3][1] == "" and rows[3][2] == "")
            assert(csv.records("n;m\n1;2", ";")[1].m == "2")
            assert(csv.format({{"a", 'x, "y"'}, {1}}) == 'a,"x, ""y"""\r\n1\r\n')
            local ok, why = pcall(csv.parse, 'a,"b')
            assert(not ok and why:find("row 1"))
            return "ok"
        end)lua") == "\"ok\"");
}

BOOST_AUTO_TEST_CASE(the_money_module_does_what_it_says) {
    BOOST_TEST(run(R"(
        local money = signalbox.use("money")
        function run()
            assert(money.parse("1.234,50", "EUR") == 123450 and money.parse("1,234.5", "USD") == 123450)
            assert(money.parse("-7", "EUR") == -700 and money.parse("1.234", "EUR") == 123400)
            assert(money.parse("500", "JPY") == 500 and money.parse("ten", "EUR") == nil)
            assert(money.format(123450, "EUR") == "1234.50 EUR" and money.format(-5, "EUR") == "-0.05 EUR")
            assert(money.format(500, "JPY") == "500 JPY")
            local parts = money.split(100, {1, 1, 1})
            assert(parts[1] == 34 and parts[2] == 33 and parts[3] == 33)
            return "ok"
        end)") == "\"ok\"");
}

BOOST_AUTO_TEST_CASE(the_contact_module_does_what_it_says) {
    BOOST_TEST(run(R"lua(
        local contact = signalbox.use("contact")
        function run()
            for _, text in ipairs({"030 1234-567", "+49 (0)30 1234567", "0049 30 1234567", "+49301234567"}) do
                assert(contact.phone(text, "DE") == "+49301234567", text)
            end
            assert(contact.phone("(415) 555-0100", "US") == "+14155550100")
            assert(contact.phone("030 1234567") == nil and contact.phone("call me", "DE") == nil)
            assert(contact.email(" Ann <Ann.M@Example.COM> ") == "Ann.M@example.com")
            for _, text in ipairs({"ann", "ann@", "@x.de", "a..b@x.de", "a b@x.de", "ann@x", "ann@-x.de"}) do
                assert(contact.email(text) == nil, text)
            end
            return "ok"
        end)lua") == "\"ok\"");
}

BOOST_AUTO_TEST_CASE(the_hash_module_gives_the_published_vectors) {
    BOOST_TEST(run(R"(
        local hash = signalbox.use("hash")
        function run()
            assert(hash.sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
            assert(hash.sha256("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
            assert(hash.sha256(("a"):rep(119)) == "31eba51c313a5c08226adf18d4a359cfdfd8d2e816b13f4af952f7ea6584dcfb")
            -- RFC 4231, case 2
            assert(hash.hmac_sha256("Jefe", "what do ya want for nothing?") ==
                   "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
            return "ok"
        end)") == "\"ok\"");
}

BOOST_AUTO_TEST_CASE(the_template_module_does_what_it_says) {
    BOOST_TEST(run(R"lua(
        local template = signalbox.use("template")
        function run()
            local data = {person = {name = "Ann {{ x }}"}, list = {"a", "b"}, n = 3.0, o = {k = 1}}
            assert(template.render("Dear {{ person.name }}, {{list.2}} {{ n }} {{ o }}", data) ==
                   'Dear Ann {{ x }}, b 3 {"k":1}')
            assert(template.render("{{ person.nick | you }}{{ gone }}!", data) == "you!")
            assert(table.concat(template.names("{{ a.b }} {{c | d}}"), ",") == "a.b,c")
            return "ok"
        end)lua") == "\"ok\"");
}

BOOST_AUTO_TEST_CASE(regular_expressions_are_re2) {
    BOOST_TEST(run(R"lua(
        local regex = signalbox.regex
        function run()
            assert(regex.test("Order #4711", [[#\d+]]) and not regex.test("none", [[\d]]))
            local m = regex.match("née 2026-01-05", [[(?P<year>\d{4})-(\d\d)(x)?]])
            assert(m.text == "2026-01" and m.first == 6 and m.groups[1] == "2026" and m.groups.year == "2026")
            assert(m.groups[3] == false and regex.match("a", "b") == nil)
            assert(#regex.all("a1b22", [[\d+]]) == 2 and #regex.all("é", "") == 2)
            assert(signalbox.json.encode(regex.split("a, b;c", [[[,;]\s*]])) == '["a","b","c"]')
            local text, count = regex.replace("Ann Lee", [[(\w+) (\w+)]], [[\2, \1 \\]])
            assert(text == [[Lee, Ann \]] and count == 1)
            local ok, why = pcall(regex.test, "a", "(")
            assert(not ok and why:find("regex: missing"))
            assert(not regex.test(("a"):rep(50000), "^(a+)+$b"))
            return "ok"
        end)lua") == "\"ok\"");
}

BOOST_AUTO_TEST_CASE(dates_know_the_zones_and_their_summer_times) {
    BOOST_TEST(run(R"lua(
        function run()
            local at = signalbox.parse_date("2026-03-29T00:59:59Z")
            assert(signalbox.date(at, "Europe/Berlin") == "2026-03-29T01:59:59.000+01:00")
            assert(signalbox.date(at + 1, "Europe/Berlin") == "2026-03-29T03:00:00.000+02:00")
            assert(signalbox.date(at) == "2026-03-29T00:59:59.000Z")
            local t = signalbox.local_time(at + 1, "Europe/Berlin")
            assert(t.hour == 3 and t.weekday == 7 and t.yearday == 88 and t.offset == 7200 and t.zone == "CEST")
            assert(signalbox.local_time(0, "America/New_York").hour == 19)
            local function utc(hour, day, month)
                return signalbox.date(signalbox.time({year = 2026, month = month, day = day, hour = hour, minute = 30}, "Europe/Berlin"))
            end
            assert(utc(2, 29, 3) == "2026-03-29T01:00:00.000Z", utc(2, 29, 3)) -- in the gap: its end
            assert(utc(2, 25, 10) == "2026-10-25T00:30:00.000Z") -- twice: the first
            assert(utc(12, 1, 7) == "2026-07-01T10:30:00.000Z")
            assert(signalbox.date(signalbox.time({year = 2026, month = 14, day = 31})) == "2027-03-03T00:00:00.000Z")
            assert(signalbox.parse_date("2026-02-30") == nil and signalbox.parse_date("soon") == nil)
            assert(signalbox.parse_date("2026-01-05T10:00:00.25+01:00") == 1767603600.25)
            local ok, why = pcall(signalbox.date, 0, "Mars/Base")
            assert(not ok and why:find("no time zone"))
            return "ok"
        end)lua") == "\"ok\"");
}

BOOST_AUTO_TEST_CASE(wishes_are_tables_that_say_what_is_wanted) {
    const auto wished = [&](const std::string& what) {
        const auto json = parseJson(run("function run() return " + what + " end"));
        return json ? dumpJson(*json) : json.error().message;
    };
    BOOST_TEST(wished("signalbox.send{text = 'hi'}") == R"({"$signalbox":"send","message":{"text":"hi"}})");
    BOOST_TEST(wished("signalbox.sleep(1.5)") == R"({"$signalbox":"sleep","seconds":1.5})");
    BOOST_TEST(wished("signalbox.call('bill', {n = 1})") ==
               R"({"$signalbox":"call","input":{"n":1},"workflow":"bill"})");
    BOOST_TEST(wished("signalbox.await{event = 'custom.paid'}") ==
               R"({"$signalbox":"await","event":"custom.paid"})");
    BOOST_TEST(run("function run() return signalbox.send('hi') end").find("table expected") !=
               std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace signalbox::workflow
