// Connection, login, folders, waiting. The mails themselves are in imap_messages.cc.
#include "connectors/email/imap_session.h"

#include <libetpan/libetpan.h>

#include <cstring>

#include "connectors/email/imap_stream.h"
#include "connectors/email/login_advice.h"
#include "connectors/email/mailbox_name.h"

namespace signalbox::email {
namespace {

constexpr std::size_t kBuffer = 8 * 1024;
constexpr std::chrono::seconds kFarewell{2};

// The words of RFC 6154 and what common servers call the folder where they do not say.
std::string useOf(const mailimap_mailbox_list& entry) {
    if (entry.mb_flag != nullptr && entry.mb_flag->mbf_oflags != nullptr) {
        for (clistiter* it = clist_begin(entry.mb_flag->mbf_oflags); it != nullptr; it = clist_next(it)) {
            const auto* flag = static_cast<mailimap_mbx_list_oflag*>(clist_content(it));
            if (flag->of_type != MAILIMAP_MBX_LIST_OFLAG_FLAG_EXT || flag->of_flag_ext == nullptr) continue;
            for (const char* word : {"Sent", "Junk", "Trash", "Drafts", "All", "Archive"}) {
                if (strcasecmp(flag->of_flag_ext, word) != 0) continue;
                std::string use = word;
                use[0] = static_cast<char>(use[0] | 0x20);
                return use;
            }
        }
    }
    return "";
}

std::string nameWithoutParents(const std::string& name, char delimiter) {
    const auto at = delimiter == 0 ? std::string::npos : name.rfind(delimiter);
    return at == std::string::npos ? name : name.substr(at + 1);
}

std::string guessUse(const mailimap_mailbox_list& entry) {
    const std::string name = nameWithoutParents(entry.mb_name, entry.mb_delimiter);
    for (const char* word : {"Sent", "Sent Items", "Sent Messages", "Gesendet", "Gesendete Elemente"}) {
        if (strcasecmp(name.c_str(), word) == 0) return "sent";
    }
    return "";
}

std::vector<ImapFolder> readFolders(clist* list) {
    std::vector<ImapFolder> folders;
    bool has_sent = false;
    for (clistiter* it = clist_begin(list); it != nullptr; it = clist_next(it)) {
        const auto* entry = static_cast<mailimap_mailbox_list*>(clist_content(it));
        const bool is_selectable = entry->mb_flag == nullptr ||
                                   entry->mb_flag->mbf_type != MAILIMAP_MBX_LIST_FLAGS_SFLAG ||
                                   entry->mb_flag->mbf_sflag != MAILIMAP_MBX_LIST_SFLAG_NOSELECT;
        folders.push_back({entry->mb_name, is_selectable, useOf(*entry)});
        has_sent = has_sent || folders.back().use == "sent";
    }
    std::size_t index = 0;
    for (clistiter* it = clist_begin(list); it != nullptr && !has_sent; it = clist_next(it), ++index) {
        if (folders[index].use.empty())
            folders[index].use = guessUse(*static_cast<mailimap_mailbox_list*>(clist_content(it)));
    }
    return folders;
}

}  // namespace

ImapSession::ImapSession(std::unique_ptr<Stream> stream, mailimap* imap)
    : stream_(std::move(stream)), imap_(imap) {}

ImapSession::~ImapSession() {
    if (imap_->imap_stream != nullptr) {
        // No LOGOUT: its answer may never come, and a server takes a closed connection for the same.
        mailstream_close(imap_->imap_stream);
        imap_->imap_stream = nullptr;
    }
    mailimap_free(imap_);
}

Result<std::unique_ptr<ImapSession>> ImapSession::open(const Server& server, const SocketOptions& options,
                                                       const Credentials& credentials,
                                                       const std::stop_token& stop) {
    const auto advised = [&](const Error& error) {
        return withAdvice(error, Protocol::Imap, server, &credentials);
    };
    auto socket = MailSocket::open(server, options, stop);
    if (!socket) return advised(withContext("imap", socket.error()));
    auto stream = std::make_unique<Stream>();
    stream->socket = std::move(*socket);
    std::unique_ptr<ImapSession> session(new ImapSession(std::move(stream), mailimap_new(0, nullptr)));
    session->timeout_ = options.timeout;
    const auto guard = session->interruptOn(stop);
    if (auto done = session->greet(server); !done) return advised(done.error());
    if (auto done = session->login(credentials); !done) return advised(done.error());
    session->has_idle_ = mailimap_has_idle(session->imap_) != 0;
    session->has_condstore_ = mailimap_has_condstore(session->imap_) != 0;
    session->has_gmail_ = mailimap_has_extension(session->imap_, const_cast<char*>("X-GM-EXT-1")) != 0;
    return session;
}

Status ImapSession::greet(const Server& server) {
    mailstream_low* low = mailstream_low_new(stream_.get(), streamDriver());
    const int connected = mailimap_connect(imap_, mailstream_new(low, kBuffer));
    if (connected != MAILIMAP_NO_ERROR_NON_AUTHENTICATED && connected != MAILIMAP_NO_ERROR_AUTHENTICATED)
        return failure("greeting", connected);
    if (server.security != Security::StartTls) return Done{};
    return startTls();
}

Status ImapSession::startTls() {
    if (const int code = mailimap_starttls(imap_); code != MAILIMAP_NO_ERROR)
        return Error{ErrorKind::Rejected, "imap: the server does not offer STARTTLS", {}, "starttls"};
    // Whatever came in clear after the answer is not the server's (CVE-2011-0411 and its like).
    if (imap_->imap_stream->read_buffer_len > 0)
        return Error{ErrorKind::Rejected, "imap: data before the TLS handshake", {}, "starttls"};
    if (auto done = stream_->socket->startTls(); !done) return withContext("imap", done.error());
    mailimap_capability_data* fresh = nullptr;  // what was said in clear does not count
    if (const int code = mailimap_capability(imap_, &fresh); code != MAILIMAP_NO_ERROR)
        return failure("capability", code);
    if (fresh != nullptr) mailimap_capability_data_free(fresh);
    return Done{};
}

Status ImapSession::login(const Credentials& credentials) {
    int code = 0;
    if (!credentials.access_token.empty()) {
        code = mailimap_oauth2_authenticate(imap_, credentials.username.c_str(),
                                            credentials.access_token.reveal().c_str());
    } else {
        code = mailimap_login(imap_, credentials.username.c_str(), credentials.password.reveal().c_str());
    }
    if (code == MAILIMAP_ERROR_LOGIN) return refusedLogin(credentials);
    if (code != MAILIMAP_NO_ERROR) return failure("login", code);
    mailimap_capability_data* fresh = nullptr;  // after the login there may be more
    if (mailimap_capability(imap_, &fresh) == MAILIMAP_NO_ERROR && fresh != nullptr)
        mailimap_capability_data_free(fresh);
    return Done{};
}

// RFC 5530: not every NO is about the credentials. A person is called for those only.
Error ImapSession::refusedLogin(const Credentials& credentials) const {
    const std::string answer =
        quoted(imap_->imap_response == nullptr ? "" : imap_->imap_response, &credentials);
    const auto says = [&](const char* words) { return strcasestr(answer.c_str(), words) != nullptr; };
    for (const char* busy :
         {"[LIMIT]", "[INUSE]", "too many", "rate limit", "maximum number of connections"}) {
        if (says(busy))
            return {ErrorKind::Throttled, "imap login: the server answers: " + answer,
                    std::chrono::seconds(300), "login"};
    }
    for (const char* busy : {"unavailable", "[SERVERBUG]", "temporar", "try again later"}) {
        if (says(busy))
            return {ErrorKind::Unavailable, "imap login: the server answers: " + answer, {}, "login"};
    }
    return {ErrorKind::Unauthorized,
            "imap login: the server refuses the credentials of " + credentials.username +
                (answer.empty() ? "" : ": " + answer),
            {},
            "login"};
}

MailSocket::Interruption ImapSession::interruptOn(const std::stop_token& stop) {
    return stream_->socket->interruptOn(stop);
}

Result<std::vector<ImapFolder>> ImapSession::folders() {
    // RFC 6154: with SPECIAL-USE asked for, a server says which folder is which.
    const bool has_special_use = mailimap_has_extension(imap_, const_cast<char*>("SPECIAL-USE")) != 0;
    if (has_special_use &&
        mailimap_custom_command(imap_, R"(LIST "" "*" RETURN (SPECIAL-USE))") == MAILIMAP_NO_ERROR &&
        imap_->imap_response_info != nullptr && imap_->imap_response_info->rsp_mailbox_list != nullptr &&
        clist_count(imap_->imap_response_info->rsp_mailbox_list) > 0) {
        return readFolders(imap_->imap_response_info->rsp_mailbox_list);
    }
    clist* list = nullptr;
    if (const int code = mailimap_list(imap_, "", "*", &list); code != MAILIMAP_NO_ERROR)
        return failure("list", code);
    auto folders = readFolders(list);
    mailimap_list_result_free(list);
    return folders;
}

Result<ImapSelected> ImapSession::select(const std::string& folder) {
    ImapSelected selected;
    int code = 0;
    if (has_condstore_) {
        code = mailimap_select_condstore(imap_, folder.c_str(), &selected.modseq);
    } else {
        code = mailimap_select(imap_, folder.c_str());
    }
    if (code == MAILIMAP_ERROR_SELECT) return refusedFolder(folder);
    if (code != MAILIMAP_NO_ERROR) return failure("select", code);
    const mailimap_selection_info* info = imap_->imap_selection_info;
    selected.uidvalidity = info->sel_uidvalidity;
    selected.uidnext = info->sel_uidnext;
    selected.exists = info->sel_exists;
    return selected;
}

// RFC 5530, and what servers say instead. «Gone» is said only where it is meant: of a folder that cannot be
// opened just now nobody knows what is in it.
Error ImapSession::refusedFolder(const std::string& folder) const {
    const std::string said = answer();
    bool is_gone = false;
    for (const char* words : {"NONEXISTENT", "exist", "no such", "not found", "not be found", "unknown"})
        is_gone = is_gone || strcasestr(said.c_str(), words) != nullptr;
    return {is_gone ? ErrorKind::NotFound : ErrorKind::Rejected,
            "imap: folder " + fromMailboxName(folder) + " cannot be opened" + said,
            {},
            "folder"};
}

Status ImapSession::noop() {
    const int code = mailimap_noop(imap_);
    return code == MAILIMAP_NO_ERROR ? Status(Done{}) : failure("noop", code);
}

// mailimap_idle takes nothing but «+» for an answer: news that come just before it would break the
// connection.
Result<bool> ImapSession::beginIdle() {
    const std::string_view command = "IDLE\r\n";
    const bool is_sent = mailimap_send_current_tag(imap_) == MAILIMAP_NO_ERROR &&
                         mailstream_write(imap_->imap_stream, command.data(), command.size()) >= 0 &&
                         mailstream_flush(imap_->imap_stream) >= 0;
    if (!is_sent) return failure("idle", MAILIMAP_ERROR_STREAM);
    bool is_news = false;
    while (true) {
        const char* const line = mailimap_read_line(imap_);
        if (line == nullptr) return failure("idle", MAILIMAP_ERROR_STREAM);
        if (line[0] == '+') return is_news;
        // Offered, and refused: some proxies do so. The folders are looked into from time to time instead.
        if (line[0] != '*') has_idle_ = false;
        if (!has_idle_) return false;
        if (strncasecmp(line, "* BYE", 5) == 0) return failure("idle", MAILIMAP_ERROR_STREAM);
        is_news = true;
    }
}

Result<bool> ImapSession::idle(std::chrono::seconds at_most, const std::stop_token& stop) {
    const auto begun = beginIdle();
    if (!begun || !has_idle_) return begun;
    bool is_news = *begun || imap_->imap_stream->read_buffer_len > 0;
    if (!is_news) is_news = stream_->socket->waitForNews(at_most, stop);
    // Whoever asks to stop does not wait long for a server that may be stuck.
    if (stop.stop_requested()) stream_->socket->setTimeout(kFarewell);
    if (const int code = mailimap_idle_done(imap_); code != MAILIMAP_NO_ERROR) return failure("idle", code);
    if (stop.stop_requested()) stream_->socket->setTimeout(timeout_);
    return is_news;
}

// What the server said last, to go behind what failed.
std::string ImapSession::answer() const {
    const std::string words = quoted(imap_->imap_response == nullptr ? "" : imap_->imap_response, nullptr);
    return words.empty() ? "" : ": " + words;
}

Error ImapSession::failure(const char* what, int code) const {
    const std::string command = std::string("imap ") + what;
    if (code == MAILIMAP_ERROR_STREAM || code == MAILIMAP_ERROR_CONNECTION_REFUSED) {
        return {ErrorKind::Unavailable,
                command + ": " + (stream_->error.empty() ? "the connection broke" : stream_->error),
                {},
                "connection"};
    }
    if (code == MAILIMAP_ERROR_PARSE || code == MAILIMAP_ERROR_PROTOCOL)
        return {ErrorKind::Unavailable, command + ": the server's answer is not IMAP", {}, "protocol"};
    return {ErrorKind::Rejected,
            command + ": the server refuses it" + answer(),
            {},
            "imap_" + std::to_string(code)};
}

}  // namespace signalbox::email
