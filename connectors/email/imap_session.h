// One logged-in IMAP connection (RFC 3501, 9051) by libetpan, which is known to imap_session*.cc only.
// Messages are named by UID, never by number. Mailbox names are modified UTF-7 as the server gave them. After
// an error of kind Unavailable the session is of no more use. Used by one thread at a time.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "connectors/email/credentials.h"
#include "connectors/email/mail_socket.h"

struct mailimap;

namespace signalbox::email {

struct ImapFolder {
    std::string name;
    bool is_selectable = true;
    std::string use;  // sent, junk, trash, drafts, all, archive; empty: none (RFC 6154)
};

struct ImapSelected {
    std::uint32_t uidvalidity = 0, uidnext = 0, exists = 0;
    std::uint64_t modseq = 0;  // 0: the server does not count changes
};

struct ImapHead {
    std::uint32_t uid = 0, size = 0;
    bool is_seen = false, is_draft = false;
    std::uint64_t gmail_thread = 0;            // X-GM-THRID; 0: the server has none
    std::optional<TimePoint> arrived_at = {};  // INTERNALDATE
};

struct ImapBody {
    std::uint32_t uid = 0;
    std::string bytes;
};

class ImapSession {
public:
    struct Stream;  // our socket as libetpan sees it

    // Unauthorized: the server refuses the credentials.
    static Result<std::unique_ptr<ImapSession>> open(const Server& server, const SocketOptions& options,
                                                     const Credentials& credentials,
                                                     const std::stop_token& stop);
    ~ImapSession();
    ImapSession(const ImapSession&) = delete;

    bool hasIdle() const { return has_idle_; }

    Result<std::vector<ImapFolder>> folders();
    // NotFound: there is no such folder. Rejected: it cannot be opened.
    Result<ImapSelected> select(const std::string& folder);
    // UIDs from `first` on, in order; `since`: only mail that came to the server that day or later.
    Result<std::vector<std::uint32_t>> search(std::uint32_t first, std::optional<TimePoint> since);
    Result<std::vector<ImapHead>> heads(std::span<const std::uint32_t> uids);
    // Flags of the mails from `first` on whose flags changed after `modseq` (0: all of them).
    Result<std::vector<ImapHead>> flags(std::uint32_t first, std::uint64_t modseq);
    // Whole mails; what is gone meanwhile is left out. \Seen stays as it is.
    Result<std::vector<ImapBody>> bodies(std::span<const std::uint32_t> uids);
    // The head and the first `bytes` of the rest.
    Result<std::string> beginning(std::uint32_t uid, std::size_t bytes);
    Result<std::vector<std::uint32_t>> findMessageId(const std::string& message_id);
    Status markSeen(std::span<const std::uint32_t> uids);
    Status append(const std::string& folder, const std::string& mail);
    Status noop();
    // While it lives, a request to stop ends what is under way with an error; not while in `idle`.
    MailSocket::Interruption interruptOn(const std::stop_token& stop);
    // Waits for a change of the selected folder. True: something happened. Where the server refuses it,
    // `hasIdle` is false from then on.
    Result<bool> idle(std::chrono::seconds at_most, const std::stop_token& stop);

private:
    ImapSession(std::unique_ptr<Stream> stream, mailimap* imap);
    Status greet(const Server& server);
    Status startTls();
    Status login(const Credentials& credentials);
    Error refusedLogin(const Credentials& credentials) const;
    Error refusedFolder(const std::string& folder) const;
    Result<bool> beginIdle();
    std::string answer() const;
    Error failure(const char* what, int code) const;

    std::unique_ptr<Stream> stream_;
    mailimap* imap_;
    std::chrono::seconds timeout_{20};
    bool has_idle_ = false, has_condstore_ = false, has_gmail_ = false;
};

}  // namespace signalbox::email
