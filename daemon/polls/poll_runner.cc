#include "daemon/polls/poll_runner.h"

#include <array>

#include "base/backoff.h"
#include "base/crypto.h"
#include "base/log.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;
using std::chrono::seconds;

constexpr std::array<seconds, 7> kWaits = {5s, 15s, 60s, 120s, 300s, 600s, 900s};
constexpr auto kSaveEvery = 60s;
constexpr auto kAskForLeaseEvery = 10s;
constexpr auto kLookAgainEvery = 60s;  // whether another daemon was told to fetch it again

// People hear of it when it lasts; a server that is restarted is nobody's business.
constexpr std::int64_t kToldAfter = 3;

bool isTold(const PollState& state) {
    return state.state == "reauth" || state.failures >= kToldAfter;
}

bool needsPerson(const Error& error) {
    return error.kind == ErrorKind::Unauthorized || error.kind == ErrorKind::Forbidden;
}

}  // namespace

FetchedMail withFilesKept(PolledItem item, const BlobStore& blobs) {
    FetchedMail fetched;
    fetched.place = std::move(item.place);
    const auto put = [&](std::string_view bytes) {
        auto blob = blobs.put(bytes);
        if (!blob) throw std::runtime_error(blob.error().message);
        return std::move(*blob);
    };
    if (item.raw.size() > kMaxInlineRaw) fetched.raw_blob = put(item.raw).sha256;
    if (fetched.raw_blob.empty()) fetched.raw = std::move(item.raw);
    for (std::size_t i = 0; i < item.files.size() && !item.envelopes.empty(); ++i) {
        const Attachment& attachment = item.envelopes[0].attachments.at(i);
        // Where only the beginning of a mail was fetched, its last file is cut off: half of it is worse than
        // none.
        if (i + 1 == item.files.size() && item.envelopes[0].content.contains("truncated_bytes")) {
            fetched.files.push_back(std::nullopt);
            continue;
        }
        fetched.files.push_back(FetchedFile{put(item.files[i]), attachment.mime, attachment.filename});
    }
    fetched.envelopes = std::move(item.envelopes);
    fetched.mail = std::move(item.mail);
    fetched.location = std::move(item.location);
    fetched.arrival = item.arrival;
    fetched.quarantine_reason = std::move(item.quarantine_reason);
    return fetched;
}

PollRunner::PollRunner(Parts parts, ConnectedRef connected)
    : parts_(parts), connected_(std::move(connected)) {
    readState();
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

PollRunner::~PollRunner() {
    requestStop();
    thread_.join();
    parts_.leases.release(connected_->account->id);
}

void PollRunner::readState() {
    parts_.store.read([&](Reader& reader) { state_ = readPollState(reader, connected_->account->id); });
    std::lock_guard lock(mutex_);
    view_.state = state_.state;
    view_.error = state_.error;
    view_.failures = state_.failures;
    view_.last_sync_at = state_.last_ok_at;
    view_.done = state_.done;
    view_.total = state_.total;
}

void PollRunner::requestStop() {
    thread_.request_stop();
    std::lock_guard lock(mutex_);
    round_stop_.request_stop();
}

void PollRunner::fetchNow() {
    {
        std::lock_guard lock(mutex_);
        is_asked_ = true;
        round_stop_.request_stop();
    }
    wakeup_.notify();
}

PollView PollRunner::view() const {
    std::lock_guard lock(mutex_);
    return view_;
}

void PollRunner::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        try {
            round(stop);
        } catch (const std::exception& failure) {
            // A full disk, most often: it is mended sooner than the longest wait is over.
            failed({ErrorKind::Unavailable, std::string("fetch: ") + failure.what(), {}, "fetch_failed"},
                   stop);
        }
    }
}

// Asked for at once it looks again, which is how it learns of both.
bool PollRunner::isDisabled(const std::stop_token& stop) {
    const Id account = connected_->account->id;
    AccountState state;
    parts_.store.read([&](Reader& reader) { state = readAccountState(reader, account); });
    if (state.state != "disabled") {
        if (view().state == "disabled") readState();
        return false;
    }
    parts_.leases.release(account);
    is_held_ = false;
    {
        std::lock_guard lock(mutex_);
        view_.state = state.state;
        view_.error = state.reason;
        is_asked_ = false;
    }
    wait(kLookAgainEvery, stop);
    return true;
}

// Another daemon on the same database may fetch this account; then this one shows how it fares and waits.
bool PollRunner::isOurs(const std::stop_token& stop) {
    if (parts_.leases.acquire(connected_->account->id)) {
        if (!is_held_ && parts_.leases.isShared()) readState();  // the other one went on meanwhile
        is_held_ = true;
        return true;
    }
    is_held_ = false;
    readState();
    {
        std::lock_guard lock(mutex_);
        is_asked_ = false;
    }
    wait(kAskForLeaseEvery, stop);
    return false;
}

void PollRunner::round(const std::stop_token& stop) {
    if (isDisabled(stop) || !isOurs(stop)) return;
    auto page = poll(stop);
    if (stop.stop_requested() && !page) return;  // asked to stop, that is no failure of the provider
    if (!page && wasAskedMeanwhile()) return;    // it was broken off for a round that begins now
    if (page) {
        const bool has_more = page->has_more;
        const Page facts{{}, {}, page->cursor, has_more, page->done, page->total, page->warning};
        const bool is_news = !page->items.empty() || !page->seen_changes.empty() ||
                             page->cursor != state_.cursor || state_.failures > 0 || !state_.last_ok_at ||
                             *state_.last_ok_at + kSaveEvery < parts_.clock.now();
        Result<PageStored> stored = PageStored{};
        if (is_news) stored = keep(std::move(*page));
        if (stored) {
            succeeded(facts, *stored);
            if (!has_more) wait(connected_->connector->poller()->pause(), stop);
            return;
        }
        page = stored.error();
    }
    failed(page.error(), stop);
}

bool PollRunner::wasAskedMeanwhile() const {
    std::lock_guard lock(mutex_);
    return is_asked_;
}

Result<Page> PollRunner::poll(const std::stop_token& stop) {
    std::stop_token round;
    {
        std::lock_guard lock(mutex_);
        if (round_stop_.stop_requested()) round_stop_ = std::stop_source();
        if (stop.stop_requested()) round_stop_.request_stop();
        is_asked_ = false;
        round = round_stop_.get_token();
    }
    return connected_->connector->poller()->poll(state_.cursor, round);
}

Result<PageStored> PollRunner::keep(Page page) {
    struct Unstored {  // also when a file cannot be written
        Poller& poller;
        bool is_stored = false;
        ~Unstored() {
            if (!is_stored) poller.notStored();
        }
    } unstored{*connected_->connector->poller()};
    FetchedPage fetched;
    for (PolledItem& item : page.items) {
        fetched.items.push_back(withFilesKept(std::move(item), parts_.files.blobs()));
    }
    fetched.seen_changes = std::move(page.seen_changes);
    fetched.state = state_;
    fetched.state.cursor = page.cursor;
    fetched.state.state = "connected";
    fetched.state.error.clear();
    fetched.state.failures = 0;
    fetched.state.done = page.done;
    fetched.state.total = page.total;
    fetched.state.last_ok_at = parts_.clock.now();
    const PollState before = state_, next = fetched.state;
    auto stored = parts_.ingest.accept(connected_->account, std::move(fetched));
    unstored.is_stored = stored.ok();
    if (!stored) return stored;
    state_ = next;
    if (isTold(before)) saveState(true);
    return stored;
}

void PollRunner::succeeded(const Page& page, const PageStored& stored) {
    const bool is_back = view().state != "connected";
    if (is_back) log::info("fetch_recovered", {{"account", connected_->account->name}});
    if (stored.quarantined > 0) {
        log::warn("mail_quarantined",
                  {{"account", connected_->account->name}, {"count", std::to_string(stored.quarantined)}});
    }
    if (!page.warning.empty() && page.warning != view().warning) {
        log::warn("folder_left_out", {{"account", connected_->account->name}, {"reason", page.warning}});
    }
    std::lock_guard lock(mutex_);
    view_ = {"connected",  "",        0,          parts_.clock.now(),
             std::nullopt, page.done, page.total, view_.fetched + stored.new_messages,
             page.warning};
}

void PollRunner::failed(const Error& error, const std::stop_token& stop) {
    const PollState before = state_;
    ++state_.failures;
    state_.state = needsPerson(error) ? "reauth" : "degraded";
    state_.error = error.message;
    if (state_.failures == 1 || view().state != state_.state) {
        log::warn("fetch_failed", {{"account", connected_->account->name},
                                   {"kind", toString(error.kind)},
                                   {"reason", error.message}});
    }
    {
        std::lock_guard lock(mutex_);
        view_.state = state_.state;
        view_.error = state_.error;
        view_.failures = state_.failures;
    }
    saveState(isTold(state_) && (!isTold(before) || before.state != state_.state));
    const Backoff backoff(kWaits);
    wait(backoff.after(static_cast<int>(state_.failures), error.retry_after, randomNumber()), stop);
}

void PollRunner::saveState(bool is_told) {
    const PollState state = state_;
    // Names of logins and folders are the user's affair; everybody who runs the place hears this.
    const std::string reason =
        connected_->account->isPrivate() && !state.error.empty() ? "its user sees why" : state.error;
    const std::string payload =
        dumpJson({{"account", connected_->account->name}, {"state", state.state}, {"reason", reason}});
    parts_.store.write(
        [this, state, is_told, payload](Tx& tx) {
            const Account& account = *connected_->account;
            savePollState(tx, account.id, state, parts_.clock.now());
            if (is_told) parts_.log.append(tx, {account.org, "account.sync_changed", account.id, 0, payload});
        },
        [](const Status&) {});  // told again with the next one
}

void PollRunner::wait(std::chrono::microseconds length, const std::stop_token& stop) {
    if (length <= 0us) return;
    const TimePoint begun = parts_.clock.now(), until = begun + length;
    {
        std::lock_guard lock(mutex_);
        if (is_asked_) return;
        if (view_.failures > 0) view_.next_try_at = until;
    }
    // A wait of the clock ends after a minute at the latest. Set back, it would keep us for as long as the
    // step.
    const auto isOver = [&] {
        const TimePoint now = parts_.clock.now();
        return now >= until || now < begun || stop.stop_requested() || wasAskedMeanwhile();
    };
    while (!isOver()) parts_.clock.wait(wakeup_, until, stop);
}

}  // namespace signalbox
