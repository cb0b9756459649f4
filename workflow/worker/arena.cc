#include "workflow/worker/arena.h"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>

#include "workflow/worker/meter.h"

namespace signalbox::worker {
namespace {

constexpr std::size_t kKeptPages = 512 * 1024;  // stay mapped between scripts; most never need more

char* mapPages(std::size_t size) {
    void* pages =
        mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return pages == MAP_FAILED ? nullptr : static_cast<char*>(pages);
}

}  // namespace

Arena::Arena(std::size_t reserve) : base_(mapPages(reserve)), end_(base_ + reserve), touched_(base_) {
    if (base_ == nullptr) std::abort();
    new (base_) Head{};
    reset();
}

void Arena::reset() {
    while (head().large != nullptr) giveLarge(head().large + 1);
    touched_ = std::max(touched_, head().top);
    head() = Head{};
    head().top = base_ + (sizeof(Head) + 15) / 16 * 16;
    returnPages();
}

Image Arena::save() const {
    return {base_, head().top};
}

void Arena::restore(const Image& image) {
    while (head().large != nullptr) giveLarge(head().large + 1);
    touched_ = std::max(touched_, head().top);
    returnPages();
    std::memcpy(base_, image.data(), image.size());
}

void Arena::returnPages() {
    if (touched_ <= base_ + kKeptPages) return;
    madvise(base_ + kKeptPages, static_cast<std::size_t>(touched_ - base_) - kKeptPages, MADV_DONTNEED);
    touched_ = base_;
}

// Up to 256 in steps of 16, then four sizes for each doubling.
Arena::SizeClass Arena::classOf(std::size_t size) {
    if (size <= 256) return {(size - 1) / 16, (size + 15) / 16 * 16};
    const auto power = static_cast<std::size_t>(std::bit_width(size - 1)) - 1;  // 2^power < size
    const std::size_t quarter = std::size_t{1} << (power - 2);
    const std::size_t step = (size - 1 - (std::size_t{1} << power)) / quarter;
    return {16 + (power - 8) * 4 + step, (std::size_t{1} << power) + (step + 1) * quarter};
}

void* Arena::reallocate(void* arena, void* block, std::size_t old_size, std::size_t new_size) {
    auto& self = *static_cast<Arena*>(arena);
    if (block == nullptr) return new_size == 0 ? nullptr : self.take(new_size);  // old_size is a type here
    if (new_size != 0) return self.resize(block, old_size, new_size);
    if (old_size != 0) self.give(block, old_size);
    return nullptr;
}

void* Arena::take(std::size_t size) {
    if (size >= kLarge) return takeLarge(size);
    const auto [index, rounded] = classOf(size);
    meter().allocate(rounded, head().used + rounded);
    if (auto* block = head().free[index]) {
        head().free[index] = block->next;
        head().used += rounded;
        return block;
    }
    if (static_cast<std::size_t>(end_ - head().top) < rounded) meter().die(Death::Memory);
    void* block = head().top;
    head().top += rounded;
    head().used += rounded;
    return block;
}

void Arena::give(void* block, std::size_t size) {
    if (size >= kLarge) return giveLarge(block);
    const auto [index, rounded] = classOf(size);
    head().free[index] = new (block) FreeBlock{head().free[index]};
    head().used -= rounded;
    meter().release(head().used);
}

void* Arena::resize(void* block, std::size_t old_size, std::size_t new_size) {
    if (old_size >= kLarge && new_size >= kLarge) return resizeLarge(block, old_size, new_size);
    const bool is_same_class =
        old_size < kLarge && new_size < kLarge && classOf(old_size).index == classOf(new_size).index;
    if (is_same_class) return block;
    void* moved = take(new_size);
    std::memcpy(moved, block, std::min(old_size, new_size));
    give(block, old_size);
    return moved;
}

void* Arena::takeLarge(std::size_t size) {
    meter().allocate(size, head().used + size);
    auto* block = reinterpret_cast<Large*>(mapPages(size + sizeof(Large)));
    if (block == nullptr) meter().die(Death::Memory);
    *block = {head().large, &head().large, size, 0};
    if (block->next != nullptr) block->next->link = &block->next;
    head().large = block;
    head().used += size;
    return block + 1;
}

void* Arena::resizeLarge(void* block, std::size_t old_size, std::size_t new_size) {
    if (new_size > old_size) meter().allocate(new_size - old_size, head().used + new_size - old_size);
    auto* const from = static_cast<Large*>(block) - 1;
    void* const pages = mremap(from, old_size + sizeof(Large), new_size + sizeof(Large), MREMAP_MAYMOVE);
    if (pages == MAP_FAILED) meter().die(Death::Memory);
    auto* const to = static_cast<Large*>(pages);
    to->size = new_size;
    *to->link = to;
    if (to->next != nullptr) to->next->link = &to->next;
    head().used += new_size - old_size;
    meter().release(head().used);
    return to + 1;
}

void Arena::giveLarge(void* block) {
    auto* const from = static_cast<Large*>(block) - 1;
    *from->link = from->next;
    if (from->next != nullptr) from->next->link = from->link;
    head().used -= from->size;
    meter().release(head().used);
    munmap(from, from->size + sizeof(Large));
}

}  // namespace signalbox::worker
