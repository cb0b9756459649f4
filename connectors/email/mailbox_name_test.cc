#include "connectors/email/mailbox_name.h"

#include <boost/test/unit_test.hpp>

namespace signalbox::email {

BOOST_AUTO_TEST_CASE(names_of_folders_are_spelled_as_imap_wants_them_and_read_back) {
    const std::pair<const char*, const char*> kNames[] = {
        {"INBOX", "INBOX"},
        {"Entwürfe", "Entw&APw-rfe"},
        {"Gesendete Objekte/Müller & Söhne", "Gesendete Objekte/M&APw-ller &- S&APY-hne"},
        {"~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"},  // RFC 3501, 5.1.3
        {"R&D", "R&-D"},
        {"Отправленные", "&BB4EQgQ,BEAEMAQyBDsENQQ9BD0ESwQ1-"},
        {"📬 Post", "&2D3c7A- Post"},
        {"äö", "&AOQA9g-"},
    };
    for (const auto& [utf8, name] : kNames) {
        BOOST_TEST(toMailboxName(utf8) == name);
        BOOST_TEST(fromMailboxName(name) == utf8);
        BOOST_TEST(toMailboxName(name) == name);  // whoever copied it from the server
    }
}

BOOST_AUTO_TEST_CASE(what_is_not_spelled_so_stays_as_it_is) {
    for (const char* name : {"\xFF\xFE", "a\xC3", "\xED\xA0\x80"}) BOOST_TEST(toMailboxName(name) == name);
    for (const char* name : {"R&D", "&AP", "&A-", "&2D0-", "&AOR-", "Entw\xC3\xBCrfe", "&*-"})
        BOOST_TEST(fromMailboxName(name) == name);
}

}  // namespace signalbox::email
