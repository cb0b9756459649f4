// Server-Sent Events from bytes as they come (the event stream format of HTML, section 9.2). Pure; one
// thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace signalbox::client {

class EventStream {
public:
    // False from `on_event` ends the reading.
    using OnEvent = std::function<bool(const std::string& id, const std::string& data)>;
    explicit EventStream(OnEvent on_event) : on_event_(std::move(on_event)) {}

    // False once the receiver had enough, or an event is larger than 16 MiB.
    bool feed(std::string_view bytes);

private:
    bool takeLine(std::string_view line);

    OnEvent on_event_;
    std::string line_, id_, data_;
    bool has_data_ = false;
    bool was_return_ = false;  // a line feed behind it belongs to it
};

}  // namespace signalbox::client
