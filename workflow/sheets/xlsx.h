// A sheet of an .xlsx workbook (ECMA-376, SpreadsheetML) written down as CSV, in as much memory as one row
// takes: the texts that its cells share lie in a file. Any thread.
#pragma once

#include <string>

#include "workflow/sheets/temp_file.h"

namespace signalbox::workflow {

// `sheet`: its name; empty: the first that is not hidden. Numbers come as they are kept (15 digits), dates as
// 2026-01-05 or 2026-01-05T09:07:03, booleans as TRUE and FALSE, formulas as what they last gave. The columns
// of merged cells behind the first are empty. The same workbook always gives the same bytes.
// `folder`: for temporary files. Invalid: no workbook, damaged, too large, or a cell that cannot be read,
// with its row and column. NotFound: no such sheet.
Result<std::unique_ptr<TempFile>> csvOfXlsx(const TempFile& workbook, const std::string& sheet,
                                            const std::string& folder);

}  // namespace signalbox::workflow
