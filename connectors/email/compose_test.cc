#include "connectors/email/compose.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "connectors/email/mail_form.h"
#include "connectors/email/normalize.h"

namespace signalbox::email {
namespace {

AccountConfig account() {
    AccountConfig config;
    config.address = "sales@example.org";
    config.name = "Vertrieb Müller";
    return config;
}

OutboundMessage message(const std::string& text = "Hello") {
    OutboundMessage out;
    out.to = {"email", "ada@example.net"};
    out.type = "email";
    out.text = text;
    out.content = {{"subject", "Grüße"}, {"message_id", "m.1.2@example.org"}};
    return out;
}

std::string mustCompose(const OutboundMessage& message, const AccountConfig& config = account()) {
    const auto mail = compose(message, config, *parseRfc3339("2026-11-26T08:00:00Z"));
    if (!mail) throw std::runtime_error(mail.error().message);
    return mail->bytes;
}

// What our own reader makes of it.
PolledItem readBack(const std::string& bytes) {
    return normalize("test", bytes, "sales@example.org", true);
}

BOOST_AUTO_TEST_CASE(the_same_mail_has_the_same_bytes_whatever_was_changed_meanwhile) {
    OutboundMessage out = message();
    out.content["html"] = "<p>Hello</p><img src=\"cid:logo.png\">";
    out.attachments = {{"image", "", "", "image/png", "logo.png"},
                       {"document", "", "", "application/pdf", "a.pdf"}};
    out.files = {"\x89PNG", "%PDF"};
    const TimePoint then = *parseRfc3339("2026-11-26T08:00:00Z");
    const MailForm first = formOf(nullptr, account(), then);
    AccountConfig changed = account();
    changed.name = "Sales";
    changed.signature = "a new one";

    const MailForm later = formOf(toJson(first), changed, then + std::chrono::hours(5));

    const auto one = compose(out, first.config, first.at), two = compose(out, later.config, later.at);
    BOOST_REQUIRE(one.ok());
    BOOST_REQUIRE(two.ok());
    BOOST_TEST(one->bytes == two->bytes);
}

BOOST_AUTO_TEST_CASE(no_line_is_longer_than_servers_take_and_none_ends_in_a_bare_cr_or_lf) {
    OutboundMessage out = message("one\rtwo\nthree\r\nfour " + std::string(3'000, 'x') + "\n.\nend");
    out.content["subject"] = std::string(1'500, 's') + " and " + std::string(300, 'u');
    out.content["html"] = "<p>" + std::string(5'000, 'h') + "</p>\r.\r";
    out.content["references"] = {"a@x", std::string(2'000, 'r') + "@x"};
    out.content["to_name"] = std::string(1'200, 'n');
    out.attachments = {{"document", "", "", "message/rfc822", std::string(1'300, 'f') + ".eml"}};
    out.files = {"Subject: a\r\r\n.\r\n\nbody"};

    const std::string bytes = mustCompose(out);

    std::size_t longest = 0, begin = 0;
    bool is_bare = false;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        is_bare = is_bare || (bytes[i] == '\r' && (i + 1 == bytes.size() || bytes[i + 1] != '\n')) ||
                  (bytes[i] == '\n' && (i == 0 || bytes[i - 1] != '\r'));
        if (bytes[i] != '\n') continue;
        longest = std::max(longest, i - 1 - begin);
        begin = i + 1;
    }
    BOOST_TEST(longest <= 998U);
    BOOST_TEST(!is_bare);
    BOOST_TEST(
        std::all_of(bytes.begin(), bytes.end(), [](char c) { return static_cast<signed char>(c) > 0; }));
    const PolledItem item = readBack(bytes);
    BOOST_TEST(item.envelopes.at(0).text.starts_with("one\ntwo\nthree\nfour xxx"));
    BOOST_TEST(item.envelopes.at(0).content["subject"] == out.content["subject"]);
}

BOOST_AUTO_TEST_CASE(addresses_beyond_ascii_are_written_as_the_server_takes_them) {
    OutboundMessage out = message();
    out.to = {"email", "ada@bücher.example"};
    out.content["cc"] = {"jörg@example.net"};
    const MailForm form = formOf(nullptr, account(), *parseRfc3339("2026-11-26T08:00:00Z"));
    MailForm plain = form;
    plain.addresses = Addresses::Shown;

    const auto written = compose(out, form), shown = compose(out, plain);

    BOOST_REQUIRE(written.ok());
    BOOST_REQUIRE(shown.ok());
    BOOST_TEST(written->needs_utf8);
    BOOST_TEST(
        (written->recipients == std::vector<std::string>{"ada@xn--bcher-kva.example", "jörg@example.net"}));
    BOOST_TEST(shown->recipients == written->recipients);
    const auto isPlain = [](const std::string& bytes) {
        return std::all_of(bytes.begin(), bytes.end(),
                           [](char c) { return static_cast<signed char>(c) > 0; });
    };
    BOOST_TEST(!isPlain(written->bytes.substr(0, written->bytes.find("\r\n\r\n"))));
    BOOST_TEST(isPlain(shown->bytes), shown->bytes);
    BOOST_TEST(shown->bytes.find("ada@xn--bcher-kva.example") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_was_written_is_read_back) {
    OutboundMessage out = message("Guten Tag, Ada.\n.ein Punkt vorn\n");
    out.content["html"] = "<p>Guten Tag</p><img src=\"cid:logo.png\">";
    out.content["references"] = {"a@x", "b@x"};
    out.content["in_reply_to"] = "b@x";
    out.attachments = {{"image", "", "", "image/png", "logo.png"},
                       {"document", "", "", "application/pdf", "Angebot für März.pdf"}};
    out.files = {"\x89PNG", std::string("%PDF\0binary", 11)};

    const PolledItem item = readBack(mustCompose(out));

    const Envelope& mail = item.envelopes.at(0);
    BOOST_TEST(mail.content["subject"] == "Grüße");
    BOOST_TEST(mail.text.starts_with("Guten Tag, Ada.\n.ein Punkt vorn"));
    BOOST_TEST(mail.external_id == "m.1.2@example.org");
    BOOST_TEST((item.mail->ancestors == std::vector<std::string>{"a@x", "b@x"}));
    BOOST_REQUIRE(mail.attachments.size() == 2U);
    std::vector<std::string> names, contents = item.files;
    for (const auto& one : mail.attachments) names.push_back(one.filename);
    std::sort(names.begin(), names.end());
    BOOST_TEST((names == std::vector<std::string>{"Angebot für März.pdf", "logo.png"}));
    BOOST_TEST((std::find(contents.begin(), contents.end(), out.files[1]) != contents.end()));
}

BOOST_AUTO_TEST_CASE(the_mark_in_the_html_is_found_again_in_what_quotes_it) {
    AccountConfig config = account();
    config.has_body_mark = true;
    OutboundMessage out = message();
    const std::string id = "m.0c3k9q2m4x7vd.0123456789abcdef@example.org";
    out.content["message_id"] = id;
    out.content["html"] = "<html><body><p>Hello</p></body></html>";

    const auto marked = readBack(mustCompose(out, config));
    const auto unmarked = readBack(mustCompose(out));

    BOOST_REQUIRE(marked.mail->marks.size() == 1U);
    BOOST_TEST(marked.mail->marks[0] == id.substr(0, id.find('@') + 1));
    BOOST_TEST(unmarked.mail->marks.empty());
}

BOOST_AUTO_TEST_CASE(no_line_is_too_long_and_nothing_needs_eight_bits) {
    const std::string bytes = mustCompose(message(std::string(5'000, 'x') + "ü"));

    std::size_t from = 0;
    for (auto end = bytes.find("\r\n"); end != std::string::npos; end = bytes.find("\r\n", from)) {
        BOOST_TEST(end - from <= 998U);
        from = end + 2;
    }
    BOOST_TEST(
        std::all_of(bytes.begin(), bytes.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; }));
}

BOOST_AUTO_TEST_CASE(a_line_break_in_a_field_is_refused) {
    for (const char* field : {"subject", "cc", "reply_to"}) {
        OutboundMessage out = message();
        out.content[field] = std::string("a@example.org\r\nBcc: victim@example.net");
        const auto mail = compose(out, account(), TimePoint{});
        BOOST_TEST_CONTEXT(field) {
            BOOST_REQUIRE(!mail.ok());
            BOOST_TEST(toString(mail.error().kind) == "invalid");
        }
    }
}

BOOST_AUTO_TEST_CASE(blind_copies_are_recipients_that_nobody_reads_of) {
    OutboundMessage out = message();
    out.content["cc"] = {"cc@example.net"};
    out.content["bcc"] = "secret@example.net";

    const auto mail = compose(out, account(), TimePoint{});

    BOOST_REQUIRE(mail.ok());
    BOOST_TEST((mail->recipients ==
                std::vector<std::string>{"ada@example.net", "cc@example.net", "secret@example.net"}));
    BOOST_TEST(mail->bytes.find("secret@example.net") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_copy_in_the_folder_of_sent_mail_names_the_blind_copies) {
    OutboundMessage out = message();
    out.content["bcc"] = {{{"address", "secret@example.net"}, {"name", "Jörg, Ben"}}, "other@example.net"};

    const auto mail = compose(out, account(), TimePoint{});

    BOOST_REQUIRE(mail.ok());
    const std::string copy = copyForSent(*mail);
    const auto at = copy.find("\r\nBcc: ");
    BOOST_REQUIRE(at != std::string::npos);
    BOOST_TEST(at < copy.find("\r\n\r\n"));
    BOOST_TEST(copy.find("<secret@example.net>,\r\n other@example.net\r\n") != std::string::npos);
    BOOST_TEST(copy.size() == mail->bytes.size() + mail->blind_copies.size());
    BOOST_TEST(copyForSent(*compose(message(), account(), TimePoint{})).find("Bcc") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_receipt_is_asked_for_on_demand) {
    OutboundMessage out = message();
    BOOST_TEST(mustCompose(out, account()).find("Disposition-Notification-To") == std::string::npos);

    out.content["request_receipt"] = true;

    BOOST_TEST(
        mustCompose(out, account()).find("Disposition-Notification-To: <" + account().address + ">\r\n") !=
        std::string::npos);
}

BOOST_AUTO_TEST_CASE(nothing_that_runs_leaves_in_a_mail) {
    AccountConfig config = account();
    config.signature_html = "<b onclick=\"evil()\">Ada</b><script>evil()</script>";
    OutboundMessage out = message();
    out.content["html"] =
        "<!DOCTYPE html><html><head><style>td { color: red; background: url(https://x.org/b.png) }</style>"
        "<style>p { behavior: url(evil.htc) }</style></head><body bgcolor=\"#fff\" onload=\"evil()\">"
        "<table width=\"600\"><tr><td style=\"position:relative;color:#333\">Hi</td></tr></table>"
        "<img src=\"https://x.org/a.png\"><img src=x onerror=evil()><a href=\"javascript:evil()\">a</a>"
        "<script>evil()</script></body></html>";

    const std::string mail = mustCompose(out, config);

    BOOST_TEST(mail.find("evil") == std::string::npos);
    for (const char* kept :
         {"<!DOCTYPE html>", "background: url(https://x.org/b.png)",
          "bgcolor=", "<table width=", "position:relative;color:#333", "https://x.org/a.png", "<b>Ada</b>"}) {
        BOOST_TEST_CONTEXT(kept) {
            std::string plain = mail;
            for (const auto& [coded, text] : {std::pair{"=\r\n", ""}, {"=3D", "="}}) {
                for (auto i = plain.find(coded); i != std::string::npos; i = plain.find(coded, i))
                    plain.replace(i, std::string(coded).size(), text);
            }
            BOOST_TEST(plain.find(kept) != std::string::npos);
        }
    }
}

BOOST_AUTO_TEST_CASE(what_a_machine_wrote_says_so_and_can_be_ended) {
    AccountConfig config = account();
    config.list_unsubscribe = "https://example.org/bye";
    OutboundMessage own = message(), answer = message(), machine = message();
    answer.content["auto_submitted"] = "auto-replied";
    machine.content["auto_submitted"] = "auto-generated";

    BOOST_TEST(mustCompose(own, config).find("Auto-Submitted") == std::string::npos);
    BOOST_TEST(mustCompose(own, config).find("List-Unsubscribe") == std::string::npos);
    BOOST_TEST(mustCompose(answer, config).find("Auto-Submitted: auto-replied") != std::string::npos);
    BOOST_TEST(mustCompose(answer, config).find("List-Unsubscribe: <https://example.org/bye>") !=
               std::string::npos);
    BOOST_TEST(mustCompose(machine, config).find("List-Unsubscribe: <https://example.org/bye>") !=
               std::string::npos);

    config.list_unsubscribe.clear();
    const std::string long_way = "mailto:us@x.test?subject=unsubscribe%20u." + std::string(80, 'x');
    machine.content["list_unsubscribe"] = {"https://x.test/unsubscribe/u.1", long_way};
    answer.content["list_unsubscribe"] = {"mailto:us@x.test?subject=bye"};
    const std::string both = mustCompose(machine, config), by_mail = mustCompose(answer, config);
    BOOST_TEST(both.find("\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n") != std::string::npos);
    BOOST_TEST(both.find("\r\nList-Unsubscribe: <https://x.test/unsubscribe/u.1>,\r\n <" + long_way +
                         ">\r\n") != std::string::npos,
               both);
    BOOST_TEST(by_mail.find("<mailto:us@x.test?subject=bye>") != std::string::npos);
    BOOST_TEST(by_mail.find("List-Unsubscribe-Post") == std::string::npos);
    machine.content["is_private"] = true;
    BOOST_TEST(mustCompose(machine, config).find("List-Unsubscribe") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(long_message_ids_are_told_as_they_are) {
    const std::string id = "AM0PR01MB" + std::string(90, 'x') + "@eurprd01.prod.exchangelabs.com";
    OutboundMessage answer = message();
    answer.content["in_reply_to"] = id;
    answer.content["references"] = {"first@x", id};

    const std::string bytes = mustCompose(answer);

    BOOST_TEST(bytes.find("In-Reply-To: <" + id + ">\r\n") != std::string::npos, bytes);
    BOOST_TEST(bytes.find("<" + id + ">\r\n", bytes.find("References:")) != std::string::npos, bytes);
}

BOOST_AUTO_TEST_CASE(an_empty_mail_and_a_missing_file_are_refused) {
    OutboundMessage empty = message(""), missing = message();
    missing.attachments.resize(1);

    BOOST_TEST(!compose(empty, account(), TimePoint{}).ok());
    BOOST_TEST(!compose(missing, account(), TimePoint{}).ok());
}

}  // namespace
}  // namespace signalbox::email
