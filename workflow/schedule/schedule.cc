#include "workflow/schedule/schedule.h"

#include <algorithm>
#include <deque>

namespace signalbox::workflow {
namespace {

using namespace std::chrono;

constexpr auto kCurrent = seconds{10};  // so late an instant still counts as on time
constexpr std::size_t kMaxCatchUp = 100;
constexpr std::int64_t kMaxLooked = 100'000;  // missed instants that are counted one by one

// RFC 3339, or the same without an offset: then it is what clocks in the zone show.
std::optional<sys_seconds> momentIn(const std::string& text, const TimeZone& zone) {
    if (const auto time = parseRfc3339(text)) return floor<seconds>(*time);
    const auto shown = parseRfc3339(text + (text.size() == 16 ? ":00Z" : "Z"));
    if (!shown) return std::nullopt;
    return zone.toUtc(local_seconds{floor<seconds>(*shown).time_since_epoch()});
}

}  // namespace

Result<Schedule> Schedule::read(const Json& params) {
    Schedule out;
    const std::string cron = textAt(params, "cron"), at = textAt(params, "at"),
                      zone = textAt(params, "zone", "UTC");
    const std::int64_t every = numberAt(params, "every_s");
    if ((cron.empty() ? 0 : 1) + (at.empty() ? 0 : 1) + (every == 0 ? 0 : 1) != 1)
        return Error{ErrorKind::Invalid, "needs one of `cron`, `every_s` and `at`"};
    const auto found = TimeZone::find(zone.empty() ? "UTC" : zone);
    if (!found) return withContext("zone", found.error());
    out.zone_ = *found;
    if (!cron.empty()) {
        auto parsed = Cron::parse(cron);
        if (!parsed) return withContext("cron", parsed.error());
        if (!parsed->every()) out.cron_ = std::move(*parsed);
        if (parsed->every()) out.every_ = *parsed->every();
    }
    if (every < 0) return Error{ErrorKind::Invalid, "every_s: 1 or more"};
    if (every > 0) out.every_ = seconds{every};
    if (!at.empty()) {
        out.at_ = momentIn(at, out.zone());
        if (!out.at_)
            return Error{ErrorKind::Invalid,
                         "at: a time such as 2026-11-21T07:00:00Z or, in the zone, 2026-11-21T08:00"};
    }
    const std::string misfire = textAt(params, "misfire", "fire_once");
    if (misfire != "fire_once" && misfire != "skip" && misfire != "catch_up")
        return Error{ErrorKind::Invalid, "misfire: fire_once, skip or catch_up"};
    out.misfire_ = misfire == "skip"       ? Misfire::Skip
                   : misfire == "catch_up" ? Misfire::CatchUp
                                           : Misfire::FireOnce;
    out.catch_up_ = std::clamp<std::int64_t>(numberAt(params, "catch_up", 1), 1, kMaxCatchUp);
    return out;
}

std::optional<sys_seconds> Schedule::next(sys_seconds after, sys_seconds anchor) const {
    if (cron_) return cron_->next(after, *zone_);
    if (at_) return *at_ > after ? at_ : std::nullopt;
    if (after < anchor) return anchor + every_;
    return anchor + ((after - anchor) / every_ + 1) * every_;
}

Schedule::Firing Schedule::fire(sys_seconds due, sys_seconds anchor, sys_seconds now) const {
    std::deque<sys_seconds> last{due};  // the newest ones
    std::int64_t count = 1;
    auto following = next(due, anchor);
    for (; following && *following <= now && count < kMaxLooked;
         following = next(*following, anchor), ++count) {
        last.push_back(*following);
        if (last.size() > kMaxCatchUp + 1) last.pop_front();
    }
    if (following && *following <= now) following = next(now, anchor);
    const bool is_current = now - last.back() <= kCurrent;
    std::size_t wanted = 1;
    if (misfire_ == Misfire::Skip) wanted = is_current ? 1 : 0;
    if (misfire_ == Misfire::CatchUp) wanted = static_cast<std::size_t>(catch_up_) + (is_current ? 1 : 0);
    wanted = std::min(wanted, last.size());
    Firing out;
    out.instants.assign(last.end() - static_cast<std::ptrdiff_t>(wanted), last.end());
    out.missed = count - static_cast<std::int64_t>(wanted);
    out.next = following;
    return out;
}

}  // namespace signalbox::workflow
