// Lua's patterns (find, match, gmatch, gsub), with every step counted: the library's own matcher can take
// minutes on sixteen kilobytes, and no hook runs meanwhile. Gives the same results and faults as Lua 5.4.
#pragma once

#include <cstddef>
#include <cstdint>

struct lua_State;

namespace signalbox::worker {

class Matcher {
public:
    static constexpr std::uint64_t kMaxSteps = 2'000'000;  // of one call
    static constexpr int kMaxCaptures = 32;

    // The texts stay on the Lua stack of `L` as long as the matcher is used. Faults are raised as Lua errors.
    Matcher(lua_State* L, const char* subject, std::size_t subject_size, const char* pattern,
            std::size_t pattern_size);

    // Where a match that begins at `from` ends, or nullptr. Forgets the captures of the match before.
    const char* matchAt(const char* from);
    // After a match [from, to): pushes all captures, or the whole match when the pattern has none.
    int pushCaptures(const char* from, const char* to);
    // The same without that: find returns the whole match by position.
    int pushOnlyCaptures();
    void pushCapture(int index, const char* from, const char* to);
    int captureCount() const { return level_; }

    const char* begin() const { return begin_; }
    const char* end() const { return end_; }
    // Steps not yet paid for; called once more at the end of a call.
    void settle();

private:
    struct Capture {
        const char* begin;
        std::ptrdiff_t size;
    };
    static constexpr std::ptrdiff_t kOpen = -1, kPosition = -2;
    static constexpr int kMaxDepth = 200;

    const char* match(const char* s, const char* p);
    const char* matchDeeper(const char* s, const char* p);
    const char* openCapture(const char* s, const char* p, std::ptrdiff_t kind);
    const char* closeCapture(const char* s, const char* p);
    const char* skipBalanced(const char* s, const char* p);
    const char* skipCaptured(const char* s, int digit);
    const char* longest(const char* s, const char* p, const char* item_end);
    const char* shortest(const char* s, const char* p, const char* item_end);
    bool isFrontier(const char* s, const char* p, const char* item_end);
    bool matchesOne(const char* s, const char* p, const char* item_end);
    bool isInSet(int c, const char* p, const char* set_end);
    const char* itemEnd(const char* p);
    void step(std::uint64_t count = 1);

    lua_State* L_;
    const char* begin_;
    const char* end_;
    const char* pattern_;
    const char* pattern_end_;
    std::uint64_t steps_ = 0;
    std::uint64_t paid_ = 0;
    int depth_ = 0;
    int level_ = 0;
    Capture captures_[kMaxCaptures];
};

// string.find, match, gmatch and gsub.
int stringFind(lua_State* L);
int stringMatch(lua_State* L);
int stringGmatch(lua_State* L);
int stringGsub(lua_State* L);

}  // namespace signalbox::worker
