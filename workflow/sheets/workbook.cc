#include "workflow/sheets/workbook.h"

#include <charconv>
#include <cstring>
#include <map>

#include "workflow/sheets/xml_parts.h"

namespace signalbox::workflow {
namespace {

constexpr std::uint64_t kMaxPart = 16ULL * 1024 * 1024;
constexpr std::uint64_t kMaxStrings = 2ULL * 1024 * 1024 * 1024;
constexpr std::size_t kMaxSheets = 10'000;
constexpr std::size_t kMaxStyles = 100'000;
constexpr std::size_t kMaxText = 1024 * 1024;  // Excel allows 32,767 letters

Error bad(const std::string& message) {
    return {ErrorKind::Invalid, message, {}, "bad_spreadsheet"};
}

int numberOf(std::string_view text, int otherwise) {
    int out = otherwise;
    std::from_chars(text.data(), text.data() + text.size(), out);
    return out;
}

struct Relations : XmlSink {
    std::map<std::string, std::string> targets;  // by id
    std::string office_document;

    Status begin(std::string_view name, const XmlAttributes& attributes) override {
        if (name != "Relationship" || targets.size() >= kMaxSheets) return Done{};
        const std::string target(attributes.at("Target"));
        targets[std::string(attributes.at("Id"))] = target;
        if (attributes.at("Type").ends_with("/officeDocument")) office_document = target;
        return Done{};
    }
    Status end(std::string_view) override { return Done{}; }
};

struct SheetList : XmlSink {
    struct Entry {
        std::string name, relation;
        bool is_hidden;
    };
    std::vector<Entry> sheets;
    bool is_1904 = false;

    Status begin(std::string_view name, const XmlAttributes& attributes) override {
        if (name == "workbookPr") {
            const auto flag = attributes.at("date1904");
            is_1904 = flag == "1" || flag == "true";
        }
        if (name != "sheet") return Done{};
        if (sheets.size() >= kMaxSheets) return bad("has too many sheets");
        const auto state = attributes.at("state");
        sheets.push_back({std::string(attributes.at("name")), std::string(attributes.at("id")),
                          state == "hidden" || state == "veryHidden"});
        return Done{};
    }
    Status end(std::string_view) override { return Done{}; }
};

struct Styles : XmlSink {
    std::map<int, NumberKind> formats;
    std::vector<NumberKind> cells;
    bool is_in_cells = false;

    Status begin(std::string_view name, const XmlAttributes& attributes) override {
        const int id = numberOf(attributes.at("numFmtId"), 0);
        if (name == "numFmt" && formats.size() < kMaxStyles)
            formats[id] = kindOfFormat(attributes.at("formatCode"));
        if (name == "cellXfs") is_in_cells = true;
        if (name != "xf" || !is_in_cells || cells.size() >= kMaxStyles) return Done{};
        const auto own = formats.find(id);
        cells.push_back(own == formats.end() ? kindOfFormat(id) : own->second);
        return Done{};
    }
    Status end(std::string_view name) override {
        if (name == "cellXfs") is_in_cells = false;
        return Done{};
    }
};

struct StringList : XmlSink {
    TempFile& texts;
    TempFile& ends;
    std::string text_;
    bool is_text = false, is_reading_aid = false;

    StringList(TempFile& texts_file, TempFile& ends_file) : texts(texts_file), ends(ends_file) {}

    Status begin(std::string_view name, const XmlAttributes&) override {
        if (name == "si") text_.clear();
        if (name == "rPh") is_reading_aid = true;
        if (name == "t") is_text = !is_reading_aid;
        return Done{};
    }
    Status end(std::string_view name) override {
        if (name == "rPh") is_reading_aid = false;
        if (name == "t") is_text = false;
        if (name != "si") return Done{};
        if (auto kept = texts.append(text_); !kept) return kept;
        const std::uint64_t at = texts.size();
        char bytes[sizeof at];
        std::memcpy(bytes, &at, sizeof at);
        return ends.append({bytes, sizeof bytes});
    }
    Status text(std::string_view piece) override {
        if (!is_text) return Done{};
        if (text_.size() + piece.size() > kMaxText) return bad("a text of it is longer than a cell may be");
        text_ += piece;
        return Done{};
    }
};

// A relation's target: beside the workbook, or from the root.
std::string memberOf(const std::string& folder, const std::string& target) {
    if (target.starts_with('/')) return target.substr(1);
    return folder + (target.starts_with("./") ? target.substr(2) : target);
}

Result<std::string> pickSheet(const SheetList& list, const std::string& wanted) {
    std::string names;
    for (const auto& sheet : list.sheets) {
        if (wanted.empty() ? !sheet.is_hidden : sheet.name == wanted) return sheet.relation;
        if (names.size() < 300) names += (names.empty() ? "" : ", ") + sheet.name;
    }
    if (wanted.empty()) return bad("has no sheet that can be seen");
    return Error{ErrorKind::NotFound, "has no sheet " + wanted + "; it has " + names, {}, "sheet_not_found"};
}

}  // namespace

Result<Workbook> readWorkbook(ZipArchive& archive, const std::string& sheet) {
    Relations root;
    if (auto read = readXml(archive, "_rels/.rels", kMaxPart, root); !read) return read.error();
    if (root.office_document.empty()) return bad("is a ZIP file, but no .xlsx workbook");
    const std::string book = memberOf("", root.office_document);
    const auto slash = book.rfind('/');
    const std::string folder = slash == std::string::npos ? "" : book.substr(0, slash + 1);
    SheetList list;
    if (auto read = readXml(archive, book, kMaxPart, list); !read) return read.error();
    if (list.sheets.empty()) return bad("is an office file, but no .xlsx workbook");
    Relations own;
    const std::string relations = folder + "_rels/" + book.substr(folder.size()) + ".rels";
    if (auto read = readXml(archive, relations, kMaxPart, own); !read) return read.error();
    const auto relation = pickSheet(list, sheet);
    if (!relation) return relation.error();
    Workbook out;
    out.is_1904 = list.is_1904;
    const auto target = own.targets.find(*relation);
    if (target == own.targets.end()) return bad("names a sheet that is not in it");
    out.sheet_member = memberOf(folder, target->second);
    for (const auto& [id, other] : own.targets) {
        if (!other.ends_with("styles.xml")) continue;
        Styles styles;
        if (auto read = readXml(archive, memberOf(folder, other), kMaxPart, styles); !read)
            return read.error();
        out.styles = std::move(styles.cells);
    }
    return out;
}

Result<SharedStrings> SharedStrings::read(ZipArchive& archive, const std::string& folder) {
    SharedStrings out;
    auto texts = TempFile::create(folder);
    auto ends = TempFile::create(folder);
    if (!texts) return texts.error();
    if (!ends) return ends.error();
    out.texts_ = std::move(*texts);
    out.ends_ = std::move(*ends);
    StringList list(*out.texts_, *out.ends_);
    if (archive.has("xl/sharedStrings.xml")) {
        if (auto read = readXml(archive, "xl/sharedStrings.xml", kMaxStrings, list); !read)
            return read.error();
    }
    if (auto flushed = out.texts_->flush(); !flushed) return flushed.error();
    if (auto flushed = out.ends_->flush(); !flushed) return flushed.error();
    return out;
}

Result<std::string> SharedStrings::at(std::uint64_t index) const {
    std::uint64_t bounds[2] = {0, 0};
    if (index >= ends_->size() / sizeof bounds[0]) return bad("names a text that the workbook does not have");
    const bool is_first = index == 0;
    auto* out = reinterpret_cast<char*>(is_first ? bounds + 1 : bounds);
    const std::uint64_t length = is_first ? sizeof bounds[0] : sizeof bounds;
    const std::uint64_t from = is_first ? 0 : (index - 1) * sizeof bounds[0];
    if (ends_->read(from, out, length) != static_cast<std::int64_t>(length))
        return Error{ErrorKind::Unavailable, "temporary file: cannot be read"};
    return texts_->piece(bounds[0], bounds[1] - bounds[0]);
}

}  // namespace signalbox::workflow
