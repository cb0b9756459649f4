// The members of a ZIP file, unpacked piece by piece (minizip). One thread. Bounds hold whatever the file
// says of itself, so a bomb costs a few megabytes of reading.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "workflow/sheets/temp_file.h"

namespace signalbox::workflow {

class ZipArchive {
public:
    // `file` outlives it. Invalid: no ZIP file, or a damaged one.
    static Result<std::unique_ptr<ZipArchive>> open(const TempFile& file);
    ~ZipArchive();
    ZipArchive(const ZipArchive&) = delete;
    ZipArchive& operator=(const ZipArchive&) = delete;

    bool has(const std::string& member) const;
    // Hands over the member's bytes in pieces until `take` refuses. NotFound: no such member. Invalid:
    // damaged, encrypted, larger than `max`, or packed tighter than honest files are.
    Status read(const std::string& member, std::uint64_t max,
                const std::function<Status(std::string_view)>& take);

private:
    explicit ZipArchive(void* archive) : archive_(archive) {}
    void* const archive_;
};

}  // namespace signalbox::workflow
