#include "base/log.h"

#include <Poco/ConsoleChannel.h>
#include <Poco/Logger.h>
#include <Poco/Message.h>

#include <atomic>

#include "base/clock.h"
#include "base/json.h"

namespace signalbox::log {
namespace {

std::atomic<Level> lowest_level{Level::Info};
std::atomic<Format> line_format{Format::KeyValue};

const char* toString(Level level) {
    switch (level) {
        case Level::Debug:
            return "debug";
        case Level::Info:
            return "info";
        case Level::Warn:
            return "warn";
        case Level::Error:
            return "error";
    }
    return "info";
}

bool needsQuotes(std::string_view value) {
    if (value.empty()) return true;
    for (const char c : value) {
        if (c <= ' ' || c == '"' || c == '=' || c == '\\' || c == 0x7f) return true;
    }
    return false;
}

std::string keyValueLine(Level level, std::string_view event, std::initializer_list<Field> fields) {
    std::string line = toRfc3339(SystemClock{}.now());
    line.append(" level=").append(toString(level)).append(" event=").append(event);
    for (const auto& [key, value] : fields) {
        line.append(" ").append(key).append("=").append(needsQuotes(value) ? dumpJson(value) : value);
    }
    return line;
}

std::string jsonLine(Level level, std::string_view event, std::initializer_list<Field> fields) {
    Json line = {{"time", toRfc3339(SystemClock{}.now())}, {"level", toString(level)}, {"event", event}};
    for (const auto& [key, value] : fields) line[std::string(key)] = value;
    return dumpJson(line);
}

Poco::Logger& logger() {
    static Poco::Logger& instance = [&]() -> Poco::Logger& {
        const Poco::AutoPtr<Poco::ConsoleChannel> console(new Poco::ConsoleChannel);
        return Poco::Logger::create("signalbox", console, Poco::Message::PRIO_TRACE);
    }();
    return instance;
}

Poco::Message::Priority priority(Level level) {
    switch (level) {
        case Level::Debug:
            return Poco::Message::PRIO_DEBUG;
        case Level::Info:
            return Poco::Message::PRIO_INFORMATION;
        case Level::Warn:
            return Poco::Message::PRIO_WARNING;
        case Level::Error:
            return Poco::Message::PRIO_ERROR;
    }
    return Poco::Message::PRIO_INFORMATION;
}

}  // namespace

void configure(Level lowest, Format format) {
    lowest_level = lowest;
    line_format = format;
}

void write(Level level, std::string_view event, std::initializer_list<Field> fields) {
    if (level < lowest_level.load(std::memory_order_relaxed)) return;
    const auto line = line_format == Format::JsonLines ? jsonLine(level, event, fields)
                                                       : keyValueLine(level, event, fields);
    logger().log(Poco::Message("signalbox", line, priority(level)));
}

}  // namespace signalbox::log
