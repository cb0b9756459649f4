// What stands around the sheets of a workbook: their names, the formats of cells, and the texts that they
// share. One thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "workflow/sheets/number_format.h"
#include "workflow/sheets/zip_archive.h"

namespace signalbox::workflow {

struct Workbook {
    std::string sheet_member;  // of the sheet that was asked for
    bool is_1904 = false;
    std::vector<NumberKind> styles;  // by the `s` of a cell
};

// NotFound: no such sheet; the message names those that there are.
Result<Workbook> readWorkbook(ZipArchive& archive, const std::string& sheet);

// The shared texts, on disk.
class SharedStrings {
public:
    static Result<SharedStrings> read(ZipArchive& archive, const std::string& folder);
    // Invalid: there is no such text.
    Result<std::string> at(std::uint64_t index) const;

private:
    std::unique_ptr<TempFile> texts_, ends_;  // ends_: 8 bytes each, where a text ends
};

}  // namespace signalbox::workflow
