// Sheets of workbooks as rows: read on after a restart, and by several at once.
#include "workflow/engine/file_rows.h"
#include "workflow/engine/row_fault.h"

#include <minizip/zip.h>

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <thread>

#include "tests/support/engine_fixture.h"
#include "tests/support/temp_folder.h"

using namespace signalbox;
using namespace signalbox::workflow;

namespace {

struct Fixture : EngineFixture {
    TempFolder folder;
    BlobStore blobs{folder.path()};
    FileRecords records{db.store(), ids, clock, log};

    Fixture() { BOOST_REQUIRE(blobs.open().ok()); }

    // A workbook of one sheet: a column n that counts up from `first`.
    std::string workbook(int first, int count) {
        std::string sheet = "<worksheet><sheetData><row><c t='str'><v>n</v></c></row>";
        for (int i = 0; i < count; ++i) sheet += "<row><c><v>" + std::to_string(first + i) + "</v></c></row>";
        const std::string path = std::string(folder.path()) + "/made.xlsx";
        zipFile out = ::zipOpen64(path.c_str(), APPEND_STATUS_CREATE);
        const std::pair<std::string, std::string> members[] = {
            {"_rels/.rels",
             "<Relationships><Relationship Id='r1' Type='http://x/officeDocument' "
             "Target='xl/workbook.xml'/></Relationships>"},
            {"xl/workbook.xml",
             "<workbook xmlns:r='r'><sheets><sheet name='A' r:id='r2'/></sheets></workbook>"},
            {"xl/_rels/workbook.xml.rels",
             "<Relationships><Relationship Id='r2' Target='worksheets/sheet1.xml'/></Relationships>"},
            {"xl/worksheets/sheet1.xml", sheet + "</sheetData></worksheet>"}};
        for (const auto& [name, bytes] : members) {
            ::zipOpenNewFileInZip64(out, name.c_str(), nullptr, nullptr, 0, nullptr, 0, nullptr, Z_DEFLATED,
                                    6, 0);
            ::zipWriteInFileInZip(out, bytes.data(), static_cast<unsigned>(bytes.size()));
            ::zipCloseFileInZip(out);
        }
        ::zipClose(out, nullptr);
        std::ifstream in(path, std::ios::binary);
        return upload(std::string(std::istreambuf_iterator<char>(in), {}));
    }

    std::string upload(const std::string& bytes) {
        const auto blob = blobs.put(bytes);
        BOOST_REQUIRE(blob.ok());
        NewFile file;
        file.blob = *blob;
        file.name = "rows.xlsx";
        FileViewer viewer;
        viewer.org = 1;
        viewer.sees_everything = true;
        return idText(kFileId, records.add(viewer, file)->id);
    }
};

// All that is left from `source` on, read by `rows`.
std::vector<std::string> restOf(FileRows& rows, Json source) {
    std::vector<std::string> out;
    for (;;) {
        auto chunk = rows.read(1, source, 300);
        if (!chunk) return {chunk.error().message};
        if (chunk->rows.empty()) return out;
        for (const Json& row : chunk->rows) out.push_back(textAt(row, "n"));
        source = std::move(chunk->rest);
    }
}

std::vector<std::string> numbers(int first, int count) {
    std::vector<std::string> out;
    for (int i = 0; i < count; ++i) out.push_back(std::to_string(first + i));
    return out;
}

// All rows of a text as JSON.
std::string rowsOf(Fixture& fixture, const std::string& text) {
    FileRows rows(fixture.records, fixture.blobs);
    const auto chunk = rows.read(1, {{"file", fixture.upload(text)}}, 300);
    return chunk ? dumpJson(Json(chunk->rows)) : chunk.error().message;
}

std::string utf16(std::u16string_view text, bool is_little) {
    std::string out;
    for (const char16_t c : text) {
        const char low = static_cast<char>(c & 0xFF), high = static_cast<char>(c >> 8);
        out += is_little ? low : high;
        out += is_little ? high : low;
    }
    return out;
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(headers_are_trimmed_and_no_value_is_lost_to_a_name_that_is_there_twice, Fixture) {
    BOOST_TEST(rowsOf(*this, " name ,name,name_2,,name\n1,2,3,4,5\n") ==
               R"([{"column_4":"4","name":"1","name_2":"3","name_3":"2","name_4":"5"}])");
    BOOST_TEST(rowsOf(*this, "\xEF\xBB\xBFsep=;\r\na;b\r\n1,5;2\r\n") == R"([{"a":"1,5","b":"2"}])");
}

BOOST_FIXTURE_TEST_CASE(unicode_text_of_a_spreadsheet_is_read_in_either_order_of_bytes, Fixture) {
    const std::u16string_view text = u"\uFEFFname\tort\r\nJürgen\tKöln 🎉\r\n";
    for (const bool is_little : {true, false})
        BOOST_TEST(rowsOf(*this, utf16(text, is_little)) == R"([{"name":"Jürgen","ort":"Köln 🎉"}])");
}

BOOST_FIXTURE_TEST_CASE(a_row_that_cannot_be_read_stands_among_the_others_with_its_line, Fixture) {
    const std::string file = upload("name,mail\n" + std::string("A,e1\n\"C\"x,e3\nD,e4\n"));
    FileRows rows(records, blobs);
    const auto first = rows.read(1, {{"file", file}}, 1);
    const auto second = rows.read(1, first->rest, 2);

    BOOST_REQUIRE_EQUAL(second->rows.size(), 2U);
    BOOST_TEST(faultOfRow(second->rows[0]).value() == "line 3, column 1: text behind a closing quote: C");
    BOOST_TEST(!faultOfRow(second->rows[1]));
    BOOST_TEST(second->rows[1]["name"] == "D");
}

BOOST_FIXTURE_TEST_CASE(a_sheet_is_read_on_in_its_middle_by_a_daemon_that_never_saw_it, Fixture) {
    const std::string file = workbook(1, 1'000);
    FileRows before(records, blobs);
    const auto first = before.read(1, {{"file", file}}, 300);
    BOOST_REQUIRE(first.ok());
    const Json kept = *parseJson(dumpJson(first->rest));  // as the run's state keeps it

    FileRows after_the_crash(records, blobs);

    BOOST_TEST(restOf(after_the_crash, kept) == numbers(301, 700), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(several_read_workbooks_at_once_and_each_gets_its_own, Fixture) {
    FileRows rows(records, blobs);
    const std::string files[] = {workbook(1, 2'000), workbook(5'001, 2'000), "fil_0000000000001"};
    std::vector<std::string> read[6];
    std::vector<std::jthread> readers;
    for (int i = 0; i < 6; ++i)
        readers.emplace_back([&, i] { read[i] = restOf(rows, {{"file", files[i % 3]}}); });
    readers.clear();

    for (int i = 0; i < 6; ++i) {
        if (i % 3 == 2)
            BOOST_TEST(read[i].at(0).find("no such file") != std::string::npos);
        else
            BOOST_TEST(read[i] == numbers(i % 3 == 0 ? 1 : 5'001, 2'000), boost::test_tools::per_element());
    }
}
