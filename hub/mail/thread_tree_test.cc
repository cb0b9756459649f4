#include <boost/test/unit_test.hpp>

#include "hub/mail/thread_tree.h"
#include "hub/model/mail_subject.h"

using namespace signalbox;

namespace {

ThreadMail mail(const std::string& id, std::vector<std::string> references = {},
                const std::string& subject = "x", const std::string& date = "") {
    return {id, "", std::move(references), subject, date, {}, ""};
}

// a(b c(d)) …
std::string shown(const std::vector<ThreadNode>& nodes) {
    std::string out;
    for (const ThreadNode& node : nodes) {
        if (!out.empty()) out += ' ';
        out += (node.is_missing ? "?" : "") + node.id;
        if (!node.children.empty()) out += '(' + shown(node.children) + ')';
    }
    return out;
}

}  // namespace

BOOST_AUTO_TEST_CASE(answers_stand_below_what_they_answer_in_any_order) {
    BOOST_TEST(shown(threadMails({mail("a"), mail("b", {"a"}), mail("c", {"a", "b"})})) == "a(b(c))");
    BOOST_TEST(shown(threadMails({mail("c", {"a", "b"}), mail("b", {"a"}), mail("a")})) == "a(b(c))");
    BOOST_TEST(shown(threadMails({mail("c", {"a", "b"}), mail("a")})) == "a(c)");
}

BOOST_AUTO_TEST_CASE(a_missing_parent_stays_only_where_it_holds_branches_together) {
    BOOST_TEST(shown(threadMails({mail("b", {"a"})})) == "b");
    BOOST_TEST(shown(threadMails({mail("b", {"a"}), mail("c", {"a"})})) == "?a(b c)");
    BOOST_TEST(shown(threadMails({mail("r"), mail("b", {"r", "a"}), mail("c", {"r", "a"})})) == "r(b c)");
}

BOOST_AUTO_TEST_CASE(a_chain_that_came_in_disorder_keeps_its_first_links) {
    BOOST_TEST(shown(threadMails({mail("a"), mail("b", {"c", "a"}), mail("c", {"b"})})) == "c(a(b))");
}

BOOST_AUTO_TEST_CASE(circles_are_broken_and_nobody_is_lost) {
    BOOST_TEST(shown(threadMails({mail("a", {"b"}), mail("b", {"a"})})) == "b(a)");
    BOOST_TEST(shown(threadMails({mail("a", {"a"})})) == "a");
    BOOST_TEST(shown(threadMails({mail("a", {"c"}), mail("b", {"a"}), mail("c", {"b"})})) == "c(a(b))");
}

BOOST_AUTO_TEST_CASE(in_reply_to_counts_without_references) {
    ThreadMail answer = mail("b");
    answer.in_reply_to = "A";

    BOOST_TEST(shown(threadMails({mail("a"), answer})) == "a(b)");

    answer.in_reply_to = "c";
    answer.references = {"a"};
    BOOST_TEST(shown(threadMails({mail("a"), mail("c", {"a"}), answer})) == "a(c(b))");
}

BOOST_AUTO_TEST_CASE(a_new_subject_is_a_new_thread) {
    BOOST_TEST(shown(threadMails({mail("a", {}, "Order"), mail("b", {"a"}, "Re: [list] order"),
                                  mail("c", {"b"}, "Invoice")})) == "a(b) c");
}

BOOST_AUTO_TEST_CASE(the_subject_joins_a_response_of_the_same_people_within_thirty_days) {
    const ThreadMail first = mail("a", {}, "Order", "2026-01-01T00:00:00+00:00");

    BOOST_TEST(shown(threadMails({first, mail("b", {}, "AW: Order", "2026-01-05T00:00:00+00:00")})) ==
               "a(b)");
    BOOST_TEST(shown(threadMails({first, mail("b", {}, "Order", "2026-01-05T00:00:00+00:00")})) == "a b");
    BOOST_TEST(shown(threadMails({first, mail("b", {}, "Re: Order", "2026-03-05T00:00:00+00:00")})) == "a b");
}

BOOST_AUTO_TEST_CASE(a_response_without_references_joins_only_what_its_sender_took_part_in) {
    ThreadMail first = mail("a", {}, "Proposal", "2026-01-01T00:00:00+00:00");
    first.participants = {"ann@example.org", "list@example.org"};
    ThreadMail stranger = mail("b", {}, "Re: Proposal", "2026-01-02T00:00:00+00:00");
    stranger.sender = "bob@example.net";
    stranger.participants = {"bob@example.net", "list@example.org"};
    ThreadMail known = mail("c", {}, "Re: Proposal", "2026-01-02T00:00:00+00:00");
    known.sender = "Ann@example.org";
    known.participants = {"Ann@example.org", "list@example.org"};

    BOOST_TEST(shown(threadMails({first, stranger})) == "a b");
    BOOST_TEST(shown(threadMails({first, known})) == "a(c)");

    first.list = "friends.example.org";
    stranger.list = "Friends.example.org";
    BOOST_TEST(shown(threadMails({first, stranger})) == "a(b)");
}

BOOST_AUTO_TEST_CASE(the_same_mail_twice_is_one_and_siblings_stand_by_date) {
    BOOST_TEST(shown(threadMails({mail("a"), mail("a"), mail("c", {"a"}, "x", "2026-01-03T00:00:00+00:00"),
                                  mail("b", {"a"}, "x", "2026-01-02T23:30:00-01:00")})) == "a(c b)");
}

BOOST_AUTO_TEST_CASE(subjects_lose_what_programs_put_in_front) {
    BOOST_TEST(parseSubject("Re: AW: [list] Fwd: Hello (fwd)").base == "Hello");
    BOOST_TEST(parseSubject("[Fwd: Re: Hello]").base == "Hello");
    BOOST_TEST(parseSubject("回复：你好").base == "你好");
    BOOST_TEST(parseSubject("Re[2]: Hello").base == "Hello");
    BOOST_TEST(parseSubject("R: [list] Hello").base == "Hello");
    BOOST_TEST(parseSubject("[list] Re: Hello").base == "Hello");
    BOOST_TEST(parseSubject("Regarding: Hello").base == "Regarding: Hello");
    BOOST_TEST(parseSubject("Re: Hello").is_response);
    BOOST_TEST(!parseSubject("Fwd: Re: Hello").is_response);
    BOOST_TEST(parseSubject("[only]").base == "[only]");
    BOOST_TEST(ticketIn("Re: [Ticket#17] Offer") == 17);
    BOOST_TEST(ticketIn("about ticket #4, please") == 4);
    BOOST_TEST(ticketIn("[#9] Offer") == 9);
    BOOST_TEST(ticketIn("Invoice #44") == 0);
    BOOST_TEST(ticketIn("Ticket#") == 0);
}
