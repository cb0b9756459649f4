#include "hub/access/tokens.h"

#include "base/crypto.h"

namespace signalbox {
namespace {

constexpr std::string_view kInsert =
    "INSERT INTO api_tokens (id, org, name, role, scopes, hash, created_at, expires_at)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
constexpr std::string_view kAll =
    "SELECT id, org, role, scopes, expires_at, hash FROM api_tokens WHERE revoked_at IS NULL";
constexpr std::string_view kList =
    "SELECT id, name, role, scopes, created_at, expires_at FROM api_tokens"
    " WHERE org = $1 AND revoked_at IS NULL ORDER BY id DESC";

std::string hashOf(std::string_view text) {
    return toHex(hash(HashAlgorithm::Sha256, text));
}

std::vector<std::string> scopesFrom(const std::string& text) {
    const auto json = parseJson(text);
    return json && json->is_array() ? json->get<std::vector<std::string>>() : std::vector<std::string>{};
}

}  // namespace

Result<NewToken> Tokens::create(Id org, const std::string& name, const RoleRef& role,
                                const std::vector<std::string>& scopes, std::optional<TimePoint> expires_at) {
    const std::string text = "sbt_" + toBase64Url(randomBytes(32));
    const Id id = ids_.next();
    const std::string hashed = hashOf(text);
    const std::string scope_list = dumpJson(Json(scopes));
    const auto written = store_.writeAndWait([&](Tx& tx) {
        tx.exec(kInsert, {id, org, name, role->name, scope_list, hashed, toMicros(clock_.now()),
                          expires_at ? Value(toMicros(*expires_at)) : Value(nullptr)});
    });
    if (!written) return withContext("create token", written.error());
    {
        std::lock_guard lock(mutex_);
        known_.insert_or_assign(hashed, Known{{org, id, 0, 0, role, scopes}, expires_at});
    }
    return NewToken{id, Secret(text)};
}

std::optional<Caller> Tokens::verify(std::string_view text) {
    if (!text.starts_with("sbt_") || text.size() > 100) return std::nullopt;
    const std::string hashed = hashOf(text);
    std::lock_guard lock(mutex_);
    const auto it = known_.find(hashed);
    if (it == known_.end()) return std::nullopt;
    const bool is_over = it->second.expires_at && *it->second.expires_at <= clock_.now();
    return is_over ? std::nullopt : std::optional(it->second.caller);
}

void Tokens::refresh() {
    std::unordered_map<std::string, Known> known;
    store_.read([&](Reader& reader) {
        for (const Row& row : reader.query(kAll)) {
            RoleRef role = roles_.find(row.integer(1), row.text(2));
            if (role == nullptr) continue;  // its role was removed: it may do nothing
            Known one{{row.integer(1), row.integer(0), 0, 0, std::move(role), scopesFrom(row.text(3))},
                      std::nullopt};
            if (!row.isNull(4)) one.expires_at = fromMicros(row.integer(4));
            known.emplace(row.text(5), std::move(one));
        }
    });
    std::lock_guard lock(mutex_);
    known_ = std::move(known);
}

Json Tokens::list(Id org) {
    Json items = Json::array();
    store_.read([&](Reader& reader) {
        for (const Row& row : reader.query(kList, {org})) {
            items.push_back({{"id", idText(kTokenId, row.integer(0))},
                             {"name", row.text(1)},
                             {"role", row.text(2)},
                             {"scopes", scopesFrom(row.text(3))},
                             {"created_at", toRfc3339(fromMicros(row.integer(4)))},
                             {"expires_at",
                              row.isNull(5) ? Json(nullptr) : Json(toRfc3339(fromMicros(row.integer(5))))}});
        }
    });
    return items;
}

Status Tokens::revoke(Id org, Id token) {
    std::int64_t changed = 0;
    const auto written = store_.writeAndWait([&](Tx& tx) {
        changed =
            tx.exec("UPDATE api_tokens SET revoked_at = $1 WHERE org = $2 AND id = $3 AND revoked_at IS NULL",
                    {toMicros(clock_.now()), org, token});
    });
    if (!written) return written;
    {
        std::lock_guard lock(mutex_);
        std::erase_if(known_, [&](const auto& entry) { return entry.second.caller.token == token; });
    }
    if (changed == 0) return Error{ErrorKind::NotFound, "no such token"};
    return Done{};
}

}  // namespace signalbox
