// What stops a flood must get through while the queue of writes is full: writes that a thread submits while
// it holds one of these find some room more. For calls of people that end work, not for work. Any thread.
#pragma once

#include <cstddef>

namespace signalbox {

class UrgentWrites {
public:
    static constexpr std::size_t kRoom = 1000;

    UrgentWrites() : was_on_(is_on_) { is_on_ = true; }
    ~UrgentWrites() { is_on_ = was_on_; }
    UrgentWrites(const UrgentWrites&) = delete;
    UrgentWrites& operator=(const UrgentWrites&) = delete;

    static bool isOn() { return is_on_; }

private:
    inline static thread_local bool is_on_ = false;
    const bool was_on_;
};

}  // namespace signalbox
