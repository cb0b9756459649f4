#include "daemon/http/io_thread.h"

#include <boost/asio/post.hpp>

#include "base/log.h"
#include "daemon/http/response_bytes.h"

namespace signalbox::http {
namespace {

constexpr std::chrono::milliseconds kTick{250};
// After so many batches in a row sockets get their turn again.
constexpr int kBatchesAtOnce = 8;

}  // namespace

const StreamRoute* Doors::streamFor(std::string_view path) const {
    for (const auto& route : streams) {
        if (route.path == path) return &route;
    }
    return nullptr;
}

IoThread::IoThread(const Doors& doors)
    : doors_(doors),
      work_(context_.get_executor()),
      ticker_(context_),
      inbox_(std::make_shared<Inbox>([this] { boost::asio::post(context_, [this] { emptyInbox(); }); })),
      now_(std::chrono::steady_clock::now()),
      date_(httpDate(clock_.now())) {}

IoThread::~IoThread() {
    stop();
    inbox_->close();
}

void IoThread::start() {
    thread_ = std::thread([this] { run(); });
}

void IoThread::run() {
    inbox_->setOwner();
    waitForTick();
    while (!context_.stopped()) {
        // One of the doors where everything is caught: what a connection throws ends that connection's step,
        // not the others.
        try {
            context_.run();
        } catch (const std::exception& error) {
            log::error("http_connection_failed", {{"reason", error.what()}});
        }
    }
}

void IoThread::waitForTick() {
    ticker_.expires_after(kTick);
    ticker_.async_wait([this](const boost::system::error_code& error) {
        if (!error) tick();
    });
}

void IoThread::tick() {
    waitForTick();
    now_ = std::chrono::steady_clock::now();
    date_ = httpDate(clock_.now());
    eachPeer([](Peer& peer) { peer.tick(); });
}

// A peer may remove itself meanwhile, never another one.
template <class Action>
void IoThread::eachPeer(Action action) {
    for (auto next = peers_.begin(); next != peers_.end();) {
        const auto peer = *next++;
        action(*peer);
    }
}

void IoThread::emptyInbox() {
    for (int i = 0; i < kBatchesAtOnce; ++i) {
        if (!inbox_->take(batch_)) return;
        for (auto& delivery : batch_) {
            if (const auto peer = delivery.to.lock()) peer->deliver(std::move(delivery));
        }
    }
    boost::asio::post(context_, [this] { emptyInbox(); });
}

void IoThread::add(const std::shared_ptr<Peer>& peer) {
    peer->place_ = peers_.insert(peers_.end(), peer);
    peer->is_listed_ = true;
}

void IoThread::remove(Peer& peer) {
    if (!std::exchange(peer.is_listed_, false)) return;
    peers_.erase(peer.place_);
    tellIfEmpty();
}

void IoThread::drain() {
    boost::asio::post(context_, [this] {
        is_draining_ = true;
        eachPeer([](Peer& peer) { peer.drain(); });
        tellIfEmpty();
    });
}

void IoThread::tellIfEmpty() {
    if (!is_draining_ || !peers_.empty()) return;
    {
        std::lock_guard lock(mutex_);
        is_empty_ = true;
    }
    emptied_.notify_all();
}

bool IoThread::waitUntilEmpty(Time deadline) {
    std::unique_lock lock(mutex_);
    return emptied_.wait_until(lock, deadline, [&] { return is_empty_; });
}

void IoThread::stop() {
    if (!thread_.joinable()) return;
    boost::asio::post(context_, [this] {
        is_draining_ = true;
        eachPeer([](Peer& peer) { peer.abort(); });
        inbox_->close();
        context_.stop();
    });
    thread_.join();
}

}  // namespace signalbox::http
