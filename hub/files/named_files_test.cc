#include "hub/files/named_files.h"

#include <boost/test/unit_test.hpp>

#include "base/crypto.h"
#include "tests/support/outbox_fixture.h"

namespace signalbox {
namespace {

constexpr Id kOther = 77;

struct Named : OutboxFixture {
    ~Named() { store->close(); }  // which tells `sender` of its last commit
    FileRecord fileOf(const FileViewer& owner, const std::string& bytes, const std::string& scan = "clean",
                      const std::string& access = "private") {
        NewFile file;
        file.blob = *blobs.put(bytes);
        file.name = "plan.pdf";
        file.type = {"application/pdf", "document"};
        file.scan = scan;
        file.access = access;
        return *records.add(owner, file);
    }
    // The content of a file that came with a message of `org`.
    std::string received(Id org, const std::string& bytes) {
        const auto blob = *blobs.put(bytes);
        Envelope envelope = textFrom("+4917012345678", "look", "wamid." + bytes);
        envelope.attachments.push_back({"image", "media-1", "", "image/jpeg", "a.jpg"});
        accept({envelope});
        const auto id = parseId(kMessageId, textAt(messages()[0], "id"));
        write([&](Tx& tx) {
            files.markFetched(tx, {kDefaultOrg, accounts.byName("wa")->id, "wa", *id, 0}, {blob, "", ""});
            tx.exec("UPDATE messages SET org = $1 WHERE id = $2", {org, *id});
        });
        return blob.sha256;
    }
    Json message(const Json& attachment) {
        return {{"account", "wa"}, {"to", "+4917012345678"}, {"attachments", Json::array({attachment})}};
    }
    // What sending says: "" when it is taken.
    std::string send(const Json& attachment, std::optional<FileViewer> viewer = std::nullopt) {
        RequestSource source{kDefaultOrg, "api"};
        source.viewer = viewer;
        const auto prepared = sender.prepare(message(attachment), source);
        return prepared ? "" : prepared.error().code;
    }

    FileRecords records{*store, ids, clock, log};
    Files linking{blobs, log, "https://box.example"};
    Outbox sender{*store, ids, clock, accounts, log, inbox, linking};
    const FileViewer ada{kDefaultOrg, 1, 0, false}, bob{kDefaultOrg, 2, 0, false},
        admin{kDefaultOrg, 3, 0, true};
    const FileViewer stranger{kOther, 1, 0, true};
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_message_carries_no_file_of_another_organization_however_it_is_named) {
    Named hub;
    const FileRecord foreign = hub.fileOf(hub.stranger, "theirs");
    const std::string came = hub.received(kOther, "came to them");

    for (const std::string& hash : {foreign.sha256, came, toHex(hash(HashAlgorithm::Sha256, "nowhere"))}) {
        BOOST_TEST(hub.send({{"media_id", hash}}) == "not_found");
        BOOST_TEST(hub.send({{"sha256", hash}}) == "not_found");
        BOOST_TEST(hub.send({{"url", "https://example.com/a"}, {"sha256", hash}}) == "not_found");
    }
    BOOST_TEST(hub.send({{"file_id", idText(kFileId, foreign.id)}}) == "not_found");
    BOOST_TEST(hub.send({{"file_id", "fil_0000000000001"}}) == "not_found");
    BOOST_TEST(hub.send({{"file_id", 7}}) == "not_found");
    BOOST_TEST(hub.send({{"file_id", "../../etc/passwd"}}) == "not_found");
}

BOOST_AUTO_TEST_CASE(what_two_organizations_have_each_may_send) {
    Named hub;
    const FileRecord ours = hub.fileOf(hub.admin, "the same");
    hub.fileOf(hub.stranger, "the same");

    BOOST_TEST(hub.send({{"sha256", ours.sha256}}) == "");
    BOOST_TEST(hub.send({{"media_id", hub.received(kDefaultOrg, "came to us")}}) == "");
    BOOST_TEST(hub.send({{"media_id", "1234567890"}}) == "");  // the provider's own name
}

BOOST_AUTO_TEST_CASE(people_send_what_they_may_download) {
    Named hub;
    const FileRecord own = hub.fileOf(hub.ada, "ada's"),
                     open = hub.fileOf(hub.ada, "open", "clean", "public");
    const std::string came = hub.received(kDefaultOrg, "came to us");
    const Json by_id = {{"file_id", idText(kFileId, own.id)}};

    BOOST_TEST(hub.send(by_id, hub.ada) == "");
    BOOST_TEST(hub.send(by_id, hub.bob) == "not_found");
    BOOST_TEST(hub.send({{"sha256", own.sha256}}, hub.bob) == "not_found");
    BOOST_TEST(hub.send({{"sha256", open.sha256}}, hub.bob) == "");
    BOOST_TEST(hub.send({{"sha256", came}}, hub.bob) == "not_found");
    BOOST_TEST(hub.send({{"sha256", came}}, hub.admin) == "");
    BOOST_REQUIRE(hub.records.remove(own).ok());
    BOOST_TEST(hub.send(by_id, hub.ada) == "not_found");
}

BOOST_AUTO_TEST_CASE(what_is_in_quarantine_stays_here) {
    Named hub;

    BOOST_TEST(hub.send({{"file_id", idText(kFileId, hub.fileOf(hub.ada, "virus", "infected").id)}}) ==
               "file_infected");
    BOOST_TEST(hub.send({{"sha256", hub.fileOf(hub.ada, "unseen", "pending").sha256}}) == "file_not_scanned");
    const std::string came = hub.received(kDefaultOrg, "came with a virus");
    BOOST_REQUIRE(hub.records.noteScan(came, "infected").ok());
    BOOST_TEST(hub.send({{"sha256", came}}) == "file_infected");
}

BOOST_AUTO_TEST_CASE(a_message_carries_ten_files_and_no_more) {
    Named hub;
    const Json one = {{"file_id", idText(kFileId, hub.fileOf(hub.ada, "plan").id)}};
    Json request = hub.message(one);
    for (int i = 1; i < 10; ++i) request["attachments"].push_back(one);
    BOOST_TEST(hub.sender.prepare(request, {kDefaultOrg, "api"}).ok());

    request["attachments"].push_back(one);

    BOOST_TEST(hub.sender.prepare(request, {kDefaultOrg, "api"}).error().code == "too_many_files");
}

BOOST_AUTO_TEST_CASE(the_provider_fetches_it_through_a_link_that_the_conversation_does_not_show) {
    Named hub;
    const FileRecord file = hub.fileOf(hub.ada, "plan");
    const auto prepared =
        hub.sender.prepare(hub.message({{"file_id", idText(kFileId, file.id)}}), {kDefaultOrg, "api"});
    BOOST_REQUIRE(prepared.ok());

    hub.write([&](Tx& tx) { hub.sender.enqueue(tx, *prepared); });

    const std::string url = textAt((*parseJson(prepared->request))["attachments"][0], "url");
    const std::string prefix = "https://box.example/files/", suffix = "?original=1";
    BOOST_REQUIRE(url.starts_with(prefix));
    const std::string secret = url.substr(prefix.size(), url.size() - prefix.size() - suffix.size());
    BOOST_TEST(hub.records.findByLink(secret)->id == file.id);
    const Json shown = hub.messages()[0];
    BOOST_TEST(shown["attachments"][0]["state"] == "fetched");
    BOOST_TEST(shown["attachments"][0]["mime"] == "application/pdf");
    BOOST_TEST(textAt(shown, "type") == "document");
    BOOST_TEST(dumpJson(shown).find(secret) == std::string::npos);
    for (const auto& [type, payload] : hub.allEvents())
        BOOST_TEST(dumpJson(payload).find(secret) == std::string::npos);
    hub.clock.advance(std::chrono::hours(24 * 30));
    BOOST_TEST(!hub.records.findByLink(secret).has_value());
}

}  // namespace signalbox
