#include "hub/store/write_companion.h"

namespace signalbox {
namespace {

thread_local WriteCompanion* of_thread = nullptr;

}  // namespace

WriteCompanion::WriteCompanion(Writes also) : also_(std::move(also)), outer_(of_thread) {
    of_thread = this;
}

WriteCompanion::~WriteCompanion() {
    of_thread = outer_;
}

WriteCompanion* WriteCompanion::ofThread() {
    return of_thread != nullptr && !of_thread->is_written_ ? of_thread : nullptr;
}

}  // namespace signalbox
