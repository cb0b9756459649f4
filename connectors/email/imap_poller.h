// Fetches an account's folders over one IMAP connection: what is new by UID, in pages of bounded size, read
// state by CONDSTORE where the server counts changes, and IDLE in the first folder while there is nothing to
// do. Used by one thread at a time.
#pragma once

#include <deque>
#include <functional>
#include <memory>

#include "connectors/email/credential_source.h"
#include "connectors/email/imap_cursor.h"
#include "connectors/email/imap_session.h"
#include "connectors/sdk/poller.h"

namespace signalbox::email {

class ImapPoller {
public:
    // The fetched bytes as an item; `is_sent`: they lie in the folder of sent mail.
    using Reading = std::function<PolledItem(const std::string& place, std::string raw, bool is_sent)>;

    ImapPoller(const AccountConfig& config, const SocketOptions& options, CredentialSource& credentials,
               const Clock& clock, Reading reading);

    Result<Page> poll(const std::string& cursor, const std::stop_token& stop);
    // What is known of the folders is forgotten: they are searched again from the cursor.
    void notStored() { session_.reset(); }
    std::chrono::seconds pause() const;
    // See Poller. Any thread.
    Result<PolledItem> fetchAgain(const std::string& place, const std::stop_token& stop) const;

private:
    struct Folder {
        std::string name;
        bool is_sent = false;
        std::deque<std::uint32_t> pending;     // UIDs that wait to be fetched
        std::int64_t total = 0;                // of this catch-up
        std::vector<MailLocation> last_flags;  // as last seen, of servers that do not count changes
        std::uint32_t rescanned_at = 0;        // the UIDNEXT that was too low
        std::uint32_t news_from = 0;           // see FolderCursor
    };

    Result<Page> round(const std::string& cursor, const std::stop_token& stop);
    Status connect(const std::stop_token& stop);
    Status markBeginnings(ImapCursor& cursor);
    Status lookAround(ImapCursor& cursor, Page& page);
    Status findFolders();
    Result<ImapSelected> open(const Folder& folder);
    Result<bool> look(Folder& folder, ImapCursor& cursor, Page& page);
    FolderCursor begin(bool is_renumbered, const ImapSelected& selected) const;
    Status tryAnother(const Folder& folder);
    Result<bool> fetch(Folder& folder, const ImapSelected& selected, FolderCursor& at, Page& page);
    struct Chosen {
        std::vector<ImapHead> heads;
        std::uint32_t last = 0;  // up to here nothing is left
    };
    Result<Chosen> choose(const Folder& folder);
    Status fetchBodies(Folder& folder, const ImapSelected& selected, const std::vector<ImapHead>& heads,
                       Page& page);
    Status fetchOne(Folder& folder, const ImapSelected& selected, const ImapHead& head, Page& page);
    void add(const Folder& folder, const ImapSelected& selected, const ImapHead& head, std::string raw,
             Page& page) const;
    Status followFlags(Folder& folder, const ImapSelected& selected, FolderCursor& at, Page& page);

    const AccountConfig& config_;
    const SocketOptions options_;
    CredentialSource& credentials_;
    const Clock& clock_;
    const Reading reading_;
    std::unique_ptr<ImapSession> session_;
    std::vector<Folder> folders_;
    std::size_t next_folder_ = 1;  // whose turn it is behind the first
    std::string open_folder_;      // the one that is selected, as it was then
    ImapSelected opened_;
    // A mail that breaks the connection each time is passed by at last.
    std::uint32_t suspect_ = 0;
    int suspect_failures_ = 0;
    bool is_another_fine_ = false;  // came through while the suspect did not
};

}  // namespace signalbox::email
