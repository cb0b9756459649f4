#include "hub/outbox/request_form.h"

#include <boost/test/unit_test.hpp>

namespace signalbox {
namespace {

std::string faultOf(const Json& request) {
    const auto form = readRequestForm(request);
    return form ? "" : form.error().message;
}

const std::string kConversation = idText(kConversationId, 7);

}  // namespace

BOOST_AUTO_TEST_CASE(a_text_to_a_number_is_read) {
    const auto form = readRequestForm({{"account", "wa"}, {"to", "+4917012345678"}, {"text", "hi"}});

    BOOST_REQUIRE(form.ok());
    BOOST_TEST(form->type == "text");
    BOOST_TEST(form->to == "+4917012345678");
}

BOOST_AUTO_TEST_CASE(the_type_follows_from_what_is_there) {
    const Json to = {{"account", "wa"}, {"to", "+4917012345678"}};
    Json with_template = to;
    with_template["template"] = {{"name", "hello"}};
    Json with_file = to;
    with_file["attachments"] = {{{"kind", "image"}, {"url", "https://example.com/a.png"}}};
    const Json http = {{"account", "crm"}, {"http", {{"url", "https://example.com"}}}};

    BOOST_TEST(readRequestForm(with_template)->type == "template");
    BOOST_TEST(readRequestForm(with_template)->content["name"] == "hello");
    BOOST_TEST(readRequestForm(with_file)->type == "image");
    BOOST_TEST(readRequestForm(http)->type == "http");
}

BOOST_AUTO_TEST_CASE(an_http_request_may_come_as_kind_and_content) {
    const auto form = readRequestForm(
        {{"kind", "http"}, {"type", "http"}, {"account", "crm"}, {"content", {{"url", "/contacts"}}}});

    BOOST_REQUIRE(form.ok());
    BOOST_TEST(form->content["url"] == "/contacts");
}

BOOST_AUTO_TEST_CASE(every_error_begins_with_the_field) {
    const Json text = {{"account", "wa"}, {"to", "+4917012345678"}, {"text", "hi"}};
    const auto with = [&](const char* name, Json value) {
        Json request = text;
        request[name] = std::move(value);
        return faultOf(request);
    };

    BOOST_TEST(with("txet", "hi") == "txet: unknown field");
    BOOST_TEST(with("text", 5) == "text: must be a text");
    BOOST_TEST(with("text", "") == "text: is missing");
    BOOST_TEST(with("text", std::string("a\0b", 3)) == "text: must not hold a NUL character");
    BOOST_TEST(with("text", std::string(65'537, 'x')) == "text: longer than 65536 bytes");
    BOOST_TEST(with("type", "fax").starts_with("type: must be text, image"));
    BOOST_TEST(with("type", "image") == "attachments: is missing");
    BOOST_TEST(with("type", "template") == "template: is missing");
    BOOST_TEST(with("to", "") == "to: is missing (or give conversation_id)");
    BOOST_TEST(with("to", Json{{"kind", "pigeon"}, {"value", "x"}}).starts_with("to.kind: must be phone"));
    BOOST_TEST(with("account", "") == "account: is missing (or give conversation_id)");
    BOOST_TEST(with("conversation_id", "cnv_x") == "conversation_id: must be an id like cnv_0000000000001");
    BOOST_TEST(with("reply_all", true) == "reply_all: needs the conversation_id in which it answers");
    BOOST_TEST(with("reply_all", "yes") == "reply_all: must be true or false");
    BOOST_TEST(with("to", Json::array({"ada"})).starts_with("to: holds what is no e-mail address"));
    BOOST_TEST(with("cc", "ada lovelace@example.org").starts_with("cc: holds what is no e-mail address"));
    BOOST_TEST(with("attachments", Json::array({Json::object()})) ==
               "attachments[0].url: file_id, url or media_id is missing");
    BOOST_TEST(with("attachments", Json::array({{{"url", "x"}, {"size", 3}}})) ==
               "attachments[0].size: unknown field");
    BOOST_TEST(with("attachments", Json::array({{{"url", "x"}, {"name", "a.pdf"}}})) ==
               "attachments[0].name: unknown field; it is called filename");
    BOOST_TEST(with("attachments", Json::array({{{"sha256", "00"}}}))
                   .starts_with("attachments[0].sha256: must be the 64 hex digits"));
    BOOST_TEST(with("expires_in_s", 0).starts_with("expires_in_s: must be a whole number"));
    BOOST_TEST(with("interactive", Json{{"type", "button"}}) == "");
    BOOST_TEST(faultOf({{"account", "a"}, {"http", Json::object()}}) == "http.url: is missing");
    BOOST_TEST(faultOf({{"type", "reaction"}, {"conversation_id", kConversation}, {"text", "+"}}) ==
               "reply_to: is missing: the message to react to");
    BOOST_TEST(faultOf(Json::array()) == "request: must be an object");
}

BOOST_AUTO_TEST_CASE(addresses_of_mails_may_have_names) {
    const auto form = readRequestForm({{"account", "sales"},
                                       {"to", {"Ada@Example.org", {{"address", "b@x.org"}, {"name", "Ben"}}}},
                                       {"cc", "\"Lovelace, C.\" <c@x.org>"},
                                       {"text", "hi"}});

    BOOST_REQUIRE(form.ok());
    BOOST_REQUIRE(form->to_all.size() == 2U);
    BOOST_TEST(form->to_all[0].address == "ada@example.org");
    BOOST_TEST(form->to_all[1].name == "Ben");
    BOOST_TEST(dumpJson(form->content["cc"]) == R"([{"address":"c@x.org","name":"Lovelace, C."}])");
}

BOOST_AUTO_TEST_CASE(two_structured_parts_are_one_too_many) {
    const Json request = {
        {"account", "wa"}, {"to", "+1"}, {"template", {{"name", "a"}}}, {"interactive", {{"type", "list"}}}};

    BOOST_TEST(faultOf(request) == "interactive: stands beside template; use one of them");
}

BOOST_AUTO_TEST_CASE(a_read_mark_needs_only_the_conversation) {
    BOOST_TEST(faultOf({{"type", "mark_read"}, {"conversation_id", kConversation}}) == "");
}

}  // namespace signalbox
