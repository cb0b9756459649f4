// A workbook's sheet as CSV: values, gaps, formats, and what is refused with its place.
#include "workflow/sheets/xlsx.h"

#include <minizip/zip.h>

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <map>

#include "tests/support/temp_folder.h"

using namespace signalbox;
using namespace signalbox::workflow;

namespace {

using Members = std::map<std::string, std::string>;

struct Fixture {
    TempFolder folder;

    std::unique_ptr<TempFile> zip(const Members& members) const {
        const std::string path = (std::filesystem::path(folder.path()) / "book.xlsx").string();
        zipFile out = ::zipOpen64(path.c_str(), APPEND_STATUS_CREATE);
        for (const auto& [name, bytes] : members) {
            ::zipOpenNewFileInZip64(out, name.c_str(), nullptr, nullptr, 0, nullptr, 0, nullptr, Z_DEFLATED,
                                    6, 0);
            ::zipWriteInFileInZip(out, bytes.data(), static_cast<unsigned>(bytes.size()));
            ::zipCloseFileInZip(out);
        }
        ::zipClose(out, nullptr);
        std::ifstream in(path, std::ios::binary);
        return file({std::istreambuf_iterator<char>(in), {}});
    }
    std::unique_ptr<TempFile> file(const std::string& bytes) const {
        auto made = TempFile::create(folder.path());
        BOOST_REQUIRE(made.ok());
        BOOST_REQUIRE((*made)->append(bytes).ok());
        BOOST_REQUIRE((*made)->flush().ok());
        return std::move(*made);
    }
    std::string csv(const TempFile& workbook, const std::string& sheet = "") const {
        const auto made = csvOfXlsx(workbook, sheet, folder.path());
        return made ? *(*made)->piece(0, (*made)->size()) : "error: " + made.error().message;
    }
    std::string csv(const Members& members, const std::string& sheet = "") const {
        return csv(*zip(members), sheet);
    }
};

Members book(const std::string& rows) {
    return {
        {"_rels/.rels",
         R"(<Relationships><Relationship Id="r1" Type="http://x/officeDocument" Target="xl/workbook.xml"/></Relationships>)"},
        {"xl/workbook.xml",
         R"(<workbook xmlns:r="r"><sheets><sheet name="Old" state="hidden" r:id="r2"/><sheet name="Leads" r:id="r3"/></sheets></workbook>)"},
        {"xl/_rels/workbook.xml.rels",
         R"(<Relationships><Relationship Id="r2" Target="worksheets/sheet1.xml"/>
            <Relationship Id="r3" Target="/xl/worksheets/sheet2.xml"/><Relationship Id="r4" Target="styles.xml"/></Relationships>)"},
        {"xl/styles.xml",
         R"(<styleSheet><numFmts><numFmt numFmtId="164" formatCode="dd\.mm\.yyyy&quot; day&quot;"/>
            <numFmt numFmtId="165" formatCode="[h]:mm"/><numFmt numFmtId="166" formatCode="[Red]0.00&quot; days&quot;"/></numFmts>
            <cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="166"/><xf numFmtId="21"/></cellXfs></styleSheet>)"},
        {"xl/sharedStrings.xml",
         R"(<sst><si><t>name</t></si><si><r><t>Ann </t></r><r><t xml:space="preserve">"A", Müller</t></r><rPh><t>x</t></rPh></si></sst>)"},
        {"xl/worksheets/sheet1.xml",
         R"(<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData></worksheet>)"},
        {"xl/worksheets/sheet2.xml",
         "<x:worksheet xmlns:x='s'><x:sheetData>" + rows + "</x:sheetData></x:worksheet>"},
    };
}

std::string cell(const std::string& inside) {
    return "<x:row r='1'><x:c r='A1' t='str'><x:v>n</x:v></x:c></x:row><x:row r='4'>" + inside + "</x:row>";
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(cells_come_in_their_columns_with_shared_and_own_texts, Fixture) {
    const auto out = csv(
        book("<x:row r='1'><x:c r='A1' t='s'><x:v>0</x:v></x:c><x:c r='C1' "
             "t='inlineStr'><x:is><x:t>note</x:t></x:is></x:c></x:row>"
             "<x:row r='3'/><x:row r='5'><x:c t='s'><x:v>1</x:v></x:c><x:c t='b'><x:v>1</x:v></x:c>"
             "<x:c t='str'><x:f>A1</x:f><x:v>a&#10;b</x:v></x:c><x:c t='e'><x:v>#N/A</x:v></x:c></x:row>"));

    BOOST_TEST(out == "name,,note\r\n\"Ann \"\"A\"\", Müller\",TRUE,\"a\nb\",#N/A\r\n");
}

BOOST_FIXTURE_TEST_CASE(numbers_keep_fifteen_digits_and_dates_are_dates, Fixture) {
    const auto out = csv(book(
        "<x:row><x:c><x:v>4.915112345678E12</x:v></x:c><x:c><x:v>0.10000000000000001</x:v></x:c><x:c "
        "s='1'><x:v>46027</x:v></x:c>"
        "<x:c s='2'><x:v>46027.380</x:v></x:c><x:c s='3'><x:v>1.5</x:v></x:c><x:c s='4'><x:v>2.5</x:v></x:c>"
        "<x:c s='5'><x:v>0.75</x:v></x:c><x:c s='1'><x:v>60</x:v></x:c><x:c s='1'><x:v>59</x:v></x:c><x:c "
        "s='1'><x:v>-1</x:v></x:c></x:row>"));

    BOOST_TEST(out ==
               "4915112345678,0.1,2026-01-05,2026-01-05T09:07:12,36:00:00,2.5,18:00:00,1900-02-29,1900-02-28,"
               "-1\r\n");
}

BOOST_FIXTURE_TEST_CASE(characters_that_xml_has_no_place_for_are_decoded, Fixture) {
    const auto out =
        csv(book("<x:row><x:c t='str'><x:v>a_x000D_&#10;b</x:v></x:c><x:c t='str'><x:v>_x005F_x000D_ _x0041_ "
                 "_x00_ _xD800_ _x0000_</x:v></x:c></x:row>"));

    BOOST_TEST(out == "\"a\r\nb\",_x000D_ A _x00_ _xD800_ _x0000_\r\n");
}

BOOST_FIXTURE_TEST_CASE(a_sheet_is_chosen_by_its_name, Fixture) {
    BOOST_TEST(csv(book(""), "Old") == "1\r\n");
    BOOST_TEST(csv(book(""), "Lead") == "error: has no sheet Lead; it has Old, Leads");
}

BOOST_FIXTURE_TEST_CASE(what_cannot_be_read_is_told_with_row_and_column, Fixture) {
    BOOST_TEST(csv(book(cell("<x:c r='AB4'><x:v>one</x:v></x:c>"))) ==
               "error: row 4, column AB: is no number: one");
    BOOST_TEST(csv(book(cell("<x:c r='B4' t='s'><x:v>7</x:v></x:c>"))) ==
               "error: row 4, column B: names a text that the workbook does not have");
    BOOST_TEST(csv(book(cell("<x:c r='ZZZZ4'><x:v>1</x:v></x:c>"))).find("at most 16,384 columns") !=
               std::string::npos);
    BOOST_TEST(csv(book("<x:row r='1048577'/>")).find("at most 1,048,576 rows") != std::string::npos);
    BOOST_TEST(csv(book("<x:row>")).find("sheet2.xml line 1: mismatched tag") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(bombs_and_broken_files_are_refused, Fixture) {
    auto entities = book("");
    entities["xl/worksheets/sheet2.xml"] = "<!DOCTYPE a [<!ENTITY b 'cc'>]><worksheet>&b;</worksheet>";
    BOOST_TEST(csv(entities).find("document type") != std::string::npos);
    auto spaces = book("");
    spaces["xl/worksheets/sheet2.xml"] = "<worksheet>" + std::string(40'000'000, ' ') + "</worksheet>";
    BOOST_TEST(csv(spaces).find("unpacks to more than a sheet does") != std::string::npos);
    BOOST_TEST(csv(*file("PK\x03\x04 and no more")).find("no whole ZIP file") != std::string::npos);
    BOOST_TEST(csv(Members{{"a.txt", "x"}}).find("_rels/.rels is not in it") != std::string::npos);

    const auto whole = zip(book(cell("<x:c r='B4'><x:v>1</x:v></x:c>")));
    const std::string bytes = *whole->piece(0, whole->size());
    for (std::size_t i = 0; i < bytes.size(); i += 7) {  // damaged anywhere: an answer, and no crash
        std::string hurt = bytes;
        hurt[i] = static_cast<char>(hurt[i] ^ 0x55);
        csv(*file(hurt));
        csv(*file(bytes.substr(0, i)));
    }
}
