#include "hub/files/file_type.h"

#include <boost/test/unit_test.hpp>

#include "hub/files/image_metadata.h"

namespace signalbox {
namespace {

const std::string kPng("\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x02\0\0\0\x03\x08\x06\0\0\0\xaa\xaa\xaa\xaa",
                       33);

std::string kindOf(const std::string& name, const std::string& bytes) {
    const auto type = fileTypeOf(name, bytes);
    return type ? type->mime : type.error().code;
}

std::string chunk(const std::string& type, const std::string& data) {
    return std::string("\0\0\0", 3) + static_cast<char>(data.size()) + type + data + "CRC!";
}

// FF D8, an Exif segment with orientation 6 and a place, a comment, then the picture.
std::string jpegWithPlace() {
    const std::string tiff(
        "MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0GPS 52.5N 13.4E", 41);
    const std::string exif = std::string("Exif\0\0", 6) + tiff;
    std::string out("\xff\xd8\xff\xe1", 4);
    out += '\0';
    out += static_cast<char>(exif.size() + 2);
    out += exif;
    out += std::string("\xff\xfe\0\x08secret", 10);
    out += std::string(
        "\xff\xda\0\x02"
        "picture\xff\xd9",
        13);
    return out;
}

}  // namespace

BOOST_AUTO_TEST_CASE(content_and_name_must_say_the_same) {
    BOOST_TEST(kindOf("a.png", kPng) == "image/png");
    BOOST_TEST(kindOf("notes.txt", "hello") == "text/plain");
    BOOST_TEST(kindOf("a.pdf", "%PDF-1.7\n") == "application/pdf");
    BOOST_TEST(kindOf("a.pdf", kPng) == "file_type_refused");
    BOOST_TEST(kindOf("a.png", "<script>alert(1)</script>") == "file_type_refused");
    BOOST_TEST(kindOf("a.html", "<html></html>") == "file_type_refused");
    BOOST_TEST(kindOf("a.exe", "MZ") == "file_type_refused");
    BOOST_TEST(kindOf("noextension", "hello") == "file_type_refused");
}

BOOST_AUTO_TEST_CASE(names_lose_what_could_mislead) {
    BOOST_TEST(cleanFileName("../../etc/passwd.txt") == "passwd.txt");
    BOOST_TEST(cleanFileName("C:\\temp\\a.txt") == "a.txt");
    BOOST_TEST(cleanFileName("photo\xe2\x80\xaegpj.exe") == "photogpj.exe");
    BOOST_TEST(cleanFileName("a\r\nb\x01.txt") == "ab.txt");
    BOOST_TEST(cleanFileName("..") == "file");
    BOOST_TEST(cleanFileName(std::string(300, 'a') + ".txt").size() == 255U);
    BOOST_TEST(cleanFileName(std::string(300, 'a') + ".txt").ends_with(".txt"));
    BOOST_TEST(contentDisposition("r\"é.txt", false) ==
               "attachment; filename=\"r___.txt\"; filename*=UTF-8''r%22%C3%A9.txt");
}

BOOST_AUTO_TEST_CASE(a_jpeg_loses_its_place_and_keeps_its_orientation) {
    const auto clean = withoutMetadata(jpegWithPlace());

    BOOST_REQUIRE(clean.has_value());
    BOOST_TEST(clean->find("GPS") == std::string::npos);
    BOOST_TEST(clean->find("secret") == std::string::npos);
    BOOST_TEST(clean->find("picture") != std::string::npos);
    BOOST_TEST(clean->find(std::string("\x01\x12\0\x03\0\0\0\x01\0\x06", 10)) != std::string::npos);
    BOOST_TEST((withoutMetadata(*clean) == clean));
}

BOOST_AUTO_TEST_CASE(a_png_loses_its_text_chunks) {
    const std::string png = kPng + chunk("tEXt", "Comment place") + chunk("eXIf", "place") +
                            chunk("IDAT", "pixels") + chunk("IEND", "");

    const auto clean = withoutMetadata(png);

    BOOST_REQUIRE(clean.has_value());
    BOOST_TEST(clean->find("place") == std::string::npos);
    BOOST_TEST(clean->find("pixels") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(damaged_pictures_are_no_pictures) {
    const std::string jpeg = jpegWithPlace();
    for (std::size_t length = 0; length + 13 < jpeg.size(); ++length)
        BOOST_TEST(!withoutMetadata(jpeg.substr(0, length)).has_value());
    BOOST_TEST(!withoutMetadata("GIF89a, which has no place in it").has_value());
}

BOOST_AUTO_TEST_CASE(the_size_of_a_picture_is_read_from_its_header) {
    const auto png = imageSizeOf(kPng + "rest");

    BOOST_REQUIRE(png.has_value());
    BOOST_TEST(png->width == 2U);
    BOOST_TEST(png->height == 3U);
    BOOST_TEST(!imageSizeOf("text").has_value());
}

}  // namespace signalbox
