#include "workflow/worker/meter.h"

#include <cstdio>
#include <ctime>
#include <lua.hpp>

namespace signalbox::worker {
namespace {

constexpr int kInterval = 10'000;
// With megabytes in hand one instruction may compare or hash megabytes, so the clock is read more often.
constexpr int kShortInterval = 200;
constexpr std::size_t kMuchMemory = 2 << 20;
constexpr std::uint64_t kBytesBetweenChecks = 4 << 20;

std::uint64_t cpuNow() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec);
}

}  // namespace

Meter& meter() {
    static Meter the_only_one;
    return the_only_one;
}

void Meter::begin(std::uint32_t cpu_budget_us, std::size_t memory_limit) {
    steps_left_ = kInstructions;
    steps_since_check_ = bytes_since_check_ = 0;
    cpu_budget_us_ = cpu_budget_us;
    cpu_end_ns_ = cpuNow() + std::uint64_t{cpu_budget_us} * 1000;
    memory_limit_ = memory_limit;
    interval_ = kInterval;
    used_at_last_collection_ = 0;
    death_ = Death::None;
    place_[0] = '\0';
}

void Meter::arm(lua_State* state) {
    state_ = state;
    interval_ = kInterval;
    lua_sethook(state, &Meter::hook, LUA_MASKCOUNT, kInterval);
}

void Meter::charge(std::uint64_t steps) {
    if (steps >= steps_left_) die(Death::Instructions);
    steps_left_ -= steps;
    steps_since_check_ += steps;
    if (steps_since_check_ >= kInterval) checkClock();
}

void Meter::allocate(std::size_t size, std::size_t used) {
    used_ = used;
    if (used > memory_limit_) die(Death::Memory);
    if (used > kMuchMemory && interval_ == kInterval) {
        interval_ = kShortInterval;
        lua_sethook(state_, &Meter::hook, LUA_MASKCOUNT, kShortInterval);
    }
    // Making long strings is the work of a few instructions and takes long all the same.
    bytes_since_check_ += size;
    if (bytes_since_check_ >= kBytesBetweenChecks) checkClock();
}

void Meter::hook(lua_State* state, lua_Debug*) {
    Meter& self = meter();
    self.charge(static_cast<std::uint64_t>(self.interval_));
    if (self.interval_ == kInterval) return;
    self.checkClock();
    // Nobody collects once the limit is reached (see Arena), so garbage must go before.
    const std::size_t step = self.memory_limit_ / 8;
    if (self.used_ < self.memory_limit_ / 4 * 3 || self.used_ < self.used_at_last_collection_ + step) return;
    lua_gc(state, LUA_GCCOLLECT);
    self.used_at_last_collection_ = self.used_;
}

void Meter::checkClock() {
    steps_since_check_ = bytes_since_check_ = 0;
    if (cpuNow() > cpu_end_ns_) die(Death::CpuTime);
}

void Meter::notePlace() {
    lua_Debug frame;
    for (int level = 0; lua_getstack(state_, level, &frame) == 1 && level < 16; ++level) {
        lua_getinfo(state_, "Sl", &frame);
        if (frame.currentline <= 0) continue;
        std::snprintf(place_, sizeof place_, "%s:%d:", frame.short_src, frame.currentline);
        return;
    }
}

void Meter::die(Death death) {
    death_ = death;
    notePlace();
    std::longjmp(exit, 1);
}

}  // namespace signalbox::worker
