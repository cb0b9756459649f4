#include "connectors/email/mime/charset.h"
#include "connectors/email/mime/parse_mail.h"
#include "tests/fuzz/targets.h"

namespace signalbox::fuzz {
namespace {

void requireText(const std::string& text, const char* what) {
    if (!mime::isUtf8(text)) throw Broken(std::string("mail: ") + what + " is no UTF-8");
}

// Every mail gives text that can be stored and shown, and somebody's words are never stripped to nothing.
void fuzzMail(std::string_view bytes) {
    const Mail mail = mime::parseMail(bytes);
    requireText(mail.subject, "the subject");
    requireText(mail.text, "the text");
    requireText(mail.html, "the HTML");
    requireText(mail.stripped_text, "the reply");
    for (const MailAttachment& one : mail.attachments) {
        requireText(one.name, "a file name");
        if (one.name.find_first_of("/\\") != std::string::npos) throw Broken("mail: a file name with a path");
    }
    if (mail.message_id.empty()) throw Broken("mail: no Message-ID");
    const bool has_text = mail.text.find_first_not_of(" \t\r\n\f\v") != std::string::npos;
    if (has_text && mail.stripped_text.empty()) throw Broken("mail: the reply is empty");
    if (mail.html.find("<script") != std::string::npos) throw Broken("mail: a script survived");
    if (mime::mailToJson(mail).empty()) throw Broken("mail: no JSON");
}

std::vector<std::string> samples() {
    const std::string head =
        "From: =?utf-8?Q?J=C3=B6rg?= <a@b.c>\nTo: x: d@e.f, \"g, h\" <i@j.k>;\nSubject: Re: x\n";
    return {head + "\nHello\n\nOn Tue, Feb 3, 2026, Kim <k@e.net> wrote:\n\n> old\n\n-- \nme\n",
            head +
                "Content-Type: text/html; charset=iso-2022-jp\n\n<div>Hello<a href='http://e.org'>x</a></div>"
                "<blockquote type=cite>old</blockquote><script>x</script>",
            head +
                "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; "
                "format=flowed\n\na \nb\n--b\n"
                "Content-Type: application/pdf; name*0*=utf-8''%C3%A4; name*1=.pdf\n"
                "Content-Transfer-Encoding: base64\n\nQUJD\n--b\nContent-Type: message/rfc822\n\nSubject: "
                "in\n\nz\n--b--\n",
            "From: mailer-daemon@b.c\nSubject: failure notice\nReturn-Path: <>\n\ncould not be delivered\n\n"
            "<d@e.f>:\n550 5.1.1 user unknown\n\n--- Below this line is a copy of the "
            "message.\n\nMessage-ID: <m@b.c>\n",
            head +
                "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nx\n--b\n"
                "Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\nFinal-Recipient: rfc822; "
                "d@e.f\n"
                "Action: failed\nStatus: 5.2.2\n\n--b--\n",
            head + "\nbegin 644 a.txt\n#0V%T\n`\nend\n"};
}

}  // namespace

void addMailTargets(std::vector<Target>& targets) {
    targets.push_back({"mail", fuzzMail, samples()});
}

}  // namespace signalbox::fuzz
