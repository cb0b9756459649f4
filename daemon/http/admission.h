// How many connections are open, in all and from one address (an IPv6 /64 counts as one). Asked when a
// connection comes and when it goes, never in between. Thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace signalbox::http {

class Admission {
public:
    // The network part of an address: a whole IPv4 address, or the first half of an IPv6 address.
    using Source = std::array<std::uint8_t, 8>;

    Admission(std::size_t max_open, std::size_t max_per_source)
        : max_open_(max_open), max_per_source_(max_per_source) {}

    // One admitted connection; gives its place back when it goes. The Admission must outlive it.
    class Place {
    public:
        Place(Place&& other) noexcept : admission_(other.admission_), source_(other.source_) {
            other.admission_ = nullptr;
        }
        Place& operator=(Place&&) = delete;
        ~Place() { giveBack(); }
        void giveBack() {
            if (const auto admission = std::exchange(admission_, nullptr)) admission->leave(source_);
        }

    private:
        friend class Admission;
        Place(Admission& admission, const Source& source) : admission_(&admission), source_(source) {}
        Admission* admission_;
        Source source_;
    };

    // Nothing when there is no room.
    std::optional<Place> admit(const Source& source);
    std::size_t open() const;

private:
    void leave(const Source& source);

    const std::size_t max_open_, max_per_source_;
    mutable std::mutex mutex_;
    std::size_t open_ = 0;
    std::map<Source, std::size_t> by_source_;
};

}  // namespace signalbox::http
