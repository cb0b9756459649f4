#include "workflow/worker/interpreter.h"

#include <boost/test/unit_test.hpp>
#include <memory>

#include "base/json.h"

namespace signalbox::worker {
namespace {

// The interpreter in this process, without its walls.
struct Fixture {
    std::unique_ptr<char[]> result{new char[kMaxResult]}, log{new char[kMaxLog]};
    Interpreter interpreter{result.get(), log.get()};
    Request request;

    std::string run(const std::string& source, const std::string& item = "null") {
        request.node_id = "n1";
        request.source = source;
        request.item = item;
        const auto response = interpreter.run(request);
        const std::string text(response.text);
        interpreter.rest();
        return response.verdict == Verdict::Ok ? text : "error: " + text;
    }
    std::string echo(const std::string& item) { return run("function run(item) return item end", item); }
    std::string expression(const std::string& lua) { return run("function run() return " + lua + " end"); }
    std::string logOf(const std::string& source) {
        request.source = source;
        request.item = "null";
        return std::string(interpreter.run(request).log);
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(interpreter, Fixture)

BOOST_AUTO_TEST_CASE(values_come_back_as_they_went_in) {
    for (const std::string json :
         {R"(1)", R"(-9223372036854775808)", R"(1.5)", R"("text")", R"(true)", R"(null)", R"([])", R"({})",
          R"([[],{}])", R"([1,null,"a"])", R"({"a":{"b":[1,2,{"c":false}]}})", R"("é😀\n\t\"\\\u0001")",
          R"([1e+300])", R"("\u0000")", R"({"":1})"})
        BOOST_TEST(*parseJson(echo(json)) == *parseJson(json));
}

BOOST_AUTO_TEST_CASE(numbers_keep_their_kind_where_they_can) {
    BOOST_TEST(echo("3.0") == "3");
    BOOST_TEST(echo("0.1") == "0.1");
    BOOST_TEST(echo("9223372036854775808") == "9223372036854775808");
    BOOST_TEST(expression("7 // 2") == "3");
    BOOST_TEST(expression("1e15") == "1e+15");
}

BOOST_AUTO_TEST_CASE(null_is_nothing_in_objects_and_stays_in_lists) {
    BOOST_TEST(run("function run(item) return {item.a == nil, item.b[1] == signalbox.null, #item.b} end",
                   R"({"a":null,"b":[null,2]})") == "[true,true,2]");
    BOOST_TEST(expression("{a = signalbox.null}") == R"({"a":null})");
}

BOOST_AUTO_TEST_CASE(an_empty_table_is_an_object_unless_it_is_marked) {
    BOOST_TEST(expression("{}") == "{}");
    BOOST_TEST(expression("signalbox.list()") == "[]");
    BOOST_TEST(expression("signalbox.list({1})") == "[1]");
    BOOST_TEST(expression("{1, 2}") == "[1,2]");
}

BOOST_AUTO_TEST_CASE(a_result_that_is_no_data_names_its_path) {
    BOOST_TEST(expression("{a = {1, {b = run}}}") == "error: node:n1: result.a[2].b: a function is not data");
    BOOST_TEST(expression("{1, nil, 3}").find("signalbox.null") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(faults_name_node_and_line) {
    BOOST_TEST(run("\nfunction run(item)\n  return item.a.b\nend", "{}") ==
               "error: node:n1:3: attempt to index a nil value (field 'a')");
    BOOST_TEST(run("function run(").starts_with("error: node:n1:1: "));
    BOOST_TEST(run("function run() error('mine') end") == "error: node:n1:1: mine");
    BOOST_TEST(run("function run() error({}) end").starts_with("error: node:n1: the error is a table"));
    BOOST_TEST(run("x = 1") == "error: node:n1: the script defines no function run(item)");
}

BOOST_AUTO_TEST_CASE(compiled_code_is_refused) {
    BOOST_TEST(run("\x1bLua\x54").starts_with("error: node:n1: "));
    BOOST_TEST(run("\x1bLua\x54").find("binary") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(nothing_of_one_call_is_seen_by_the_next) {
    const std::string source = R"(
        local count = 0
        function run(item)
            count = count + 1
            seen = (seen or 0) + 1
            local mt = getmetatable(item) or {}
            return {count, seen, tostring(item), mt.x}
        end)";

    const auto first = run(source, "{}");
    run("function run() string, seen, tostring = nil, 99, nil end");

    BOOST_TEST(first == "[1,1,\"table: #1\"]");
    BOOST_TEST(run(source, "{}") == first);
    BOOST_TEST(run(source, "{}") == first);
}

BOOST_AUTO_TEST_CASE(scripts_of_one_node_do_not_share_their_compiled_form) {
    BOOST_TEST(run("function run() return 1 end") == "1");
    BOOST_TEST(run("function run() return 2 end") == "2");
    BOOST_TEST(run("function run() return 1 end") == "1");
}

BOOST_AUTO_TEST_CASE(many_scripts_do_not_grow_the_cache_without_end) {
    const std::string padding(60'000, ' ');

    for (int i = 0; i < 200; ++i) {
        const auto text = std::to_string(i);
        BOOST_REQUIRE(run("function run() return " + text + " end" + padding) == text);
    }
}

BOOST_AUTO_TEST_CASE(the_same_seed_gives_the_same_chance) {
    const std::string source =
        "function run() return {signalbox.random(), signalbox.random(10), signalbox.random(-5, 5), "
        "signalbox.uuid()} end";
    request.seed = 42;

    const auto first = run(source);

    BOOST_TEST(run(source) == first);
    request.seed = 43;
    BOOST_TEST(run(source) != first);
}

BOOST_AUTO_TEST_CASE(chance_stays_within_its_bounds) {
    BOOST_TEST(run(R"(function run()
        for _ = 1, 5000 do
            local f, n, m = signalbox.random(), signalbox.random(3), signalbox.random(-2, 2)
            assert(f >= 0 and f < 1 and n >= 1 and n <= 3 and m >= -2 and m <= 2)
        end
        assert(math.type(signalbox.random(math.mininteger, math.maxinteger)) == "integer")
        return #signalbox.uuid() .. signalbox.uuid():sub(15, 15)
    end)") == "\"364\"");
}

BOOST_AUTO_TEST_CASE(time_is_the_time_of_the_run) {
    request.now_us = 1767604023250000;

    BOOST_TEST(expression("{signalbox.now(), signalbox.date()}") ==
               R"([1767604023.25,"2026-01-05T09:07:03.250Z"])");
    BOOST_TEST(expression("signalbox.date(951782400)") == R"("2000-02-29T00:00:00.000Z")");
    BOOST_TEST(expression("signalbox.date(-0.5)") == R"("1969-12-31T23:59:59.500Z")");
    BOOST_TEST(expression("signalbox.date(253402300798)") == R"("9999-12-31T23:59:58.000Z")");
    BOOST_TEST(expression("signalbox.date(1e300)").starts_with("error: "));
}

BOOST_AUTO_TEST_CASE(log_takes_any_values_and_has_an_end) {
    BOOST_TEST(logOf("function run() signalbox.log('a', 1, nil, true, {}) signalbox.log() end") ==
               "a 1 nil true table: #1\n\n");

    const auto full = logOf("function run() for _ = 1, 5000 do signalbox.log(('x'):rep(50)) end end");

    BOOST_TEST(full.size() <= kMaxLog);
    BOOST_TEST(full.ends_with("(the log is full)\n"));
}

BOOST_AUTO_TEST_CASE(encodings_go_both_ways) {
    BOOST_TEST(expression("signalbox.base64('hello')") == "\"aGVsbG8=\"");
    BOOST_TEST(expression("signalbox.base64_decode('aGVsbG8') .. signalbox.base64_decode('aGVsbG8=')") ==
               "\"hellohello\"");
    BOOST_TEST(expression("{signalbox.base64_decode('a') == nil, signalbox.base64_decode('!!!!') == nil}") ==
               "[true,true]");
    BOOST_TEST(expression("signalbox.url_encode('a b/ü~')") == "\"a%20b%2F%C3%BC~\"");
    BOOST_TEST(expression("signalbox.url_decode('a%20b%zz%2')") == "\"a b%zz%2\"");
    BOOST_TEST(expression("signalbox.json.encode({1, {a = 'b'}})") == R"("[1,{\"a\":\"b\"}]")");
    BOOST_TEST(expression("signalbox.json.decode('{\"a\":[1,2]}').a[2]") == "2");
}

BOOST_AUTO_TEST_CASE(strings_work_as_in_lua) {
    BOOST_TEST(expression("('abc'):rep(3, '-')") == "\"abc-abc-abc\"");
    BOOST_TEST(expression("#('x'):rep(1000000)") == "1000000");
    BOOST_TEST(expression("('%5.1f|%-4s|%q|%s|%%|%c'):format(2.25, 'ab', 'c\"', nil, 65)") ==
               R"("  2.2|ab  |\"c\\\"\"|nil|%|A")");
    BOOST_TEST(expression("'10' + 5") == "15");
    BOOST_TEST(expression("-'2' * '3'") == "-6");
    BOOST_TEST(expression("('héllo'):upper() .. utf8.char(228, 8364) .. utf8.len('äö')") == "\"HéLLOä€2\"");
}

BOOST_AUTO_TEST_CASE(tables_work_as_in_lua) {
    BOOST_TEST(run(R"(function run()
        local t = {3, 1, 2}
        table.sort(t) table.insert(t, 4) table.insert(t, 1, 0)
        assert(table.concat(t, ",") == "0,1,2,3,4" and table.remove(t, 1) == 0 and table.remove(t) == 4)
        table.sort(t, function(a, b) return a > b end)
        assert(table.concat(t) == "321" and table.concat(t, "-", 2, 3) == "2-1")
        local moved = table.move({1, 2, 3}, 1, 3, 2)
        assert(table.concat(moved) == "1123" and table.concat(table.move({1, 2, 3}, 2, 3, 1)) == "233")
        local packed = table.pack(1, nil, 3)
        assert(packed.n == 3 and select("#", table.unpack(packed, 1, 3)) == 3)
        assert(table.remove({}) == nil and not pcall(table.insert, {}, 5, 1) and not pcall(table.insert, {}))
        local words = {"b", "a", "C"}
        table.sort(words)
        return table.concat(words)
    end)") == "\"Cab\"");
}

BOOST_AUTO_TEST_CASE(classes_work_as_in_lua) {
    BOOST_TEST(run(R"(
        local Account = {}
        Account.__index = Account
        Account.__tostring = function(self) return "account " .. self.balance end
        Account.__add = function(a, b) return Account.new(a.balance + b.balance) end
        function Account.new(balance) return setmetatable({balance = balance}, Account) end
        function Account:deposit(amount) self.balance = self.balance + amount end
        function run()
            local a = Account.new(1)
            a:deposit(2)
            assert(getmetatable(a) == Account)
            return tostring(a + Account.new(10))
        end)") == "\"account 13\"");
}

BOOST_AUTO_TEST_CASE(modules_are_loaded_once_for_each_call) {
    BOOST_TEST(expression("signalbox.use('text') == signalbox.use('text')") == "true");
    BOOST_TEST(expression("signalbox.use('nothing')").find("no module 'nothing'") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_check_compiles_and_looks_for_the_entry_but_does_not_call_it) {
    request.action = Action::Check;

    BOOST_TEST(run("function run() error('called') end") == "");
    BOOST_TEST(run("x = = 1").starts_with("error: node:n1:1: "));
    BOOST_TEST(run("x = 1").starts_with("error: node:n1: the script defines no function run"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace signalbox::worker
