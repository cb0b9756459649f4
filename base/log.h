// The daemon's log: one line per happening worth a person's look, an event name, then facts.
//   log::warn("send_deferred", {{"account", "sales_wa"}, {"attempt", "2"}, {"retry_in_s", "30"}});
// → 2026-11-21T07:00:00.123Z level=warn event=send_deferred account=sales_wa attempt=2 retry_in_s=30
// Thread-safe. Ids are logged; message bodies, addresses and tokens are not.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace signalbox::log {

enum class Level { Debug, Info, Warn, Error };
enum class Format { KeyValue, JsonLines };

using Field = std::pair<std::string_view, std::string>;

// Before the first thread starts; lines go to standard error until then and after, through Poco's console
// channel.
void configure(Level lowest, Format format);

void write(Level level, std::string_view event, std::initializer_list<Field> fields);

inline void debug(std::string_view event, std::initializer_list<Field> fields = {}) {
    write(Level::Debug, event, fields);
}
inline void info(std::string_view event, std::initializer_list<Field> fields = {}) {
    write(Level::Info, event, fields);
}
inline void warn(std::string_view event, std::initializer_list<Field> fields = {}) {
    write(Level::Warn, event, fields);
}
inline void error(std::string_view event, std::initializer_list<Field> fields = {}) {
    write(Level::Error, event, fields);
}

}  // namespace signalbox::log
