// What has to be done for stored files now and then, on a thread of its own: keys that another node made,
// uploads whose time is over, content that nobody names any more.
#pragma once

#include <thread>

#include "hub/files/blob_collector.h"
#include "hub/files/uploads.h"

namespace signalbox {

class FileCare {
public:
    FileCare(Clock& clock, BlobKeys& keys, Uploads& uploads, BlobCollector& collector)
        : clock_(clock), keys_(keys), uploads_(uploads), collector_(collector) {}

    void start();
    void stop();  // waits for what is under way

private:
    void run(const std::stop_token& stop);
    void cleanUp(const std::stop_token& stop);

    Clock& clock_;
    BlobKeys& keys_;
    Uploads& uploads_;
    BlobCollector& collector_;
    std::jthread thread_;
};

}  // namespace signalbox
