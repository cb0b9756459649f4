// The lines with which mail programs introduce what they quote, in the languages they speak. Pure.
#pragma once

#include <string_view>
#include <vector>

namespace signalbox::mime {

// The lines are without invisible characters (`withoutInvisible`).
// How many lines from `at` on introduce a quote; 0: none.
// «On … wrote:» over one to four lines.
std::size_t attributionLength(const std::vector<std::string_view>& lines, std::size_t at);
// «On … wrote: the quote», as Yahoo's telephones write: where the introduction ends; 0: it is none.
std::size_t sharedAttributionLength(std::string_view line);
// «-----Original Message-----», or a block of «From: … Sent: … To: …».
std::size_t originalMarkLength(const std::vector<std::string_view>& lines, std::size_t at);
bool isForwardMark(std::string_view line);
// «Sent from my iPhone».
bool isMobileSignature(std::string_view line);

}  // namespace signalbox::mime
