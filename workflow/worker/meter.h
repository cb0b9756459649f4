// What a script may use up: memory, instructions, CPU time. When one of them is gone the script is dead:
// `die` leaves all its frames at once by longjmp, so nothing a script does (pcall, error handlers,
// metamethods) can go on running. The state it leaves behind is torn and is never touched again, only
// overwritten (interpreter.h). For the same reason no object with a destructor may live in a function that
// Lua has called.
#pragma once

#include <csetjmp>
#include <cstddef>
#include <cstdint>

struct lua_State;
struct lua_Debug;

namespace signalbox::worker {

enum class Death : int { None, Instructions, CpuTime, Memory };

class Meter {
public:
    static constexpr std::uint64_t kInstructions = 20'000'000;

    void begin(std::uint32_t cpu_budget_us, std::size_t memory_limit);

    // Work of a C function, in steps of about one instruction.
    void charge(std::uint64_t steps);
    // The allocator is about to hand out `size` bytes, and then holds `used`.
    void allocate(std::size_t size, std::size_t used);
    // The allocator has taken something back, and now holds `used`.
    void release(std::size_t used) { used_ = used; }
    // Lua's count hook; `arm` makes `state` call it.
    void arm(lua_State* state);
    static void hook(lua_State* state, lua_Debug*);

    [[noreturn]] void die(Death death);

    std::jmp_buf exit;  // set by whoever runs a script
    Death death() const { return death_; }
    const char* place() const { return place_; }  // "node:x:12:" where it died, or ""
    std::uint32_t cpuBudgetMs() const { return cpu_budget_us_ / 1000; }
    std::size_t memoryLimit() const { return memory_limit_; }

private:
    void checkClock();
    void notePlace();

    lua_State* state_ = nullptr;
    std::uint64_t steps_left_ = kInstructions;
    std::uint64_t steps_since_check_ = 0;
    std::uint64_t bytes_since_check_ = 0;
    std::uint64_t cpu_end_ns_ = ~std::uint64_t{0};
    std::size_t memory_limit_ = ~std::size_t{0};
    std::uint32_t cpu_budget_us_ = 0;
    int interval_ = 0;
    std::size_t used_at_last_collection_ = 0;
    std::size_t used_ = 0;
    Death death_ = Death::None;
    char place_[80] = {};
};

// A worker runs one script at a time.
Meter& meter();

}  // namespace signalbox::worker
