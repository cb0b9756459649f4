// All memory of the one Lua state, at one place. Because nothing of a state lies elsewhere and the place
// never moves, the bytes of a fresh state can be kept (`Image`) and put back: that is how every script gets a
// state that no other script has touched, for the price of copying some kilobytes. An allocation beyond the
// limit ends the script (Meter::die) instead of failing: Lua 5.4.4 frees memory that it still uses when it
// has to collect in the middle of an operation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace signalbox::worker {

using Image = std::vector<char>;

class Arena {
public:
    explicit Arena(std::size_t reserve);  // address space, not memory

    // Empties it. Whoever pointed into it must be gone.
    void reset();
    // Of everything allocated; only while there are no large blocks.
    Image save() const;
    void restore(const Image& image);
    bool hasLargeBlocks() const { return head().large != nullptr; }
    std::size_t used() const { return head().used; }

    // lua_Alloc; `arena` is the Arena.
    static void* reallocate(void* arena, void* block, std::size_t old_size, std::size_t new_size);

private:
    // Blocks of 128 KiB and more come from the system, so that growing texts leave no holes behind.
    struct Large {
        Large* next;
        Large** link;  // what points to this one
        std::size_t size;
        std::size_t unused;
    };
    static constexpr std::size_t kLarge = 128 * 1024;
    static constexpr std::size_t kClasses = 16 + 4 * 9;
    struct FreeBlock {
        FreeBlock* next;
    };
    // The first bytes of the arena itself, so that an image holds the allocator's state too.
    struct Head {
        char* top;
        std::size_t used;
        Large* large;
        FreeBlock* free[kClasses];
    };
    struct SizeClass {
        std::size_t index, size;
    };
    static SizeClass classOf(std::size_t size);

    Head& head() { return *reinterpret_cast<Head*>(base_); }
    const Head& head() const { return *reinterpret_cast<const Head*>(base_); }
    void* take(std::size_t size);
    void give(void* block, std::size_t size);
    void* resize(void* block, std::size_t old_size, std::size_t new_size);
    void* takeLarge(std::size_t size);
    void* resizeLarge(void* block, std::size_t old_size, std::size_t new_size);
    void giveLarge(void* block);
    void returnPages();

    char* base_;
    char* end_;
    char* touched_;  // highest top since pages were returned
};

}  // namespace signalbox::worker
