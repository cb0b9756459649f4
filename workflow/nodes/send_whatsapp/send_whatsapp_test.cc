#include <boost/test/unit_test.hpp>

#include "tests/support/node_probe.h"

using namespace signalbox;
using namespace signalbox::workflow;

BOOST_AUTO_TEST_CASE(a_template_is_sent_as_one_and_a_text_answers_in_the_conversation) {
    NodeProbe by_template("send_whatsapp", R"({"to": "+491", "template": {"name": "hi", "language": "de"}})");
    NodeProbe answer("send_whatsapp", R"({"text": "hello"})");

    const Json first = outcomeOf<Send>(by_template.enter()).request;
    const Json second =
        outcomeOf<Send>(answer.enter(R"({"item": {}, "trigger": {"message": {"conversation_id": "cnv_1"}}})"))
            .request;

    BOOST_TEST(first["type"] == "template");
    BOOST_TEST(first["channel"] == "whatsapp");
    BOOST_TEST(dumpJson(second) ==
               R"({"channel":"whatsapp","conversation_id":"cnv_1","text":"hello","type":"text"})");
}
