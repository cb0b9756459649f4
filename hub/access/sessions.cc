#include "hub/access/sessions.h"

#include "base/crypto.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

constexpr auto kIdle = 12h;
constexpr auto kLongest = 24h * 7;

constexpr std::string_view kInsert =
    "INSERT INTO sessions (id, org, user_id, hash, address, agent, created_at, last_used_at, ends_at)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8)";
constexpr std::string_view kAll =
    "SELECT s.hash, s.org, s.id, u.id, u.person, u.role, s.last_used_at, s.ends_at FROM sessions s"
    " JOIN users u ON u.id = s.user_id AND u.org = s.org WHERE u.state = 'active'";
constexpr std::string_view kOne =
    "SELECT s.hash, s.org, s.id, u.id, u.person, u.role, s.last_used_at, s.ends_at FROM sessions s"
    " JOIN users u ON u.id = s.user_id AND u.org = s.org WHERE u.state = 'active' AND s.hash = $1";
constexpr std::string_view kList =
    "SELECT id, address, agent, created_at, last_used_at, ends_at FROM sessions"
    " WHERE org = $1 AND user_id = $2 AND ends_at > $3 ORDER BY id DESC";

std::string hashOf(std::string_view text) {
    return toHex(hash(HashAlgorithm::Sha256, text));
}

bool isSessionToken(std::string_view text) {
    return text.starts_with("sbs_") && text.size() <= 100;
}

}  // namespace

std::string csrfTokenFor(std::string_view session_token) {
    return toBase64Url(hmac(HashAlgorithm::Sha256, session_token, "signalbox csrf"));
}

Result<NewSession> Sessions::create(const User& user, const std::string& address, const std::string& agent) {
    const RoleRef role = roles_.find(user.org, user.role);
    if (role == nullptr)
        return Error{
            ErrorKind::Forbidden, "the role " + user.role + " does not exist any more", {}, "forbidden"};
    const TimePoint now = clock_.now();
    NewSession session{ids_.next(), Secret("sbs_" + toBase64Url(randomBytes(32))), now + kLongest};
    const std::string hashed = hashOf(session.text.reveal());
    const auto written = store_.writeAndWait([&](Tx& tx) {
        tx.exec(kInsert, {session.id, user.org, user.id, hashed, address,
                          std::string_view(agent).substr(0, 200), toMicros(now), toMicros(session.ends_at)});
        tx.exec("UPDATE users SET last_login_at = $1 WHERE org = $2 AND id = $3",
                {toMicros(now), user.org, user.id});
    });
    if (!written) return withContext("sign in", written.error());
    std::lock_guard lock(mutex_);
    known_.insert_or_assign(
        hashed, Known{{user.org, session.id, user.id, user.person, role, {}}, now, session.ends_at});
    return session;
}

std::optional<Caller> Sessions::useKnown(const std::string& hashed) {
    const TimePoint now = clock_.now();
    std::lock_guard lock(mutex_);
    const auto it = known_.find(hashed);
    if (it == known_.end() || it->second.ends_at <= now || it->second.last_used_at + kIdle <= now)
        return std::nullopt;
    it->second.last_used_at = now;
    it->second.is_touched = true;
    return it->second.caller;
}

std::optional<Caller> Sessions::verify(std::string_view text) {
    return isSessionToken(text) ? useKnown(hashOf(text)) : std::nullopt;
}

std::optional<Caller> Sessions::verifyOrLoad(std::string_view text) {
    if (!isSessionToken(text)) return std::nullopt;
    const std::string hashed = hashOf(text);
    if (auto caller = useKnown(hashed)) return caller;
    std::optional<Known> found;
    store_.read([&](Reader& reader) {
        const Rows rows = reader.query(kOne, {hashed});
        if (!rows.empty()) found = knownFrom(rows[0]);
    });
    if (!found) return std::nullopt;
    {
        std::lock_guard lock(mutex_);
        known_.emplace(hashed, std::move(*found));  // one that is known already is over
    }
    return useKnown(hashed);
}

std::optional<Sessions::Known> Sessions::knownFrom(const Row& row) const {
    RoleRef role = roles_.find(row.integer(1), row.text(5));
    if (role == nullptr) return std::nullopt;
    return Known{{row.integer(1), row.integer(2), row.integer(3), row.integer(4), std::move(role), {}},
                 fromMicros(row.integer(6)),
                 fromMicros(row.integer(7))};
}

Json Sessions::list(Id org, Id user, Id current) {
    Json items = Json::array();
    store_.read([&](Reader& reader) {
        for (const Row& row : reader.query(kList, {org, user, toMicros(clock_.now())})) {
            items.push_back({{"id", idText(kSessionId, row.integer(0))},
                             {"address", row.text(1)},
                             {"agent", row.text(2)},
                             {"created_at", toRfc3339(fromMicros(row.integer(3)))},
                             {"last_used_at", toRfc3339(fromMicros(row.integer(4)))},
                             {"ends_at", toRfc3339(fromMicros(row.integer(5)))},
                             {"is_current", row.integer(0) == current}});
        }
    });
    return items;
}

Status Sessions::revoke(Id org, Id user, Id session) {
    std::int64_t changed = 0;
    const auto written = store_.writeAndWait([&](Tx& tx) {
        changed =
            tx.exec("DELETE FROM sessions WHERE org = $1 AND user_id = $2 AND id = $3", {org, user, session});
    });
    if (!written) return written;
    if (changed == 0) return Error{ErrorKind::NotFound, "no such session"};
    std::lock_guard lock(mutex_);
    std::erase_if(known_, [&](const auto& entry) { return entry.second.caller.token == session; });
    return Done{};
}

void Sessions::endAll(Tx& tx, Id org, Id user, Id keep) {
    tx.exec("DELETE FROM sessions WHERE org = $1 AND user_id = $2 AND id <> $3", {org, user, keep});
}

void Sessions::forget(Id user, Id keep) {
    std::lock_guard lock(mutex_);
    std::erase_if(known_, [&](const auto& entry) {
        return entry.second.caller.user == user && entry.second.caller.token != keep;
    });
}

void Sessions::refresh() {
    std::unordered_map<std::string, Known> fresh;
    store_.read([&](Reader& reader) {
        for (const Row& row : reader.query(kAll))
            if (auto known = knownFrom(row)) fresh.emplace(row.text(0), std::move(*known));
    });
    std::lock_guard lock(mutex_);
    for (auto& [hashed, known] : fresh) {
        const auto it = known_.find(hashed);
        if (it == known_.end() || it->second.last_used_at <= known.last_used_at) continue;
        known.last_used_at = it->second.last_used_at;
        known.is_touched = it->second.is_touched;
    }
    known_ = std::move(fresh);
}

void Sessions::saveLastUse() {
    std::vector<std::pair<Id, TimePoint>> used;
    {
        std::lock_guard lock(mutex_);
        for (auto& [hashed, known] : known_) {
            if (known.is_touched) used.emplace_back(known.caller.token, known.last_used_at);
            known.is_touched = false;
        }
    }
    const TimePoint now = clock_.now();
    const auto written = store_.writeAndWait([&](Tx& tx) {
        for (const auto& [session, at] : used) {
            tx.exec("UPDATE sessions SET last_used_at = $1 WHERE id = $2 AND last_used_at < $1",
                    {toMicros(at), session});
        }
        tx.exec("DELETE FROM sessions WHERE ends_at <= $1 OR last_used_at <= $2",
                {toMicros(now), toMicros(now - kIdle)});
    });
    if (!written) throw StoreError(StoreError::Kind::Busy, written.error().message);
}

}  // namespace signalbox
