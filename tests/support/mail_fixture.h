// The hub with mail: an account «sales» whose pages a test writes by hand.
#pragma once

#include "hub/ingest/page_ingest.h"
#include "tests/support/hub_fixture.h"

namespace signalbox {

// A mail in INBOX as a connector gives it.
struct MailText {
    std::string id, from = "ada@example.org", subject = "Offer", text = "Hello";
    std::vector<std::string> ancestors = {};
    std::string auto_kind = "none";
    Direction direction = Direction::Inbound;
    std::string thread_index = {};
    std::vector<std::string> marks = {};
};

inline FetchedMail fetched(const MailText& mail, std::int64_t uid, const std::string& folder = "INBOX") {
    FetchedMail item;
    item.place = folder + "/" + std::to_string(uid);
    item.raw = "Message-ID: <" + mail.id + ">\r\n\r\n" + mail.text;
    item.location = MailLocation{folder, 7, uid, false};
    MailFacts facts;
    facts.message_id = mail.id;
    facts.ancestors = mail.ancestors;
    facts.subject = mail.subject;
    facts.auto_kind = mail.auto_kind;
    facts.thread_index = mail.thread_index;
    facts.marks = mail.marks;
    facts.content_key = mail.id + "|" + mail.text;
    facts.parties = {{"from", mail.from, "Ada"}, {"to", "sales@example.com", ""}};
    if (mail.direction == Direction::Outbound)
        facts.parties = {{"from", "sales@example.com", ""}, {"to", mail.from, "Ada"}};
    item.mail = std::move(facts);
    Envelope envelope;
    envelope.type = "email";
    envelope.channel = "email";
    envelope.direction = mail.direction;
    envelope.external_id = mail.id;
    envelope.from = {{{"email", mail.from}}, "Ada"};
    envelope.text = mail.text;
    item.envelopes.push_back(std::move(envelope));
    return item;
}

struct MailFixture : HubFixture {
    MailFixture() {
        Account sales{0, kDefaultOrg, "sales", "email", "email", "DE", true, "sales@example.com"};
        Account support{0, kDefaultOrg, "support", "email", "email", "DE", true, "support@example.com"};
        if (!accounts.replace(*store, ids, clock, {sales, support})) throw std::runtime_error("accounts");
        if (!blobs.open()) throw std::runtime_error("blobs");
        auto opened = Mails::open(*store, people, clock);
        if (!opened) throw std::runtime_error(opened.error().message);
        mails = std::move(*opened);
        pages = std::make_unique<PageIngest>(*store, ids, clock, log, inbox, files, *mails);
    }

    PageStored accept(std::vector<FetchedMail> items, const std::string& account = "sales") {
        FetchedPage page;
        page.items = std::move(items);
        page.state.cursor = "cursor-" + std::to_string(++pages_accepted);
        auto stored = pages->accept(accounts.byName(account), std::move(page));
        if (!stored) throw std::runtime_error(stored.error().message);
        settle();
        return *stored;
    }
    PageStored accept(const MailText& mail, std::int64_t uid) {
        std::vector<FetchedMail> one;
        one.push_back(fetched(mail, uid));
        return accept(std::move(one));
    }
    Json conversations() { return listConversations(*store, accounts, kDefaultOrg, {}, {}).items; }
    // The conversation of the message with this Message-ID.
    std::string conversationOf(const std::string& message_id) {
        for (const Json& message : messages()) {
            if (textAt(message, "external_id") == message_id) return textAt(message, "conversation_id");
        }
        return "none";
    }
    std::int64_t count(const std::string& sql) {
        std::int64_t number = 0;
        store->read([&](Reader& reader) { number = reader.query(sql).at(0).integer(0); });
        return number;
    }
    std::string cursor(const std::string& account = "sales") {
        PollState state;
        const Id id = accounts.byName(account)->id;
        store->read([&](Reader& reader) { state = readPollState(reader, id); });
        return state.cursor;
    }

    BlobStore blobs{std::filesystem::path(dir.path()) / "blobs"};
    Files files{blobs, log};
    std::unique_ptr<Mails> mails;
    std::unique_ptr<PageIngest> pages;
    int pages_accepted = 0;
};

}  // namespace signalbox
