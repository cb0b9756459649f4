#include "connectors/email/mime/parse_mail.h"
#include "daemon/client/command_groups.h"
#include "daemon/client/mail_files.h"
#include "daemon/client/session.h"
#include "hub/mail/thread_tree.h"

namespace signalbox::client {
namespace {

Json failure(const std::string& file, const Error& error) {
    return {{"file", file}, {"error", {{"code", "unreadable"}, {"message", error.message}}}};
}

std::string listed(const std::vector<MailAddress>& people) {
    std::string out;
    for (const MailAddress& one : people) {
        if (!out.empty()) out += ", ";
        out += one.name.empty() ? one.address : one.name + " <" + one.address + ">";
    }
    return out;
}

void printParts(std::string& out, const MailPart& part, std::size_t depth) {
    out += std::string(2 + 2 * depth, ' ') + part.mime + (part.name.empty() ? "" : "  " + part.name) + "  " +
           std::to_string(part.size) + " bytes\n";
    for (const MailPart& child : part.parts) printParts(out, child, depth + 1);
}

std::string describe(const Mail& mail) {
    std::string out = "From:    " + listed(mail.from) + "\nTo:      " + listed(mail.to) +
                      "\nDate:    " + mail.date + "\nSubject: " + mail.subject +
                      "\nKind:    " + toString(mail.auto_kind) + '\n';
    if (mail.bounce) {
        for (const BounceRecipient& one : mail.bounce->recipients)
            out += "  " + one.address + "  " + one.action + "  " + one.status + "  " + one.reason +
                   (one.hard ? "  hard" : "") + '\n';
    }
    out += "Parts:\n";
    printParts(out, mail.parts, 0);
    return out + '\n' + mail.stripped_text + '\n';
}

// Beside what could be made of it: standard output stays the answer.
void warnOf(Session& session, const std::string& file, std::string_view bytes) {
    if (const std::string other = otherThanMail(bytes); !other.empty()) session.note(file + ": is " + other);
}

void warnOfNone(Session& session, const std::vector<std::string>& files) {
    if (files.empty()) session.note("no mails there; what is named .eml, or has a mail's headers, is one");
}

// One object for one file with one mail; lines of JSON for several files, a folder or an mbox file.
Result<Exit> runParse(Session& session, const Values& values) {
    const std::vector<std::string> names = values.all("files");
    const std::vector<std::string> files = mailFiles(names);
    warnOfNone(session, files);
    Exit exit = Exit::Done;
    const bool is_single = names.size() == 1 && files.size() == 1 && files.front() == names.front();
    for (const std::string& file : files) {
        const auto bytes = readMailFile(file);
        if (!bytes) {
            exit = Exit::Usage;
            if (session.is_json)
                session.printJson(failure(file, bytes.error()));
            else
                session.note(bytes.error().message);
            continue;
        }
        warnOf(session, file, *bytes);
        const auto mails = mailsOf(*bytes);
        const bool is_named = !is_single || mails.size() > 1;
        for (std::size_t i = 0; i < mails.size(); ++i) {
            const Mail mail = mime::parseMail(mails[i]);
            Json json = mime::mailToJson(mail);
            if (is_named) json["file"] = file;
            if (mails.size() > 1) json["number"] = i + 1;
            session.print(json, [&] { return (is_named ? "== " + file + '\n' : "") + describe(mail); });
        }
    }
    return exit;
}

Json treeJson(const ThreadNode& node) {
    Json children = Json::array();
    for (const ThreadNode& child : node.children) children.push_back(treeJson(child));
    Json out = {{"id", node.id}, {"children", std::move(children)}};
    if (node.is_missing) out["missing"] = true;
    return out;
}

void printTree(std::string& out, const ThreadNode& node, std::size_t depth) {
    out += std::string(2 * depth, ' ') + node.id + (node.is_missing ? "  (not there)" : "") + '\n';
    for (const ThreadNode& child : node.children) printTree(out, child, depth + 1);
}

ThreadMail threadMailOf(const Mail& mail) {
    ThreadMail out{mail.message_id, mail.in_reply_to, mail.references, mail.subject, mail.date, {}, "",
                   mail.list_id};
    if (!mail.from.empty()) out.sender = mail.from.front().address;
    for (const auto* list : {&mail.from, &mail.to, &mail.cc}) {
        for (const MailAddress& one : *list) out.participants.push_back(one.address);
    }
    return out;
}

Result<Exit> runThread(Session& session, const Values& values) {
    std::vector<ThreadMail> mails;
    Exit exit = Exit::Done;
    const std::vector<std::string> files = mailFiles(values.all("files"));
    warnOfNone(session, files);
    for (const std::string& file : files) {
        const auto bytes = readMailFile(file);
        if (!bytes) {
            exit = Exit::Usage;
            session.note(bytes.error().message);
            continue;
        }
        warnOf(session, file, *bytes);
        for (const std::string_view mail : mailsOf(*bytes))
            mails.push_back(threadMailOf(mime::parseMail(mail)));
    }
    const std::vector<ThreadNode> trees = threadMails(mails);
    Json json = Json::array();
    for (const ThreadNode& tree : trees) json.push_back(treeJson(tree));
    session.print(json, [&] {
        std::string out;
        for (const ThreadNode& tree : trees) printTree(out, tree, 0);
        return out;
    });
    return exit;
}

}  // namespace

std::vector<Command> mailCommands() {
    const Option files{"files", "FILE",
                       "Mails as they are on the wire, mbox files, or folders of them; - is standard input",
                       true, true};
    return {{{"mail", "parse"},
             "What a mail says: people, text, attachments, bounces; without a daemon",
             {files},
             {"signalbox mail parse mail.eml --json", "signalbox mail parse Maildir/cur --json"},
             runParse},
            {{"mail", "thread"},
             "Mails as trees of answers; without a daemon",
             {files},
             {"signalbox mail thread inbox/ --json"},
             runThread}};
}

}  // namespace signalbox::client
