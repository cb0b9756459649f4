#include "hub/accounts/accounts.h"

#include <algorithm>

#include "hub/accounts/built_in.h"

namespace signalbox {
namespace {

constexpr std::string_view kSelectAll =
    "SELECT id, org, name, type, channel, owner, private_to, scope FROM accounts";
constexpr std::string_view kInsert =
    "INSERT INTO accounts (id, org, name, type, channel, changed_at) VALUES ($1, $2, $3, $4, $5, $6)"
    " ON CONFLICT (org, name) DO UPDATE SET type = $4, channel = $5";
constexpr std::string_view kOtherOwner =
    "SELECT 1 FROM accounts WHERE org = $1 AND name = $2 AND owner <> $3";

std::vector<Account> load(Store& store) {
    std::vector<Account> accounts;
    store.read([&](Reader& reader) {
        for (const Row& row : reader.query(kSelectAll)) {
            Account account{row.integer(0), row.integer(1), row.text(2), row.text(3), row.text(4)};
            account.owner = row.integer(5);
            account.private_to = row.integer(6);
            account.scope = row.integer(7);
            accounts.push_back(std::move(account));
        }
    });
    return accounts;
}

}  // namespace

Status Accounts::replace(Store& store, Ids& ids, const Clock& clock, std::vector<Account> configured) {
    // What lies in the account of that name would be shown to others, or be hidden from them.
    std::string taken;
    store.read([&](Reader& reader) {
        for (const Account& account : configured)
            if (!reader.query(kOtherOwner, {account.org, account.name, account.owner}).empty())
                taken = account.name;
    });
    if (!taken.empty())
        return Error{ErrorKind::Conflict,
                     "account " + taken + ": a user has, or had, a mailbox of that name; choose another name",
                     {},
                     "account_exists"};
    std::vector<Id> fresh(configured.size());
    std::generate(fresh.begin(), fresh.end(), [&] { return ids.next(); });
    const auto written = store.writeAndWait([&](Tx& tx) {
        for (std::size_t i = 0; i < configured.size(); ++i) {
            const Account& account = configured[i];
            tx.exec(kInsert, {fresh[i], account.org, account.name, account.type, account.channel,
                              toMicros(clock.now())});
        }
    });
    if (!written) return written;

    std::map<std::pair<Id, std::string>, AccountRef> by_name;
    std::unordered_map<Id, AccountRef> by_id;
    for (Account& row : load(store)) {
        const auto mine = std::find_if(configured.begin(), configured.end(), [&](const Account& account) {
            return account.org == row.org && account.name == row.name;
        });
        if (mine != configured.end()) {
            row.region = mine->region;
            row.is_send_idempotent = mine->is_send_idempotent;
            row.address = mine->address;
        }
        const auto account = std::make_shared<const Account>(std::move(row));
        by_id.emplace(account->id, account);
        if (mine != configured.end()) by_name.emplace(std::pair(account->org, account->name), account);
    }
    store_ = &store;
    {
        std::lock_guard lock(private_mutex_);
        private_at_ = {};  // what this daemon changed counts at once
    }
    std::lock_guard lock(mutex_);
    by_name_ = std::move(by_name);
    by_id_ = std::move(by_id);
    return Done{};
}

Id Accounts::privateTo(Id account) const {
    if (account == 0) return 0;
    const auto known = byId(account);
    if (store_ == nullptr || (store_->isExclusive() && known)) return known ? known->private_to : 0;
    return privateInDatabase(account);
}

Id Accounts::privateInDatabase(Id account) const {
    constexpr auto kGoodFor = std::chrono::milliseconds(200);
    const auto now = std::chrono::steady_clock::now();
    std::lock_guard lock(private_mutex_);
    // Made a moment ago, it may not be among those that were read.
    if (now - private_at_ > kGoodFor || !byId(account)) {
        std::unordered_map<Id, Id> all;
        store_->read([&](Reader& reader) {
            for (const Row& row : reader.query("SELECT id, private_to FROM accounts WHERE private_to <> 0"))
                all.emplace(row.integer(0), row.integer(1));
        });
        private_ = std::move(all);
        private_at_ = now;
    }
    const auto found = private_.find(account);
    return found == private_.end() ? 0 : found->second;
}

bool Accounts::hides(Id account, std::string_view event_type) const {
    return !event_type.starts_with("account.") && privateTo(account) != 0;
}

AccountRef Accounts::byName(std::string_view name) const {
    return byName(kDefaultOrg, name);
}

AccountRef Accounts::byName(Id org, std::string_view name) const {
    std::lock_guard lock(mutex_);
    const auto it = by_name_.find(std::pair(org, std::string(name)));
    return it == by_name_.end() ? nullptr : it->second;
}

AccountRef Accounts::everByName(Id org, std::string_view name) const {
    if (auto connected = byName(org, name)) return connected;
    std::lock_guard lock(mutex_);
    const auto it = std::find_if(by_id_.begin(), by_id_.end(), [&](const auto& entry) {
        return entry.second->org == org && entry.second->name == name;
    });
    return it == by_id_.end() ? nullptr : it->second;
}

AccountRef Accounts::byId(Id id) const {
    std::lock_guard lock(mutex_);
    const auto it = by_id_.find(id);
    return it == by_id_.end() ? nullptr : it->second;
}

std::vector<AccountRef> Accounts::all() const {
    std::vector<AccountRef> accounts;
    {
        std::lock_guard lock(mutex_);
        for (const auto& [key, account] : by_name_)
            if (!isBuiltIn(*account)) accounts.push_back(account);
    }
    std::sort(accounts.begin(), accounts.end(),
              [](const auto& a, const auto& b) { return a->name < b->name; });
    return accounts;
}

AccountState readAccountState(Reader& reader, Id account) {
    const Rows rows = reader.query("SELECT state, state_reason FROM accounts WHERE id = $1", {account});
    return rows.empty() ? AccountState{} : AccountState{rows[0].text(0), rows[0].text(1)};
}

bool setAccountState(Tx& tx, Id account, const AccountState& state, TimePoint now) {
    return tx.exec(
               "UPDATE accounts SET state = $1, state_reason = $2, changed_at = $3"
               " WHERE id = $4 AND state <> $1",
               {state.state, state.reason, toMicros(now), account}) == 1;
}

Status ensureOrganization(Store& store, const Clock& clock, const std::string& name) {
    return store.writeAndWait([&](Tx& tx) {
        tx.exec("INSERT INTO orgs (id, name, created_at) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING",
                {kDefaultOrg, name, toMicros(clock.now())});
    });
}

}  // namespace signalbox
