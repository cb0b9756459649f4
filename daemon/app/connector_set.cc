#include "daemon/app/connector_set.h"

namespace signalbox {
namespace {

Result<ConnectedRef> connect(const ConnectorSet::Entry& entry, HttpClient& http, const Clock& clock,
                             const AddressPolicy& egress) {
    const ConnectorType* type = findConnectorType(entry.account->type);
    const std::string where = "account " + entry.account->name;
    if (type == nullptr)
        return Error{ErrorKind::Invalid, where + ": no connector is called " + entry.account->type};
    auto connector = type->create({entry.account->name, entry.config, http, clock, egress});
    if (!connector) return withContext(where, connector.error());
    auto connected = std::make_shared<ConnectedAccount>();
    connected->account = entry.account;
    connected->connector = std::move(*connector);
    if (textAt(entry.config, "respond_with") == "workflow") {
        connected->respond_timeout = std::chrono::seconds(numberAt(entry.config, "respond_timeout_s", 10));
    }
    const Json& rate = memberAt(entry.config, "rate_per_s");
    if (rate.is_number()) connected->rate_per_s = rate.get<double>();
    return ConnectedRef(std::move(connected));
}

}  // namespace

Status ConnectorSet::replace(const std::vector<Entry>& entries, HttpClient& http, const Clock& clock,
                             const AddressPolicy& egress) {
    std::unordered_map<std::string, ConnectedRef> by_name;
    std::unordered_map<Id, ConnectedRef> by_id;
    for (const Entry& entry : entries) {
        auto connected = connect(entry, http, clock, egress);
        if (!connected) return connected.error();
        by_id.emplace(entry.account->id, *connected);
        by_name.emplace(entry.account->name, std::move(*connected));
    }
    std::lock_guard lock(mutex_);
    by_name_ = std::move(by_name);
    by_id_ = std::move(by_id);
    return Done{};
}

ConnectedRef ConnectorSet::byName(std::string_view name) const {
    std::lock_guard lock(mutex_);
    const auto it = by_name_.find(std::string(name));
    return it == by_name_.end() ? nullptr : it->second;
}

ConnectedRef ConnectorSet::byId(Id account) const {
    std::lock_guard lock(mutex_);
    const auto it = by_id_.find(account);
    return it == by_id_.end() ? nullptr : it->second;
}

std::vector<ConnectedRef> ConnectorSet::all() const {
    std::lock_guard lock(mutex_);
    std::vector<ConnectedRef> all;
    for (const auto& [name, connected] : by_name_) all.push_back(connected);
    return all;
}

}  // namespace signalbox
