// A node's error: tried again, taken through a port, or the end of the iteration or of the run.
#include <algorithm>

#include "workflow/engine/walk_random.h"
#include "workflow/engine/walker.h"

namespace signalbox::workflow {

void Walker::fault(std::uint32_t index, const Input& input, Error error) {
    const CompiledNode& node = workflow_.nodes[index];
    error.message = context_.redactor->hide(std::move(error.message));
    if (node.policy && triesLater(index, input, error)) return;
    const OnError said = node.policy ? node.policy->on_error : OnError::Unsaid;
    const bool is_taken = said == OnError::Port || said == OnError::Continue ||
                          (said == OnError::Unsaid && node.handles_errors);
    if (!is_taken) {
        record(index, input, "", nullptr, &error);
        return failNode(index, std::move(error));
    }
    const bool is_loop = node.hosts != 0 && !workflow_.regions[node.hosts].is_cycle;
    const std::string port = said != OnError::Continue ? "error" : is_loop ? "done" : node.ports.front();
    Json output = {{"error", errorJson(error)}, {"input", nullptr}};
    if (!grow(*input.item)) output["input"] = *input.item;
    record(index, input, port, &output, &error);
    if (!pass_->tries.empty()) pass_->tries.erase(index);
    keep(index, static_cast<std::int32_t>(index), std::move(output));
    setMark(index, NodeMark::Done);
    const auto at = std::find(node.ports.begin(), node.ports.end(), port);
    leave(index, static_cast<std::uint32_t>(at - node.ports.begin()), valueFrom(pass_->outputs[index]));
}

// True: the node waits for its next attempt.
bool Walker::triesLater(std::uint32_t index, const Input& input, const Error& error) {
    const RetryRule& retry = workflow_.nodes[index].policy->retry;
    if (retry.attempts <= 1 || !retry.covers(error)) return false;
    Try& tried = pass_->tries[index];
    if (tried.made == 0) tried.first_at = std::min(entered_at_, context_.now);
    const auto random = mix(static_cast<std::uint64_t>(context_.run) ^
                            mix(static_cast<std::uint64_t>(state_.executions) << 8 ^ index));
    const double chance = static_cast<double>(random >> 11) / 9007199254740992.0;
    const TimePoint next = context_.now + retry.wait(tried.made + 1, error, chance);
    const bool is_late =
        retry.total_s && std::chrono::duration<double>(next - tried.first_at).count() > *retry.total_s;
    if (tried.made + 1 >= retry.attempts || is_late) return false;
    if (context_.is_dry) skipWait("retry", next);
    record(index, input, "", nullptr, &error);
    ++tried.made;
    if (context_.is_dry) {
        setMark(index, NodeMark::Ready);
        ready_.push_back({pass_->id, index});
        return true;
    }
    waitFor(WaitEntry::Kind::Retry, index, next);
    setMark(index, NodeMark::Waiting);
    return true;
}

void Walker::failNode(std::uint32_t index, Error error) {
    setMark(index, NodeMark::Failed);
    if (pass_->id != 0) return failPass(pass_->id, index, std::move(error));
    failRun(workflow_.nodes[index].id, std::move(error));
}

void Walker::failRun(std::string node, Error error) {
    is_failed_ = true;
    walk_.failed_node = std::move(node);
    walk_.error = std::move(error);
}

}  // namespace signalbox::workflow
