// Something that belongs into the commit of whatever this thread writes next, without its knowing: while one
// lives, the first Store::writeAndWait of the thread that made it runs it behind its own writes, in the same
// commit. Like all Writes it may run twice. While one made inside of another lives, the outer one waits.
#pragma once

#include "hub/store/store.h"

namespace signalbox {

class WriteCompanion {
public:
    explicit WriteCompanion(Writes also);
    ~WriteCompanion();
    WriteCompanion(const WriteCompanion&) = delete;
    WriteCompanion& operator=(const WriteCompanion&) = delete;

    // It went along with something that is on disk.
    bool isWritten() const { return is_written_; }

    // Of Store::writeAndWait: the thread's companion that has not been written yet; null: none.
    static WriteCompanion* ofThread();
    const Writes& writes() const { return also_; }
    void setWritten() { is_written_ = true; }

private:
    const Writes also_;
    WriteCompanion* const outer_;
    bool is_written_ = false;
};

}  // namespace signalbox
