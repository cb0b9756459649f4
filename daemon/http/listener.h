// Accepts connections and deals them out to the threads in turn. One acceptor, not one for each thread with
// SO_REUSEPORT: a second daemon on the same port must fail, not take half of the traffic.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <memory>

#include "base/result.h"
#include "daemon/http/admission.h"
#include "daemon/http/io_thread.h"
#include "daemon/http/sockets.h"
#include "daemon/http/tls.h"

namespace signalbox::http {

class Listener {
public:
    // Accepts on the first of `threads`. All of these must outlive the listener.
    Listener(const std::vector<std::unique_ptr<IoThread>>& threads, Admission& admission,
             const TlsCertificate& tls);

    Status bind(const std::string& host, std::uint16_t port);
    std::uint16_t port() const { return port_; }
    // After the threads have been started.
    void start();
    // When it returns nothing is accepted any more. Not on an IoThread.
    void close();

    std::uint64_t accepted() const { return accepted_.get(); }
    std::uint64_t refused() const { return refused_.get(); }

private:
    void acceptNext();
    void onAccepted(IoThread& thread, PlainSocket socket);
    void pause(const ErrorCode& reason);
    void refuse(PlainSocket& socket);

    const std::vector<std::unique_ptr<IoThread>>& threads_;
    Admission& admission_;
    const TlsCertificate& tls_;
    asio::ip::tcp::acceptor acceptor_;
    asio::steady_timer pause_;
    std::uint16_t port_ = 0;
    std::size_t turn_ = 0;
    bool is_failing_ = false;
    Counter accepted_, refused_;
};

}  // namespace signalbox::http
