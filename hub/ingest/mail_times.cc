#include "hub/ingest/mail_times.h"

#include <algorithm>

namespace signalbox {
namespace {

using namespace std::chrono_literals;

constexpr auto kClockDifference = 5min;  // that a mail server's clock may be behind ours
constexpr auto kFetchedLate = 1min;
constexpr auto kLongestWay = 365 * 24h;
constexpr TimePoint kFirstMails = std::chrono::sys_days(std::chrono::year{1990} / 1 / 1);

}  // namespace

MailTimes timesOf(const MailArrival& arrival, std::optional<TimePoint> written, TimePoint connected_at,
                  TimePoint now) {
    const TimePoint arrived = std::min(arrival.at.value_or(written.value_or(now)), now);
    MailTimes times;
    // The second: an old mail that was moved into a followed folder, or that was kept in quarantine since.
    times.is_history = arrival.was_there || arrived + kClockDifference < connected_at;
    // A mailbox that was moved from one server to another has the day of the move as its arrival, so of
    // history an early Date is believed.
    const bool is_absurd =
        written && (*written < kFirstMails || (!times.is_history && *written < arrived - kLongestWay));
    times.shown_at = !written || is_absurd ? arrived : std::min(*written, arrived);
    times.active_at = times.is_history ? times.shown_at : arrived;
    // Arrivals are told to the second: what is fetched at once comes behind what was sent a moment ago.
    times.created_at = times.is_history || arrived + kFetchedLate < now ? times.active_at : now;
    return times;
}

}  // namespace signalbox
