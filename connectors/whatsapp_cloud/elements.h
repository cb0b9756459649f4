// The parts that normalize.cc puts together; each takes strings and objects out of the JSON it is given
// instead of copying them, because this runs for every callback on the network threads.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "hub/model/envelope.h"

namespace signalbox::whatsapp_cloud {

inline constexpr const char* kChannel = "whatsapp";

// What stands around the elements of one change and counts for all of them.
struct Surroundings {
    const Json& contacts;
    const Json& errors;
    std::string foreign_phone_number_id;  // empty when the callback is for the account's own number
    Direction direction = Direction::Inbound;
};

// Invalid: the element has no id or names nobody.
Result<Envelope> messageFrom(Json& message, const Surroundings& around);
// Nothing for states that say nothing about delivery (`deleted`).
Result<std::optional<Envelope>> statusFrom(Json& status, const Surroundings& around);
// value.errors that belong to no message.
Envelope errorNotice(const Surroundings& around);
// What came under a field that is no message: one notice, or one for each person's preference.
std::vector<Envelope> noticesFrom(const std::string& field, const std::string& business_account,
                                  const Json& time, Json value);

// Fills type, text, attachments and content from the part of `message` that its type names; false when that
// part is missing or of a type that has no such part.
bool readContent(Envelope& envelope, const std::string& type, Json& message);
// A notice that keeps what was sent under `content`.
void readUnsupported(Envelope& envelope, const std::string& type, Json& message, const Json& errors);

// The member's text, moved out; empty when it is none.
std::string takeText(Json& object, std::string_view key);
// The member, moved out; null when it is not there.
Json take(Json& object, std::string_view key);
Json* find(Json& object, std::string_view key);
std::span<Json> elementsOf(Json& object, std::string_view key);
// Unix seconds, as text or as a number.
std::optional<TimePoint> timeFrom(const Json& seconds);
// For happenings without an id of their own: equal bytes, equal key.
std::string keyFrom(const char* prefix, const Json& content);

}  // namespace signalbox::whatsapp_cloud
