#include <boost/test/unit_test.hpp>

#include "tests/support/node_probe.h"

using namespace signalbox;
using namespace signalbox::workflow;

namespace {

std::string answerOf(const std::string& text) {
    return dumpJson(
        {{"state", "sent"},
         {"content",
          {{"status", 200},
           {"body",
            {{"model", "m-1"},
             {"choices", {{{"message", {{"content", text}}}, {"finish_reason", "stop"}}}},
             {"usage", {{"prompt_tokens", 5}, {"completion_tokens", 2}, {"total_tokens", 7}}}}}}}});
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_question_becomes_a_chat_completion_with_its_credential_by_name) {
    NodeProbe probe("ai_completion", R"({"base_url": "https://ai.test/v1/", "model": "m", "credential": "ai",
        "system": "be short", "prompt": "{{ item.q }}?", "temperature": 0, "options": {"seed": 1}})");

    const Json content = outcomeOf<Send>(probe.enter(R"({"item": {"q": "why"}})")).request["content"];

    BOOST_TEST(content["url"] == "https://ai.test/v1/chat/completions");
    BOOST_TEST(content["credential"] == "ai");
    BOOST_TEST(dumpJson(content["body"]) ==
               R"({"messages":[{"content":"be short","role":"system"},{"content":"why?","role":"user"}],)"
               R"("model":"m","seed":1,"temperature":0})");
}

BOOST_AUTO_TEST_CASE(the_answer_is_text_with_what_it_cost) {
    NodeProbe probe("ai_completion", R"({"model": "m", "prompt": "x"})");

    const Json output = *outcomeOf<Next>(probe.resume(answerOf("yes"))).output;

    BOOST_TEST(output["text"] == "yes");
    BOOST_TEST(output["usage"]["total_tokens"] == 7);
}

BOOST_AUTO_TEST_CASE(json_is_asked_for_and_read_also_out_of_a_fence) {
    NodeProbe probe("ai_completion", R"({"model": "m", "prompt": "x", "answer": "json"})");

    const Json content = outcomeOf<Send>(probe.enter()).request["content"];
    const Json plain = *outcomeOf<Next>(probe.resume(answerOf(R"({"a":1})"))).output;
    const Json fenced = *outcomeOf<Next>(probe.resume(answerOf("```json\n{\"a\":2}\n```"))).output;
    const auto broken = probe.resume(answerOf("I think"));

    BOOST_TEST(content["body"]["response_format"]["type"] == "json_object");
    BOOST_TEST(plain["json"]["a"] == 1);
    BOOST_TEST(fenced["json"]["a"] == 2);
    BOOST_TEST(broken.error().code == "bad_json");
}

BOOST_AUTO_TEST_CASE(prompt_and_messages_are_two_ways_of_one_thing) {
    BOOST_TEST(!NodeProbe("ai_completion", R"({"model": "m"})").faults().empty());
    BOOST_TEST(
        !NodeProbe("ai_completion", R"({"model": "m", "prompt": "x", "messages": [{}]})").faults().empty());
}
