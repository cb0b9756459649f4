// [MS-OXTNEF]: a signature, then attributes (level, id, length, data, checksum). MAPI properties in them are
// read as far as a name and a body need it.
#include "connectors/email/mime/ascii.h"
#include "connectors/email/mime/charset.h"
#include "connectors/email/mime/embedded_files.h"

namespace signalbox::mime {
namespace {

constexpr std::uint32_t kSignature = 0x223E9F78;
constexpr std::uint16_t kAttachRendData = 0x9002, kAttachTitle = 0x8010, kAttachData = 0x800F,
                        kAttachment = 0x9005, kBody = 0x800C, kMapiProps = 0x9003, kOemCodepage = 0x9007;
constexpr std::uint16_t kPropLongFilename = 0x3707, kPropDisplayName = 0x3001, kPropMimeTag = 0x370E,
                        kPropDataObject = 0x3701, kPropBodyHtml = 0x1013, kPropBody = 0x1000;
constexpr std::size_t kMaxFiles = 200, kMaxProperties = 5000;

// Little-endian numbers that give 0, and bytes that give fewer, at the end.
class Cursor {
public:
    explicit Cursor(std::string_view bytes) : bytes_(bytes) {}
    bool isAtEnd() const { return bytes_.empty(); }
    std::uint32_t number(std::size_t size) {
        std::uint32_t value = 0;
        for (std::size_t i = 0; i < size && i < bytes_.size(); ++i)
            value |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes_[i])) << (8 * i);
        bytes_.remove_prefix(std::min(size, bytes_.size()));
        return value;
    }
    std::string_view take(std::size_t size) {
        const std::string_view taken = bytes_.substr(0, size);
        bytes_.remove_prefix(taken.size());
        return taken;
    }

private:
    std::string_view bytes_;
};

std::string utf16(std::string_view bytes) {
    std::string text = toUtf8(bytes, "utf-16le");
    while (text.ends_with('\0') || text.ends_with("\xEF\xBF\xBD"))
        text.resize(text.size() - (text.ends_with('\0') ? 1 : 3));
    return text;
}

std::string withoutEnd(std::string_view bytes) {
    return std::string(bytes.substr(0, bytes.find('\0')));
}

std::size_t fixedSize(std::uint16_t type) {
    switch (type) {
        case 2:
        case 3:
        case 4:
        case 0xA:
        case 0xB:
            return 4;
        case 5:
        case 6:
        case 7:
        case 0x14:
        case 0x40:
            return 8;
        case 0x48:
            return 16;
        default:
            return 0;
    }
}

// Calls use(id, type, value) for each value.
template <class Use>
void readProperties(std::string_view bytes, const Use& use) {
    Cursor cursor(bytes);
    const std::uint32_t count = cursor.number(4);
    for (std::uint32_t i = 0; i < count && i < kMaxProperties && !cursor.isAtEnd(); ++i) {
        const auto type = static_cast<std::uint16_t>(cursor.number(2));
        const auto id = static_cast<std::uint16_t>(cursor.number(2));
        const auto plain = static_cast<std::uint16_t>(type & 0x0FFF);
        if (id >= 0x8000) {
            cursor.take(16);
            if (cursor.number(4) == 0) {
                cursor.take(4);
            } else {
                const std::uint32_t length = cursor.number(4);
                cursor.take((std::size_t{length} + 3) & ~std::size_t{3});
            }
        }
        const bool is_many = (type & 0x1000) != 0;
        const bool is_variable = fixedSize(plain) == 0;
        const std::uint32_t values = is_many || is_variable ? cursor.number(4) : 1;
        for (std::uint32_t v = 0; v < values && !cursor.isAtEnd(); ++v) {
            const std::size_t size = is_variable ? cursor.number(4) : fixedSize(plain);
            const std::string_view value = cursor.take(size);
            if (is_variable) cursor.take(((size + 3) & ~std::size_t{3}) - size);
            use(id, plain, value);
        }
    }
}

std::string textOf(std::uint16_t type, std::string_view value, const std::string& codepage) {
    return type == 0x1F ? utf16(value) : toUtf8(withoutEnd(value), codepage);
}

class TnefReader {
public:
    TnefContent run(std::string_view bytes) {
        Cursor cursor(bytes);
        if (cursor.number(4) != kSignature) return {};
        content_.is_tnef = true;
        cursor.take(2);
        while (!cursor.isAtEnd()) {
            cursor.take(1);
            const auto id = static_cast<std::uint16_t>(cursor.number(2));
            cursor.take(2);
            const std::uint32_t length = cursor.number(4);
            const std::string_view data = cursor.take(length);
            cursor.take(2);
            read(id, data);
        }
        for (EmbeddedFile& file : content_.files) {
            if (file.name.empty()) file.name = "attachment";
            if (file.mime.empty()) file.mime = mimeOfName(file.name);
        }
        return std::move(content_);
    }

private:
    void read(std::uint16_t id, std::string_view data) {
        if (id == kOemCodepage && data.size() >= 4) {
            codepage_ = "windows-" + std::to_string(Cursor(data).number(4));
        } else if (id == kBody) {
            content_.text = toUtf8(withoutEnd(data), codepage_);
        } else if (id == kMapiProps) {
            readProperties(data, [&](std::uint16_t property, std::uint16_t type, std::string_view value) {
                if (property == kPropBody && content_.text.empty())
                    content_.text = textOf(type, value, codepage_);
                if (property == kPropBodyHtml)
                    content_.html = type == 0x1F ? utf16(value) : toUtf8(value, "");
            });
        } else if (id == kAttachRendData && content_.files.size() < kMaxFiles) {
            content_.files.emplace_back();
        } else if (!content_.files.empty()) {
            readAttachment(content_.files.back(), id, data);
        }
    }

    void readAttachment(EmbeddedFile& file, std::uint16_t id, std::string_view data) {
        if (id == kAttachTitle && file.name.empty()) file.name = toUtf8(withoutEnd(data), codepage_);
        if (id == kAttachData) file.content = std::string(data);
        if (id != kAttachment) return;
        readProperties(data, [&](std::uint16_t property, std::uint16_t type, std::string_view value) {
            if (property == kPropLongFilename) file.name = textOf(type, value, codepage_);
            if (property == kPropDisplayName && file.name.empty()) file.name = textOf(type, value, codepage_);
            if (property == kPropMimeTag) file.mime = lowered(textOf(type, value, codepage_));
            // An object begins with the 16 bytes of its interface.
            if (property == kPropDataObject && file.content.empty())
                file.content =
                    std::string(type == 0xD ? value.substr(std::min<std::size_t>(16, value.size())) : value);
        });
    }

    TnefContent content_;
    std::string codepage_ = "windows-1252";
};

}  // namespace

TnefContent readTnef(std::string_view bytes) {
    return TnefReader().run(bytes);
}

}  // namespace signalbox::mime
