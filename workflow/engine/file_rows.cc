#include "workflow/engine/file_rows.h"

#include <algorithm>
#include <set>

#include "workflow/engine/csv_reader.h"
#include "workflow/engine/row_fault.h"
#include "workflow/sheets/utf16.h"
#include "workflow/sheets/xlsx.h"

namespace signalbox::workflow {
namespace {

constexpr std::uint64_t kPiece = 256 * 1024;
constexpr std::uint64_t kLongestRow = 4 * 1024 * 1024;
constexpr std::size_t kSheetsKept = 4;

Error unreadable(const Json& source, const Error& error) {
    return withContext("rows of " + textAt(source, "file"), error);
}

Json objectOf(const Json& names, CsvRow& row) {
    Json out = Json::object();
    for (std::size_t i = 0; i < names.size(); ++i) {
        out[names[i].get_ref<const std::string&>()] =
            i < row.cells.size() ? Json(std::move(row.cells[i])) : Json("");
    }
    for (std::size_t i = names.size(); i < row.cells.size(); ++i) {
        if (!row.cells[i].empty()) out["column_" + std::to_string(i + 1)] = std::move(row.cells[i]);
    }
    return out;
}

// Without the blanks around it, which nobody sees in a sheet.
std::string trimmed(std::string_view name) {
    constexpr std::string_view kBlanks[] = {" ", "\t", "\r", "\n", "\xC2\xA0"};
    for (bool is_trimmed = false; !is_trimmed;) {
        is_trimmed = true;
        for (const auto blank : kBlanks) {
            if (name.starts_with(blank)) {
                name.remove_prefix(blank.size());
                is_trimmed = false;
            } else if (name.ends_with(blank)) {
                name.remove_suffix(blank.size());
                is_trimmed = false;
            }
        }
    }
    return std::string(name);
}

// A column without a name is column_3; of two with the same name the second is name_2: no value is lost.
Json namesOf(const CsvRow& row) {
    std::vector<std::string> plain;
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
        plain.push_back(trimmed(row.cells[i]));
        if (plain.back().empty()) plain.back() = "column_" + std::to_string(i + 1);
    }
    std::set<std::string> taken(plain.begin(), plain.end()), seen;
    Json out = Json::array();
    for (const std::string& name : plain) {
        std::string own = name;
        const bool is_second = !seen.insert(name).second;
        for (std::size_t n = 2; is_second && !taken.insert(own = name + "_" + std::to_string(n)).second;) ++n;
        out.push_back(std::move(own));
    }
    return out;
}

std::string faultAt(std::size_t line, const std::string& what) {
    return "line " + std::to_string(line) + ", " + what;
}

}  // namespace

Result<RowChunk> FileRows::read(Id org, Json source, std::size_t most) {
    if (!source.contains("sha256")) {
        if (auto begun = begin(org, source); !begun) return unreadable(source, begun.error());
    }
    RowChunk out;
    const auto size = static_cast<std::uint64_t>(numberAt(source, "size"));
    const char separator = textAt(source, "separator", ",").front();
    auto at = static_cast<std::uint64_t>(numberAt(source, "at"));
    auto lines = static_cast<std::size_t>(numberAt(source, "lines"));  // before `at`
    for (std::uint64_t length = kPiece; out.rows.size() < most && at < size;) {
        const auto bytes = piece(source, at, std::min(length, size - at));
        if (!bytes) return unreadable(source, bytes.error());
        const bool has_names = source.contains("names");
        auto read = readCsv(*bytes, separator, most - out.rows.size() + (has_names ? 0 : 1),
                            at + bytes->size() == size);
        if (read.taken == 0) {
            length *= 2;  // a row that is longer than the piece
            if (length > kLongestRow)
                return unreadable(
                    source, {ErrorKind::Invalid, faultAt(lines + 1,
                                                         "the row is longer than 4 MiB; is a quote in it "
                                                         "never closed, or is this no CSV file?")});
            continue;
        }
        at += read.taken;
        for (auto& row : read.rows) {
            const auto fault = row.fault.empty() ? "" : faultAt(lines + row.line, row.fault);
            if (source.contains("names")) {
                out.rows.push_back(fault.empty() ? objectOf(source["names"], row) : faultyRow(fault));
            } else if (!fault.empty()) {
                return unreadable(source, {ErrorKind::Invalid, fault});
            } else {
                source["names"] = namesOf(row);
            }
        }
        lines += read.lines;
    }
    source["at"] = at;
    source["lines"] = lines;
    out.rest = std::move(source);
    return out;
}

Status FileRows::begin(Id org, Json& source) {
    const auto id = parseId(kFileId, textAt(source, "file"));
    if (!id) return Error{ErrorKind::Invalid, "is no file's id (fil_…)"};
    FileViewer viewer;
    viewer.org = org;
    viewer.sees_everything = true;  // a workflow acts for its organization
    const auto file = files_.find(viewer, *id);
    if (!file) return Error{ErrorKind::NotFound, "no such file", {}, "file_not_found"};
    if (file->scan == "infected" || file->scan == "pending")
        return Error{
            ErrorKind::Rejected, "the virus scan has not passed it: " + file->scan, {}, "file_" + file->scan};
    source["sha256"] = file->sha256;
    source["size"] = file->size;
    source["at"] = 0;
    const auto head =
        piece(source, 0, std::min<std::uint64_t>(kPiece, static_cast<std::uint64_t>(file->size)));
    if (!head) return head.error();
    const bool is_workbook = head->starts_with("PK\x03\x04");
    if (is_workbook || isUtf16(*head)) {
        source["workbook_size"] = source["size"];
        const auto csv = sheet(source);
        if (!csv) return csv.error();
        source["size"] = (*csv)->size();
        if (is_workbook) {
            source["separator"] = ",";
            return Done{};
        }
        const auto text = (*csv)->piece(0, std::min<std::uint64_t>(kPiece, (*csv)->size()));
        return text ? beginText(source, *text) : Status(text.error());
    }
    if (head->starts_with("\xD0\xCF\x11\xE0"))
        return Error{ErrorKind::Invalid, "is an old .xls workbook; save it as .xlsx or CSV", {}, "not_csv"};
    if (head->find('\0') != std::string::npos)
        return Error{
            ErrorKind::Invalid, "is neither CSV nor .xlsx; save the sheet as one of them", {}, "not_csv"};
    return beginText(source, *head);
}

// Behind what stands above the columns: the mark of UTF-8, and the line «sep=;» that Excel writes.
Status FileRows::beginText(Json& source, std::string_view head) {
    std::size_t at = head.starts_with("\xEF\xBB\xBF") ? 3 : 0;
    const auto line = separatorLineOf(head.substr(at));
    if (line) at += line->taken;
    source["at"] = at;
    source["lines"] = line ? 1 : 0;
    if (textAt(source, "separator").empty())
        source["separator"] = std::string(1, line ? line->separator : separatorOf(head.substr(at)));
    return Done{};
}

Result<std::string> FileRows::piece(const Json& source, std::uint64_t at, std::uint64_t length) {
    if (source.contains("workbook_size")) {
        const auto csv = sheet(source);
        return csv ? (*csv)->piece(at, length) : Result<std::string>(csv.error());
    }
    auto body = blobs_.open(textAt(source, "sha256"), at, length);
    if (!body) return body.error();
    std::string out;
    while (out.size() < length) {
        auto more = (*body)->next(length - out.size());
        if (!more || more->empty()) return Error{ErrorKind::Unavailable, "the file's content cannot be read"};
        out += *more;
    }
    return out;
}

// One under way: whoever wants the same sheet waits for its end. One that failed, in whatever way, is
// forgotten.
class FileRows::Conversion {
public:
    Conversion(FileRows& rows, std::string key) : rows_(rows), key_(std::move(key)) {}
    Conversion(const Conversion&) = delete;
    Conversion& operator=(const Conversion&) = delete;
    ~Conversion() {
        if (!csv_) {
            std::lock_guard lock(rows_.mutex_);
            rows_.sheets_.remove_if([&](const Sheet& sheet) { return sheet.key == key_; });
        }
        promise_.set_value(csv_);
    }
    std::shared_future<Csv> future() { return promise_.get_future().share(); }
    void ended(Csv csv) { csv_ = std::move(csv); }

private:
    FileRows& rows_;
    const std::string key_;
    std::promise<Csv> promise_;
    Csv csv_{Error{ErrorKind::Unavailable, "the workbook could not be written down as CSV"}};
};

FileRows::Csv FileRows::sheet(const Json& source) {
    const std::string sha256 = textAt(source, "sha256");
    const std::string key = sha256 + " " + textAt(source, "sheet");
    std::shared_future<Csv> csv;
    std::optional<Conversion> mine;
    {
        std::lock_guard lock(mutex_);
        const auto known =
            std::find_if(sheets_.begin(), sheets_.end(), [&](const Sheet& s) { return s.key == key; });
        if (known != sheets_.end()) {
            sheets_.splice(sheets_.begin(), sheets_, known);
        } else {
            mine.emplace(*this, key);
            sheets_.push_front({key, mine->future()});
            if (sheets_.size() > kSheetsKept) sheets_.pop_back();
        }
        csv = sheets_.front().csv;
    }
    if (mine) {
        mine->ended(convert(sha256, source));
        mine.reset();
    }
    return csv.get();
}

FileRows::Csv FileRows::convert(const std::string& sha256, const Json& source) const {
    const auto workbook = fetch(sha256, static_cast<std::uint64_t>(numberAt(source, "workbook_size")));
    if (!workbook) return workbook.error();
    const auto head = (*workbook)->piece(0, std::min<std::uint64_t>(2, (*workbook)->size()));
    if (!head) return head.error();
    auto csv = isUtf16(*head) ? csvOfUtf16(**workbook, spool_)
                              : csvOfXlsx(**workbook, textAt(source, "sheet"), spool_);
    if (!csv) return csv.error();
    return std::shared_ptr<const TempFile>(std::move(*csv));
}

Result<std::unique_ptr<TempFile>> FileRows::fetch(const std::string& sha256, std::uint64_t size) const {
    auto file = TempFile::create(spool_);
    if (!file) return file.error();
    auto body = blobs_.open(sha256, 0, size);
    if (!body) return body.error();
    while ((*file)->size() < size) {
        const auto more = (*body)->next(kPiece);
        if (!more || more->empty()) return Error{ErrorKind::Unavailable, "the file's content cannot be read"};
        if (auto kept = (*file)->append(*more); !kept) return kept.error();
    }
    if (auto flushed = (*file)->flush(); !flushed) return flushed.error();
    return file;
}

}  // namespace signalbox::workflow
