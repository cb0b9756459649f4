// What a number in a spreadsheet is shown as: a number, a date, a time. Pure.
#pragma once

#include <string>
#include <string_view>

namespace signalbox::workflow {

enum class NumberKind { Number, Date, Elapsed };

// Of a built-in format's number, and of a format's code such as `dd.mm.yyyy` or `[h]:mm`.
NumberKind kindOfFormat(int id);
NumberKind kindOfFormat(std::string_view code);

// Excel keeps fifteen digits; so 0.1 is 0.1, and a phone number is no power of ten.
std::string numberText(double value);
// Days since 1900 (or 1904) as 2026-01-05, 2026-01-05T09:07:03, or 09:07:03 where there is no day.
std::string dateText(double serial, bool is_1904);
// Days as hours: 27:30:00.
std::string elapsedText(double days);

}  // namespace signalbox::workflow
