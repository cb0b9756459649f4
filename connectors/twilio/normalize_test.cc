#include "connectors/twilio/normalize.h"

#include <boost/test/unit_test.hpp>

#include "connectors/twilio/delivery_status.h"
#include "tests/support/shared_samples.h"

using namespace signalbox;
using namespace signalbox::twilio;

namespace {

HttpRequest form(const std::string& body, const std::string& target = "/hooks/twilio") {
    HttpRequest request{"POST", target};
    request.headers = {{"content-type", "application/x-www-form-urlencoded"}};
    request.body = body;
    return request;
}

Received normalized(const HttpRequest& request) {
    return normalize(*readCallback(request), request, "sms");
}

// The one envelope of a callback.
Envelope one(const HttpRequest& request) {
    auto received = normalized(request);
    BOOST_REQUIRE_EQUAL(received.envelopes.size(), 1U);
    return received.envelopes[0];
}

std::optional<Envelope> sample(const std::string& name) {
    const auto request = testing::sharedSample("twilio/" + name + ".txt");
    if (!request) return std::nullopt;
    return one(*request);
}

const Identity kPhone{"phone", "+15555550101"};

}  // namespace

BOOST_AUTO_TEST_SUITE(twilio_normalize)

BOOST_AUTO_TEST_CASE(an_sms_is_a_text_from_a_phone_number) {
    const auto message =
        one(form("MessageSid=SM1&From=%2B14133880000&To=%2B12028830000&Body=Hello+%E2%98%BA+%26+bye&"
                 "NumMedia=0&SmsStatus=received"));

    BOOST_TEST((message.kind == EnvelopeKind::Message));
    BOOST_TEST(message.channel == "sms");
    BOOST_TEST(message.external_id == "SM1");
    BOOST_TEST(message.dedup_key == "SM1");
    BOOST_TEST(message.type == "text");
    BOOST_TEST(message.text == "Hello ☺ & bye");
    BOOST_TEST(message.thread_key == "+14133880000");
    BOOST_TEST((message.from.identities == std::vector<Identity>{{"phone", "+14133880000"}}));
}

BOOST_AUTO_TEST_CASE(a_person_on_whatsapp_is_known_by_number_and_user_id) {
    const auto message =
        one(form("MessageSid=SM1&From=whatsapp%3A%2B15555550101&To=whatsapp%3A%2B1555&Body=Hi&"
                 "ProfileName=Ann&WaId=15555550101&ExternalUserId=whatsapp%3AUS.1234"));

    BOOST_TEST(message.channel == "whatsapp");
    BOOST_TEST(message.from.name == "Ann");
    BOOST_TEST((message.from.identities == std::vector<Identity>{kPhone, {"wa_user_id", "US.1234"}}));
}

BOOST_AUTO_TEST_CASE(a_person_who_hides_the_number_has_a_user_id_and_no_phone) {
    const auto message =
        one(form("MessageSid=SM1&From=whatsapp%3AUS.1234&Body=Hi&ExternalUserId=whatsapp%3AUS.1234"));

    BOOST_TEST((message.from.identities == std::vector<Identity>{{"wa_user_id", "US.1234"}}));
    BOOST_TEST(message.thread_key == "US.1234");
}

BOOST_AUTO_TEST_CASE(media_keep_their_urls_and_the_first_one_names_the_type) {
    const auto message =
        one(form("MessageSid=MM1&From=%2B1413&Body=&NumMedia=2&MediaUrl0=https%3A%2F%2Fapi.twilio.com%2Fa&"
                 "MediaContentType0=image%2Fjpeg&MediaUrl1=https%3A%2F%2Fapi.twilio.com%2Fb&"
                 "MediaContentType1=application%2Fpdf"));

    BOOST_TEST(message.type == "image");
    BOOST_TEST(message.text == "");
    BOOST_REQUIRE_EQUAL(message.attachments.size(), 2U);
    BOOST_TEST(message.attachments[0].url == "https://api.twilio.com/a");
    BOOST_TEST(message.attachments[0].mime == "image/jpeg");
    BOOST_TEST(message.attachments[1].kind == "document");
}

BOOST_AUTO_TEST_CASE(a_vcard_is_a_contact_and_no_document) {
    const auto message =
        one(form("MessageSid=MM1&From=whatsapp%3A%2B15555550101&Body=&NumMedia=1&MessageType=contacts&"
                 "MediaUrl0=https%3A%2F%2Fapi.twilio.com%2Fa&MediaContentType0=text%2Fvcard"));

    BOOST_TEST(message.type == "contacts");
    BOOST_TEST(message.attachments.at(0).kind == "contact");
}

BOOST_AUTO_TEST_CASE(a_location_is_numbers_and_a_broken_one_is_none) {
    const std::string start =
        "MessageSid=SM1&From=whatsapp%3A%2B15555550101&Body=&MessageType=location&Longitude=-77.39&";

    const auto place = one(form(start + "Latitude=25.0187&Label=Pier"));
    const auto broken = one(form(start + "Latitude=25.0x"));

    BOOST_TEST(place.type == "location");
    BOOST_TEST(place.content["location"] ==
               Json::parse(R"({"latitude":25.0187,"longitude":-77.39,"name":"Pier"})"));
    BOOST_TEST(broken.type == "unsupported");
    BOOST_TEST(broken.content["provider_type"] == "location");
}

BOOST_AUTO_TEST_CASE(a_button_is_a_choice_whose_payload_is_opaque) {
    const auto message =
        one(form("MessageSid=SM1&From=whatsapp%3A%2B15555550101&Body=Yes&MessageType=interactive&"
                 "ButtonText=Yes&ButtonPayload=%7Bnot+json%3A%7D&OriginalRepliedMessageSid=MM9"));

    BOOST_TEST(message.type == "choice");
    BOOST_TEST(message.text == "Yes");
    BOOST_TEST(message.content["choice"] == Json({{"id", "{not json:}"}, {"title", "Yes"}}));
    BOOST_TEST(message.in_reply_to == "MM9");
}

BOOST_AUTO_TEST_CASE(forwards_and_advertisements_are_told) {
    const auto message =
        one(form("MessageSid=SM1&From=whatsapp%3A%2B15555550101&Body=Hi&Forwarded=true&"
                 "FrequentlyForwarded=false&ReferralSourceId=ad1&ReferralHeadline=Sale&ReferralNumMedia=0"));

    BOOST_TEST(message.content["forwarded"] == true);
    BOOST_TEST(!message.content.contains("frequently_forwarded"));
    BOOST_TEST(message.content["referral"] == Json({{"source_id", "ad1"}, {"headline", "Sale"}}));
}

BOOST_AUTO_TEST_CASE(stop_takes_consent_back_and_start_gives_it) {
    const auto consent = [](const std::string& rest) {
        return textAt(one(form("MessageSid=SM1&From=%2B1413388&" + rest)).content, "consent");
    };

    BOOST_TEST(consent("Body=Stop") == "revoked");
    BOOST_TEST(consent("Body=halt&OptOutType=STOP") == "revoked");
    BOOST_TEST(consent("Body=start&OptOutType=START") == "granted");
    BOOST_TEST(consent("Body=Stop+calling+me+Bob") == "");
    BOOST_TEST(consent("Body=help&OptOutType=HELP") == "");
    BOOST_TEST(textAt(one(form("MessageSid=SM1&From=whatsapp%3A%2B14&Body=stop")).content, "consent") == "");
}

BOOST_AUTO_TEST_CASE(each_word_of_twilio_has_its_delivery_state) {
    const std::pair<const char*, DeliveryState> words[] = {{"accepted", DeliveryState::Accepted},
                                                           {"scheduled", DeliveryState::Accepted},
                                                           {"queued", DeliveryState::Accepted},
                                                           {"sending", DeliveryState::Accepted},
                                                           {"sent", DeliveryState::Sent},
                                                           {"delivered", DeliveryState::Delivered},
                                                           {"read", DeliveryState::Read},
                                                           {"failed", DeliveryState::Failed},
                                                           {"undelivered", DeliveryState::Failed},
                                                           {"canceled", DeliveryState::Failed},
                                                           {"partially_delivered", DeliveryState::Sent}};
    for (const auto& [word, state] : words) {
        const auto update = one(form(std::string("MessageSid=SM1&MessageStatus=") + word));
        BOOST_TEST_INFO(word);
        BOOST_TEST((update.kind == EnvelopeKind::Status));
        BOOST_TEST((update.status.state == state));
        BOOST_TEST(update.target == "SM1");
        BOOST_TEST(update.dedup_key == std::string("status:SM1:") + word);
    }
}

BOOST_AUTO_TEST_CASE(a_status_brings_our_message_id_back_from_the_url) {
    const auto update = one(form("MessageSid=SM1&MessageStatus=sent", "/hooks/twilio?sb=msg_0c3k9q2m4x7vd"));

    BOOST_TEST(update.status.reference == "msg_0c3k9q2m4x7vd");
}

BOOST_AUTO_TEST_CASE(a_failure_tells_whether_another_try_makes_sense) {
    const auto failed = [](const std::string& code) {
        return one(form("MessageSid=SM1&MessageStatus=undelivered&ErrorCode=" + code));
    };

    BOOST_TEST(failed("63018").status.is_retryable);
    BOOST_TEST(failed("30008").status.is_retryable);
    BOOST_TEST(!failed("63016").status.is_retryable);
    BOOST_TEST(!failed("99999").status.is_retryable);
    BOOST_TEST(failed("99999").status.code == "99999");
    BOOST_TEST(!failed("99999").status.text.empty());
    BOOST_TEST(failed("21610").content["consent"] == "revoked");
    BOOST_TEST(!failed("21614").content.contains("consent"));
}

BOOST_AUTO_TEST_CASE(a_status_knows_its_channel) {
    BOOST_TEST(one(form("MessageSid=SM1&MessageStatus=read&ChannelPrefix=whatsapp")).channel == "whatsapp");
    BOOST_TEST(one(form("MessageSid=SM1&MessageStatus=read&To=whatsapp%3A%2B1555")).channel == "whatsapp");
    BOOST_TEST(one(form("MessageSid=SM1&MessageStatus=sent&To=%2B1555")).channel == "sms");
    BOOST_TEST(one(form("MessageSid=SM1&MessageStatus=sent")).channel == "sms");
}

BOOST_AUTO_TEST_CASE(what_is_not_understood_becomes_a_notice_with_all_its_fields) {
    const auto status = one(form("MessageSid=SM1&MessageStatus=teleported"));
    const auto call = one(form("CallSid=CA1&CallStatus=ringing&From=%2B1&To=%2B2"));
    const auto other = one(form("Something=new"));

    for (const auto* notice : {&status, &call, &other}) {
        BOOST_TEST((notice->kind == EnvelopeKind::Notice));
        BOOST_TEST(!notice->dedup_key.empty());
    }
    BOOST_TEST(status.type == "unknown_status");
    BOOST_TEST(call.type == "call");
    BOOST_TEST(call.content["CallStatus"] == "ringing");
    BOOST_TEST(other.content["Something"] == "new");
}

BOOST_AUTO_TEST_CASE(a_repeated_callback_has_the_same_key_and_the_next_one_another) {
    BOOST_TEST(one(form("CallSid=CA1&CallStatus=ringing")).dedup_key ==
               one(form("CallStatus=ringing&CallSid=CA1")).dedup_key);
    BOOST_TEST(one(form("CallSid=CA1&CallStatus=ringing")).dedup_key !=
               one(form("CallSid=CA1&CallStatus=completed")).dedup_key);
    BOOST_TEST(one(form("MessageSid=SM1&From=%2B1&Body=a")).dedup_key !=
               one(form("MessageSid=SM1&MessageStatus=sent")).dedup_key);
}

BOOST_AUTO_TEST_CASE(a_json_body_is_a_notice_and_a_broken_one_goes_to_quarantine) {
    auto request = form(R"({"a":1})");
    request.headers.set("content-type", "application/json");

    BOOST_TEST(one(request).content["body"]["a"] == 1);
    request.body = "{";
    const auto broken = normalized(request);
    BOOST_TEST(broken.envelopes.empty());
    BOOST_TEST(!broken.quarantine_reason.empty());
    BOOST_TEST(broken.reply.status == 200);
}

BOOST_AUTO_TEST_CASE(the_answer_is_an_empty_twiml_document) {
    const auto reply = normalized(form("MessageSid=SM1&MessageStatus=sent")).reply;

    BOOST_TEST(reply.status == 200);
    BOOST_TEST(reply.headers.get("content-type") == "text/xml");
    BOOST_TEST(reply.body == R"(<?xml version="1.0" encoding="UTF-8"?><Response/>)");
    if (const auto sample = testing::sharedSample("twilio/reply-empty-twiml.txt"))
        BOOST_TEST(reply.body == sample->body);
}

BOOST_AUTO_TEST_CASE(hostile_bytes_neither_crash_nor_get_lost) {
    for (const char* body :
         {"", "&&&", "=", "MessageSid", "MessageSid=SM1&From=%&Body=%FF%00%ZZ", "%00=%00",
          "MessageSid=SM1&From=whatsapp%3A&Body=x", "MessageSid=SM1&From=&Body=&NumMedia=999999999999"}) {
        BOOST_TEST_INFO(body);
        const auto received = normalized(form(body));
        BOOST_REQUIRE_EQUAL(received.envelopes.size(), 1U);
        BOOST_TEST(!received.envelopes[0].dedup_key.empty());
        BOOST_TEST(!dumpJson(toJson(received.envelopes[0])).empty());
    }
}

BOOST_AUTO_TEST_CASE(recorded_requests_become_what_they_are) {
    if (const auto sms = sample("in-sms")) BOOST_TEST(sms->text == "Hello ☺ & bye");
    if (const auto location = sample("in-wa-location")) BOOST_TEST(location->type == "location");
    if (const auto contact = sample("in-wa-contact-vcard")) BOOST_TEST(contact->type == "contacts");
    if (const auto image = sample("in-wa-image")) BOOST_TEST(image->attachments.at(0).kind == "image");
    if (const auto reply = sample("in-wa-reply"))
        BOOST_TEST(reply->in_reply_to == "MM3c146d6483ab26bddabeeedf9565afea");
    if (const auto button = sample("in-wa-button")) {
        BOOST_TEST(button->content["choice"]["id"] == "{verifyEmail:a@example.com}");
        BOOST_TEST((button->from.identities.at(1) == Identity{"wa_user_id", "ID.4566546130240823"}));
    }
    if (const auto read = sample("status-read-whatsapp"))
        BOOST_TEST((read->status.state == DeliveryState::Read));
    if (const auto failed = sample("status-failed-63018")) BOOST_TEST(failed->status.is_retryable);
}

BOOST_AUTO_TEST_SUITE_END()
