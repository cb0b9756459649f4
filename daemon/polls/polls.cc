#include "daemon/polls/polls.h"

namespace signalbox {

Polls::Polls(PollRunner::Parts parts) : parts_(parts) {
    if (parts_.leases.isShared())
        renewer_ = std::jthread([this](const std::stop_token& stop) { renewLeases(stop); });
}

void Polls::renewLeases(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        parts_.leases.renew();
        parts_.clock.wait(wakeup_, parts_.clock.now() + kPollLease / 4, stop);
    }
}

Polls::~Polls() {
    stop();
}

void Polls::run(const std::vector<ConnectedRef>& accounts) {
    std::map<Id, ConnectedRef> wanted;
    for (const ConnectedRef& connected : accounts) {
        if (connected->connector->poller() != nullptr) wanted.emplace(connected->account->id, connected);
    }
    std::map<Id, std::unique_ptr<PollRunner>> gone;
    {
        std::lock_guard lock(mutex_);
        for (auto it = runners_.begin(); it != runners_.end();) {
            const auto mine = wanted.find(it->first);
            if (mine != wanted.end() && mine->second == it->second->connected()) {
                ++it;
                continue;
            }
            gone.insert(runners_.extract(it++));
        }
    }
    for (const auto& [id, runner] : gone) runner->requestStop();  // all at once, then wait for each
    gone.clear();
    std::lock_guard lock(mutex_);
    for (const auto& [id, connected] : wanted) {
        if (!runners_.contains(id)) runners_.emplace(id, std::make_unique<PollRunner>(parts_, connected));
    }
}

void Polls::stop() {
    run({});
}

bool Polls::fetchNow(Id account) {
    std::lock_guard lock(mutex_);
    const auto it = runners_.find(account);
    if (it == runners_.end()) return false;
    it->second->fetchNow();
    return true;
}

std::optional<PollView> Polls::view(Id account) const {
    std::lock_guard lock(mutex_);
    const auto it = runners_.find(account);
    if (it == runners_.end()) return std::nullopt;
    return it->second->view();
}

}  // namespace signalbox
