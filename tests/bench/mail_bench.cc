// Mails of about 10 KB, text and HTML with a quote and an attachment, parsed by two threads, then threaded.
// usage: bench_mail [FOLDER] [MAILS]; prints mails per_s.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "connectors/email/mime/parse_mail.h"
#include "hub/mail/thread_tree.h"

using namespace signalbox;

namespace {

std::string sampleMail(int number) {
    const std::string id = std::to_string(number), parent = std::to_string(number - 1);
    std::string words, html;
    for (int line = 0; line < 40; ++line) {
        words += "The order of table " + std::to_string(line) + " is on its way and comes on Monday.\n";
        html += "<p style=\"color:#333\">The order of table <b>" + std::to_string(line) +
                "</b> is on its way.</p>\n";
    }
    return "Received: from a.example by b.example with ESMTP id 1; Mon, 2 Feb 2026 10:00:00 +0000\n"
           "From: =?utf-8?Q?J=C3=B6rg?= <joerg@example.org>\nTo: Shop <shop@example.net>\n"
           "Subject: Re: Order\nDate: Mon, 2 Feb 2026 10:00:00 +0100\nMessage-ID: <m" +
           id + "@example.org>\n" +
           (number % 10 == 0
                ? ""
                : "In-Reply-To: <m" + parent + "@example.org>\nReferences: <m" + parent + "@example.org>\n") +
           "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=m\n\n--m\n"
           "Content-Type: multipart/alternative; boundary=a\n\n--a\nContent-Type: text/plain; "
           "charset=utf-8\n\n" +
           words +
           "\nOn Mon, 2 Feb 2026 at 09:00, Shop <shop@example.net> wrote:\n> Where is it?\n--a\n"
           "Content-Type: text/html; charset=utf-8\n\n<html><body>" +
           html +
           "<div class=\"gmail_quote\">On Mon, Shop wrote:<blockquote>Where is "
           "it?</blockquote></div></body></html>\n--a--\n--m\n"
           "Content-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: base64\n\n" +
           std::string(2800, 'A') + "\n--m--\n";
}

}  // namespace

int main(int argc, char** argv) {
    const int count = argc > 2 ? std::atoi(argv[2]) : 6'000;
    std::vector<std::string> sources;
    std::size_t bytes = 0;
    for (int i = 0; i < count; ++i) bytes += sources.emplace_back(sampleMail(i)).size();
    std::vector<ThreadMail> mails(sources.size());
    const auto begin = std::chrono::steady_clock::now();
    const auto parse = [&](std::size_t first) {
        for (std::size_t i = first; i < sources.size(); i += 2) {
            const Mail mail = mime::parseMail(sources[i]);
            mails[i] = {mail.message_id, mail.in_reply_to, mail.references, mail.subject, mail.date, {}, ""};
            for (const MailAddress& from : mail.from) mails[i].participants.push_back(from.address);
        }
    };
    {
        const std::jthread other(parse, 1);
        parse(0);
    }
    const std::size_t threads = threadMails(mails).size();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    std::printf("RESULT per_s=%.0f bytes_each=%zu threads=%zu\n", count / took.count(),
                bytes / sources.size(), threads);
    return 0;
}
