#include "daemon/app/connector_set.h"

#include "base/crypto.h"

namespace signalbox {
namespace {

// Secrets are part of it, so it is a hash.
std::string madeOf(const ConnectorSet::Entry& entry) {
    const Account& account = *entry.account;
    return hash(HashAlgorithm::Sha256,
                dumpJson({account.id, account.org, account.name, account.type, account.channel,
                          account.region, account.is_send_idempotent, account.address, account.private_to,
                          entry.hook, entry.http != nullptr, entry.config}));
}

Result<ConnectedRef> connect(const ConnectorSet::Entry& entry, HttpClient& http, const Clock& clock,
                             const AddressPolicy& egress) {
    const ConnectorType* type = findConnectorType(entry.account->type);
    const std::string where = "account " + entry.account->name;
    if (type == nullptr)
        return Error{ErrorKind::Invalid, where + ": no connector is called " + entry.account->type};
    auto connector =
        type->create({entry.account->name, entry.config, entry.http != nullptr ? *entry.http : http, clock,
                      egress, entry.http != nullptr});
    if (!connector) return withContext(where, connector.error());
    auto connected = std::make_shared<ConnectedAccount>();
    connected->account = entry.account;
    connected->connector = std::move(*connector);
    connected->hook = entry.hook.empty() ? entry.account->name : entry.hook;
    if (textAt(entry.config, "respond_with") == "workflow") {
        connected->respond_timeout = std::chrono::seconds(numberAt(entry.config, "respond_timeout_s", 10));
    }
    const Json& rate = memberAt(entry.config, "rate_per_s");
    if (rate.is_number()) connected->rate_per_s = rate.get<double>();
    connected->made_of = madeOf(entry);
    return ConnectedRef(std::move(connected));
}

}  // namespace

std::string ownAddress(const Json& config) {
    std::string address = textAt(config, "address");
    for (char& c : address) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    return address;
}

Status ConnectorSet::replace(const std::vector<Entry>& entries, HttpClient& http, const Clock& clock,
                             const AddressPolicy& egress, const Prepare& prepare) {
    std::unordered_map<std::string, ConnectedRef> by_hook;
    std::unordered_map<Id, ConnectedRef> by_id;
    std::string faults;
    for (const Entry& entry : entries) {
        const ConnectedRef before = byId(entry.account->id);
        const bool is_same = before != nullptr && before->made_of == madeOf(entry);
        auto connected = is_same ? Result<ConnectedRef>(before) : connect(entry, http, clock, egress);
        if (!connected) {
            faults += (faults.empty() ? "" : "\n") + connected.error().message;
            continue;
        }
        if (!is_same && prepare) prepare(**connected);
        by_id.emplace(entry.account->id, *connected);
        std::string hook = (*connected)->hook;
        by_hook.emplace(std::move(hook), std::move(*connected));
    }
    if (!faults.empty()) return Error{ErrorKind::Invalid, faults, {}, "config"};
    std::lock_guard lock(mutex_);
    by_hook_ = std::move(by_hook);
    by_id_ = std::move(by_id);
    return Done{};
}

ConnectedRef ConnectorSet::byHook(std::string_view hook) const {
    std::lock_guard lock(mutex_);
    const auto it = by_hook_.find(std::string(hook));
    return it == by_hook_.end() ? nullptr : it->second;
}

ConnectedRef ConnectorSet::byId(Id account) const {
    std::lock_guard lock(mutex_);
    const auto it = by_id_.find(account);
    return it == by_id_.end() ? nullptr : it->second;
}

std::vector<ConnectedRef> ConnectorSet::all() const {
    std::lock_guard lock(mutex_);
    std::vector<ConnectedRef> all;
    for (const auto& [id, connected] : by_id_) all.push_back(connected);
    return all;
}

}  // namespace signalbox
