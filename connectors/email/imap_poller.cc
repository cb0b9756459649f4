#include "connectors/email/imap_poller.h"

#include <strings.h>

#include <algorithm>
#include <charconv>

namespace signalbox::email {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMailsAPage = 100;
constexpr std::size_t kBytesAPage = 4 * 1024 * 1024;
constexpr std::size_t kBytesOfHugeMail = 1024 * 1024;
constexpr std::int64_t kCatchUp = 200;                     // from so many on people see a progress
constexpr std::uint32_t kFlagWindow = 200;                 // of servers that do not count changes
constexpr int kMaxSuspectFailures = 3, kMaxFailures = 20;  // the latter takes some hours
// Routers forget a connection that is quiet for longer (contracts: re-issue IDLE every 9 minutes); RFC 2177
// says 29.
constexpr std::chrono::seconds kLongestIdle = 9min;
constexpr std::chrono::hours kDay{24};

struct Place {
    std::string folder;
    std::uint32_t uidvalidity = 0, uid = 0;
};

std::string placeOf(const std::string& folder, const ImapSelected& selected, std::uint32_t uid) {
    return folder + " " + std::to_string(selected.uidvalidity) + "/" + std::to_string(uid);
}

std::optional<Place> parsePlace(const std::string& text) {
    const auto space = text.rfind(' '), slash = text.rfind('/');
    if (space == std::string::npos || slash == std::string::npos || slash < space) return std::nullopt;
    Place place{text.substr(0, space)};
    const char* const end = text.data() + text.size();
    const auto validity = std::from_chars(text.data() + space + 1, text.data() + slash, place.uidvalidity);
    const auto uid = std::from_chars(text.data() + slash + 1, end, place.uid);
    if (validity.ptr != text.data() + slash || uid.ptr != end || place.uid == 0) return std::nullopt;
    return place;
}

bool isBroken(const Error& error) {
    return error.kind == ErrorKind::Unavailable;
}

// «BODY[] NIL», or no bytes: servers that cannot read a mail themselves answer so.
bool isWithheld(const ImapBody& body, const ImapHead& head) {
    return body.bytes.empty() && head.size > 0;
}

// Not the connection, not the login: what one folder refuses.
bool isOfFolder(const Error& error) {
    return error.kind == ErrorKind::NotFound || error.kind == ErrorKind::Rejected;
}

}  // namespace

ImapPoller::ImapPoller(const AccountConfig& config, const SocketOptions& options,
                       CredentialSource& credentials, const Clock& clock, Reading reading)
    : config_(config),
      options_(options),
      credentials_(credentials),
      clock_(clock),
      reading_(std::move(reading)) {}

std::chrono::seconds ImapPoller::pause() const {
    return session_ && session_->hasIdle() ? 0s : config_.poll_interval;
}

Result<Page> ImapPoller::poll(const std::string& cursor, const std::stop_token& stop) {
    auto page = round(cursor, stop);
    if (!page) session_.reset();
    if (!page && stop.stop_requested()) suspect_ = 0;  // it was not the mail that broke the connection
    return page;
}

Result<Page> ImapPoller::round(const std::string& text, const std::stop_token& stop) {
    if (auto connected = connect(stop); !connected) return connected.error();
    auto guard = session_->interruptOn(stop);
    auto known = parseCursor(text);
    // Somebody wants older mails as well: looked through anew, what is known is left out.
    if (known && known->since && config_.is_backfilled && config_.backfill_from < *known->since)
        known.reset();
    ImapCursor cursor = known.value_or(ImapCursor{});
    Page page;
    if (!known) {
        // A server compares days as they are where it is: there it may still be yesterday.
        cursor.since = config_.is_backfilled ? config_.backfill_from : clock_.now() - kDay;
        if (auto marked = markBeginnings(cursor); !marked) return marked.error();
        page.cursor = toText(cursor);
        page.has_more = true;
        return page;
    }
    if (auto looked = lookAround(cursor, page); !looked) return looked.error();
    page.cursor = toText(cursor);
    for (const Folder& folder : folders_) {
        if (folder.total < kCatchUp) continue;
        page.total += folder.total;
        page.done += folder.total - static_cast<std::int64_t>(folder.pending.size());
    }
    if (!page.items.empty() || page.has_more) {
        page.has_more = true;  // look once more before waiting
        return page;
    }
    if (!page.seen_changes.empty() || page.cursor != text) return page;
    if (stop.stop_requested() || !session_->hasIdle()) return page;
    const auto selected = open(folders_.front());
    if (!selected) return selected.error();
    // What came since it was looked at is told now, not by IDLE.
    page.has_more = selected->uidnext > cursor.folders[folders_.front().name].next;
    if (page.has_more) return page;
    guard.reset();
    const auto news = session_->idle(std::min(config_.poll_interval, kLongestIdle), stop);
    if (!news) return news.error();
    page.has_more = *news;
    return page;
}

// What lies in the folders now is history, what comes from now on is news. That is stored before anything is
// fetched: whatever happens during a backfill of hours, and whichever folder's turn it is then, the border
// stays.
Status ImapPoller::markBeginnings(ImapCursor& cursor) {
    for (std::size_t i = 0; i < folders_.size(); ++i) {
        const auto selected = open(folders_[i]);
        if (!selected && i > 0 && isOfFolder(selected.error())) continue;
        if (!selected) return selected.error();
        cursor.folders[folders_[i].name] = begin(false, *selected);
    }
    return Done{};
}

// The first folder before all others, and it stays open until it is through. Behind it they take turns, so
// that an archive of years does not keep answers waiting that somebody wrote elsewhere.
Status ImapPoller::lookAround(ImapCursor& cursor, Page& page) {
    const std::size_t count = folders_.size(), others = count - 1;
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t index = i == 0 ? 0 : 1 + (next_folder_ - 1 + i - 1) % others;
        const auto more = look(folders_[index], cursor, page);
        // One that was renamed, deleted or closed to us: the others are not to suffer for it.
        if (!more && i > 0 && isOfFolder(more.error())) {
            page.warning += (page.warning.empty() ? "" : "; ") + more.error().message;
            open_folder_.clear();
            continue;
        }
        if (!more) return more.error();
        page.has_more = page.has_more || *more;
        if (!*more && page.items.size() < kMailsAPage) continue;
        if (index > 0) next_folder_ = 1 + index % others;
        break;
    }
    return Done{};
}

Status ImapPoller::connect(const std::stop_token& stop) {
    if (session_) return Done{};
    open_folder_.clear();
    auto session = openWith(credentials_, stop, [&](const Credentials& credentials) {
        return ImapSession::open(config_.imap, options_, credentials, stop);
    });
    if (!session) return session.error();
    session_ = std::move(*session);
    const auto guard = session_->interruptOn(stop);
    return findFolders();
}

Status ImapPoller::findFolders() {
    auto known = session_->folders();
    if (!known) return known.error();
    std::string sent = config_.sent_folder;
    for (const ImapFolder& folder : *known) {
        if (sent.empty() && folder.use == "sent") sent = folder.name;
    }
    std::vector<std::string> names = config_.folders;
    if (names.empty()) {
        names.push_back("INBOX");
        const bool is_there = std::any_of(known->begin(), known->end(),
                                          [&](const ImapFolder& folder) { return folder.name == sent; });
        if (is_there) names.push_back(sent);
    }
    // News come there, so it is the one that is waited in, and no archive is caught up with before it.
    std::stable_partition(names.begin(), names.end(), [](const std::string& name) {
        return name.size() == 5 && strncasecmp(name.c_str(), "INBOX", 5) == 0;
    });
    folders_.clear();
    for (const std::string& name : names) folders_.push_back({name, name == sent, {}, 0});
    next_folder_ = 1;
    return Done{};
}

// Some servers read through a folder each time it is opened; while known mails of it wait, that is spared.
Result<ImapSelected> ImapPoller::open(const Folder& folder) {
    if (open_folder_ == folder.name && !folder.pending.empty()) return opened_;
    open_folder_.clear();
    auto selected = session_->select(folder.name);
    if (!selected) return selected;
    open_folder_ = folder.name;
    opened_ = *selected;
    return selected;
}

// What of a folder was never fetched, or what changed in it. True: there is more of it.
Result<bool> ImapPoller::look(Folder& folder, ImapCursor& cursor, Page& page) {
    const auto selected = open(folder);
    if (!selected) return selected.error();
    const auto known = cursor.folders.find(folder.name);
    const bool is_new = known == cursor.folders.end();
    // Restored from a backup, or another server: numbers that we have seen are given away once more.
    const bool is_set_back = !is_new && folder.pending.empty() && selected->uidnext > 0 &&
                             selected->uidnext < known->second.next &&
                             selected->uidnext != folder.rescanned_at;
    if (is_set_back) folder.rescanned_at = selected->uidnext;
    if (is_new || is_set_back || known->second.uidvalidity != selected->uidvalidity) {
        folder.pending.clear();
        folder.total = 0;
        cursor.folders[folder.name] = begin(!is_new, *selected);
    }
    FolderCursor& at = cursor.folders[folder.name];
    folder.news_from = at.news_from;
    if (folder.pending.empty() && (selected->uidnext == 0 || selected->uidnext > at.next)) {
        auto uids = session_->search(at.next, cursor.since);
        if (!uids) return uids.error();
        folder.pending.assign(uids->begin(), uids->end());
        folder.total = static_cast<std::int64_t>(folder.pending.size());
        if (folder.pending.empty()) at.next = std::max(at.next, selected->uidnext);
    }
    if (!folder.pending.empty()) return fetch(folder, *selected, at, page);
    folder.total = 0;
    if (auto followed = followFlags(folder, *selected, at, page); !followed) return followed.error();
    return false;
}

// Numbered anew by the server: everything is looked at once more, copies are known by their content.
FolderCursor ImapPoller::begin(bool is_renumbered, const ImapSelected& selected) const {
    const bool is_skipped = !is_renumbered && !config_.is_backfilled && selected.uidnext > 0;
    return {selected.uidvalidity, is_skipped ? selected.uidnext : 1, selected.modseq,
            is_renumbered ? 0 : selected.uidnext};
}

// The connection broke each time this mail was fetched. That may be the server's trouble: only when another
// one comes through, and this one breaks it again right behind, is it passed by.
Status ImapPoller::tryAnother(const Folder& folder) {
    if (suspect_failures_ < kMaxSuspectFailures || folder.pending.size() < 2) return Done{};
    const auto other = session_->beginning(folder.pending.back(), 1024);
    if (!other && isBroken(other.error())) return other.error();
    is_another_fine_ = true;
    return Done{};
}

Result<bool> ImapPoller::fetch(Folder& folder, const ImapSelected& selected, FolderCursor& at, Page& page) {
    const std::uint32_t first = folder.pending.front();
    suspect_failures_ = suspect_ == first ? suspect_failures_ + 1 : 0;
    is_another_fine_ = is_another_fine_ && suspect_ == first;
    suspect_ = first;
    std::uint32_t last = first;
    if (is_another_fine_ || suspect_failures_ >= kMaxFailures) {
        PolledItem item;
        item.place = placeOf(folder.name, selected, first);
        item.location = MailLocation{folder.name, selected.uidvalidity, first, false};
        item.quarantine_reason = "imap: the connection breaks each time this mail is fetched";
        page.items.push_back(std::move(item));
    } else {
        if (auto tried = tryAnother(folder); !tried) return tried.error();
        const auto chosen = choose(folder);
        if (!chosen) return chosen.error();
        if (auto done = fetchBodies(folder, selected, chosen->heads, page); !done) return done.error();
        last = chosen->last;
    }
    suspect_ = 0;
    is_another_fine_ = false;
    while (!folder.pending.empty() && folder.pending.front() <= last) folder.pending.pop_front();
    at.next = last + 1;
    return !folder.pending.empty();
}

// What fits into one page; at least one mail. After a failure they come one by one.
Result<ImapPoller::Chosen> ImapPoller::choose(const Folder& folder) {
    const std::size_t count = std::min(folder.pending.size(), suspect_failures_ > 0 ? 1 : kMailsAPage);
    const std::vector<std::uint32_t> uids(folder.pending.begin(),
                                          folder.pending.begin() + static_cast<std::ptrdiff_t>(count));
    auto heads = session_->heads(uids);
    if (!heads) return heads.error();
    Chosen chosen;
    std::size_t bytes = 0;
    for (const ImapHead& head : *heads) {
        if (!chosen.heads.empty() && bytes + head.size > kBytesAPage) return chosen;
        bytes += std::min<std::size_t>(head.size, config_.max_mail_bytes);
        chosen.heads.push_back(head);
        chosen.last = head.uid;
    }
    chosen.last = uids.back();  // the others are gone from the folder
    return chosen;
}

Status ImapPoller::fetchBodies(Folder& folder, const ImapSelected& selected,
                               const std::vector<ImapHead>& heads, Page& page) {
    std::vector<std::uint32_t> uids;
    for (const ImapHead& head : heads) {
        if (head.size <= config_.max_mail_bytes && !head.is_draft) uids.push_back(head.uid);
    }
    std::vector<ImapBody> bodies;
    if (!uids.empty()) {
        auto fetched = session_->bodies(uids);
        if (!fetched && isBroken(fetched.error())) return fetched.error();
        // Refused as a whole: one of them is not to be had, the others are.
        if (fetched) bodies = std::move(*fetched);
    }
    for (const ImapHead& head : heads) {
        if (head.is_draft) continue;
        const auto body = std::find_if(bodies.begin(), bodies.end(), [&](const ImapBody& one) {
            return one.uid == head.uid && !isWithheld(one, head);
        });
        if (body != bodies.end()) {
            add(folder, selected, head, std::move(body->bytes), page);
        } else if (auto done = fetchOne(folder, selected, head, page); !done) {
            return done;
        }
    }
    return Done{};
}

Status ImapPoller::fetchOne(Folder& folder, const ImapSelected& selected, const ImapHead& head, Page& page) {
    if (head.size > config_.max_mail_bytes) {
        auto beginning = session_->beginning(head.uid, kBytesOfHugeMail);
        if (!beginning) return beginning.error();
        add(folder, selected, head, std::move(*beginning), page);
        if (!page.items.back().envelopes.empty())
            page.items.back().envelopes[0].content["truncated_bytes"] = head.size;
        return Done{};
    }
    const std::uint32_t one[] = {head.uid};
    auto body = session_->bodies(one);
    if (!body && isBroken(body.error())) return body.error();
    if (body && body->empty()) return Done{};  // gone meanwhile
    if (body && isWithheld(body->front(), head))
        body = Error{ErrorKind::Rejected, "imap: the server gives nothing of this mail"};
    if (body) {
        add(folder, selected, head, std::move(body->front().bytes), page);
        return Done{};
    }
    PolledItem item;
    item.place = placeOf(folder.name, selected, head.uid);
    item.location = MailLocation{folder.name, selected.uidvalidity, head.uid, head.is_seen};
    item.quarantine_reason = body.error().message;
    page.items.push_back(std::move(item));
    return Done{};
}

void ImapPoller::add(const Folder& folder, const ImapSelected& selected, const ImapHead& head,
                     std::string raw, Page& page) const {
    PolledItem item = reading_(placeOf(folder.name, selected, head.uid), std::move(raw), folder.is_sent);
    item.location = MailLocation{folder.name, selected.uidvalidity, head.uid, head.is_seen};
    item.arrival = {head.arrived_at, head.uid < folder.news_from};
    if (item.mail && item.mail->thread_index.empty() && head.gmail_thread != 0)
        item.mail->thread_index = "gmail:" + std::to_string(head.gmail_thread);
    page.items.push_back(std::move(item));
}

Result<PolledItem> ImapPoller::fetchAgain(const std::string& text, const std::stop_token& stop) const {
    const auto place = parsePlace(text);
    if (!place) return Error{ErrorKind::Conflict, "this does not say where in the mailbox it lies"};
    ImapPoller once(config_, options_, credentials_, clock_, reading_);
    if (auto connected = once.connect(stop); !connected) return connected.error();
    const auto guard = once.session_->interruptOn(stop);
    const auto known = std::find_if(once.folders_.begin(), once.folders_.end(),
                                    [&](const Folder& one) { return one.name == place->folder; });
    Folder folder{place->folder, known != once.folders_.end() && known->is_sent, {}, 0, {}};
    const auto selected = once.open(folder);
    if (!selected) return selected.error();
    if (selected->uidvalidity != place->uidvalidity)
        return Error{ErrorKind::Conflict,
                     "the server has numbered the folder anew; the mail is looked at with the others"};
    const std::uint32_t one[] = {place->uid};
    const auto heads = once.session_->heads(one);
    if (!heads) return heads.error();
    Page page;
    if (!heads->empty()) {
        if (auto done = once.fetchOne(folder, *selected, heads->front(), page); !done) return done.error();
    }
    if (page.items.empty()) return Error{ErrorKind::Conflict, "the mail is gone from the mailbox"};
    if (page.items.front().raw.empty())
        return Error{ErrorKind::Conflict,
                     "it cannot be fetched still: " + page.items.front().quarantine_reason};
    return std::move(page.items.front());
}

Status ImapPoller::followFlags(Folder& folder, const ImapSelected& selected, FolderCursor& at, Page& page) {
    const bool is_counted = selected.modseq > 0;
    if (at.next <= 1 || (is_counted && selected.modseq == at.modseq)) return Done{};
    const std::uint32_t window = at.next > kFlagWindow ? at.next - kFlagWindow : 1;
    const auto heads =
        is_counted && at.modseq > 0 ? session_->flags(1, at.modseq) : session_->flags(window, 0);
    if (!heads) return heads.error();
    at.modseq = selected.modseq;
    std::vector<MailLocation> flags;
    for (const ImapHead& head : *heads) {
        if (head.uid < at.next) flags.push_back({folder.name, selected.uidvalidity, head.uid, head.is_seen});
    }
    if (!is_counted && flags == folder.last_flags) return Done{};
    if (!is_counted) folder.last_flags = flags;
    page.seen_changes.insert(page.seen_changes.end(), flags.begin(), flags.end());
    return Done{};
}

}  // namespace signalbox::email
