// Runs one script after the other, each in a state of its own. The state is made once, at the start, and its
// bytes are kept; before each script they are put back, so nothing of one script can be seen by the next. The
// bytes with a script already compiled are kept too, for scripts that come again. One thread; begins before
// confinement, runs after it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "workflow/worker/arena.h"
#include "workflow/worker/protocol.h"

struct lua_State;

namespace signalbox::worker {

struct Request {
    Action action = Action::Run;
    std::string_view node_id;
    std::string_view source;
    std::string_view item;
    std::uint64_t seed = 0;
    std::int64_t now_us = 0;
    std::uint32_t cpu_budget_us = 100'000;
    std::uint32_t memory_limit = 32 << 20;
};

// Views into the interpreter, until the next call.
struct Response {
    Verdict verdict = Verdict::Ok;
    std::string_view text;
    std::string_view log;
};

// Keeps the bytes of states with a compiled script in them; the least recently used go first.
class ImageCache {
public:
    const Image* find(std::string_view node_id, std::string_view source);
    void add(std::string_view node_id, std::string_view source, Image image);

private:
    static constexpr std::size_t kMaxBytes = 3 << 20;
    struct Entry {
        std::uint64_t hash;
        std::uint64_t last_use;
        std::string node_id, source;  // compared in full: a hash alone could run another's script
        Image image;
        std::size_t size() const { return source.size() + image.size(); }
    };
    std::vector<Entry> entries_;
    std::size_t bytes_ = 0;
    std::uint64_t uses_ = 0;
};

class Interpreter {
public:
    // `result` and `log` are buffers of kMaxResult and kMaxLog bytes.
    Interpreter(char* result, char* log);
    Response run(const Request& request);
    // Gives back the memory of the last script; once its response is out, nobody waits for that.
    void rest() { arena_.reset(); }

private:
    void makeState();
    bool compile(const Request& request);
    Response execute(const Request& request);
    Response failure();
    Response dead();

    Arena arena_;
    Image fresh_;
    ImageCache cache_;
    lua_State* state_ = nullptr;
    char* result_;
    char* log_;
};

}  // namespace signalbox::worker
