#include "daemon/app/commands.h"

#include <filesystem>

namespace signalbox {
namespace {

// The database with the configured organization in it, closed when the command ends.
class CommandStore {
public:
    explicit CommandStore(const AppOptions& options) {
        std::error_code ignored;
        std::filesystem::create_directories(options.data, ignored);
        auto store = openStore(options.store);
        if (!store) {
            status_ = store.error();
            return;
        }
        store_ = std::move(*store);
        status_ = ensureOrganization(*store_, clock_, options.organization);
        roles_ = std::make_unique<Roles>(*store_, clock_);
        roles_->refresh();
    }
    ~CommandStore() {
        if (store_) store_->close();
    }
    CommandStore(const CommandStore&) = delete;
    CommandStore& operator=(const CommandStore&) = delete;

    const Status& status() const { return status_; }
    Store& store() { return *store_; }
    const Clock& clock() const { return clock_; }
    Ids& ids() { return ids_; }
    const Roles& roles() const { return *roles_; }

    Result<Id> organization(const std::string& name) {
        std::optional<Id> org;
        store_->read([&](Reader& reader) { org = findOrganization(reader, name); });
        if (!org)
            return Error{ErrorKind::NotFound, "no organization is called «" + name +
                                                  "»; make it: signalboxd org create --config FILE NAME"};
        return *org;
    }
    Result<RoleRef> role(Id org, const std::string& name) const {
        if (auto role = roles_->find(org, name)) return role;
        std::string names;
        for (const RoleRef& role : roles_->all(org)) names += (names.empty() ? "" : ", ") + role->name;
        return Error{ErrorKind::Invalid, "--role takes one of " + names};
    }

private:
    SystemClock clock_;
    Ids ids_{clock_, 0};
    std::unique_ptr<Store> store_;
    std::unique_ptr<Roles> roles_;
    Status status_ = Done{};
};

}  // namespace

Status checkAccounts(const AppOptions& options) {
    const SystemClock clock;
    const auto http = makeHttpClient(options.egress);
    std::vector<ConnectorSet::Entry> entries;
    for (const AccountOptions& one : options.accounts) {
        Account account;
        account.id = static_cast<Id>(entries.size() + 1);
        account.name = one.name;
        account.type = one.type;
        entries.push_back({std::make_shared<const Account>(std::move(account)), one.config});
    }
    return ConnectorSet().replace(entries, *http, clock, options.egress, {});
}

Result<NewToken> makeToken(const AppOptions& options, const std::string& org, const std::string& role,
                           const std::string& name) {
    CommandStore opened(options);
    if (!opened.status()) return opened.status().error();
    const auto found = org.empty() ? Result<Id>(kDefaultOrg) : opened.organization(org);
    if (!found) return found.error();
    const auto known = opened.role(*found, role);
    if (!known) return known.error();
    if ((*known)->sees != Sees::Everything)
        return Error{ErrorKind::Invalid,
                     "--role " + role + " is for users; a token takes admin, agent or viewer"};
    Tokens tokens(opened.store(), opened.ids(), opened.clock(), opened.roles());
    return tokens.create(*found, name, *known, {}, std::nullopt);
}

Result<MadeOrganization> createOrganization(const AppOptions& options, const std::string& name) {
    CommandStore opened(options);
    if (!opened.status()) return opened.status().error();
    return makeOrganization(opened.store(), opened.ids(), opened.clock(), name);
}

Result<Id> createUser(const AppOptions& options, const NewUser& wanted) {
    const auto email = normalizeEmail(wanted.email);
    if (!email) return Error{ErrorKind::Invalid, "--email: not an e-mail address"};
    if (auto checked = checkNewPassword(wanted.password, *email); !checked) return checked.error();
    CommandStore opened(options);
    if (!opened.status()) return opened.status().error();
    const auto org = opened.organization(wanted.org);
    if (!org) return org.error();
    const auto role = opened.role(*org, wanted.role);
    if (!role) return role.error();
    Passwords passwords;
    auto encoded = passwords.hash(wanted.password);
    if (!encoded) return encoded.error();
    const User user{opened.ids().next(), *org, *email, wanted.name, (*role)->name, 0, true, *encoded};
    bool is_new = false;
    const auto written =
        opened.store().writeAndWait([&](Tx& tx) { is_new = insertUser(tx, user, opened.clock().now()); });
    if (!written) return withContext("create user", written.error());
    if (!is_new)
        return Error{
            ErrorKind::Conflict, "the organization has a user of that address already", {}, "user_exists"};
    return user.id;
}

}  // namespace signalbox
