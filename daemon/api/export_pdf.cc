// Pages of text: who, when, what. Written down as blocks; `signalbox-pdf` makes the pages of them, since
// laying out what strangers wrote is no work for the daemon, and neither are the libraries for it.
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/program_path.h"
#include "daemon/api/export_formats.h"
#include "daemon/confined/confined_process.h"
#include "daemon/confined/work_folder.h"

namespace signalbox::api {
namespace {

constexpr ProcessLimits kLimits{
    .memory_bytes = 1024u * 1024 * 1024, .file_bytes = 512u * 1024 * 1024, .time = std::chrono::seconds{60}};

Error cannotWrite() {
    return {ErrorKind::Unavailable, "pdf: the disk is full", {}, "disk"};
}

class PdfWriter : public ExportWriter {
public:
    PdfWriter(BodyFile& out, const std::string& folder)
        : work_(folder), out_(out), blocks_(work_.path() + "/blocks") {}

    Status begin(const Json& conversation) override {
        conversation_ = conversation;
        const std::string subject = textAt(conversation, "subject");
        write(
            {{"text", subject.empty() ? "Conversation with " + textAt(conversation, "person_name") : subject},
             {"font", "Sans Bold 15"}});
        write({{"text", textAt(conversation, "id") + " · " + textAt(conversation, "channel") + " · " +
                            textAt(memberAt(conversation, "peer"), "value")},
               {"font", "Sans 8"},
               {"grey", 0.45},
               {"space_after", 14}});
        return state();
    }
    Status message(const Json& message) override {
        std::string when = textAt(message, "created_at");
        if (when.size() > 19) when = when.substr(0, 10) + ' ' + when.substr(11, 8) + " UTC";
        // A head never stands alone at the end of a page.
        write({{"text",
                writerOf(conversation_, message) + "  ·  " + when + "  ·  " + textAt(message, "status")},
               {"font", "Sans 7.5"},
               {"grey", 0.45},
               {"room", 40}});
        write({{"text", bodyOf(message)}, {"space_after", 9}});
        return state();
    }
    Status end() override {
        if (!blocks_.flush()) return cannotWrite();
        auto made = runConfined(programBeside("signalbox-pdf"), {"blocks", "out.pdf"}, work_.path(), kLimits);
        if (!made && made.error().code == "failed")
            return Error{ErrorKind::Unavailable, "pdf: " + made.error().message, {}, "pdf_failed"};
        if (!made) return made;
        return copyOut(work_.path() + "/out.pdf");
    }

private:
    void write(const Json& block) { blocks_ << dumpJson(block) << '\n'; }
    Status state() const { return blocks_ ? Status(Done{}) : Status(cannotWrite()); }

    Status copyOut(const std::string& path) {
        std::error_code error;
        // What a program of foreign bytes leaves behind is foreign as well.
        if (!std::filesystem::is_regular_file(std::filesystem::symlink_status(path, error)))
            return cannotWrite();
        std::ifstream pages(path, std::ios::binary);
        std::string piece(256 * 1024, '\0');
        while (pages.read(piece.data(), static_cast<std::streamsize>(piece.size())) || pages.gcount() > 0) {
            const std::string_view bytes(piece.data(), static_cast<std::size_t>(pages.gcount()));
            if (auto added = out_.append(bytes); !added) return added;
        }
        return Done{};
    }

    const WorkFolder work_;
    BodyFile& out_;
    std::ofstream blocks_;
    Json conversation_;
};

}  // namespace

std::unique_ptr<ExportWriter> makePdfWriter(BodyFile& out, const std::string& folder) {
    return std::make_unique<PdfWriter>(out, folder);
}

}  // namespace signalbox::api
