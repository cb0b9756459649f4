// Pages of text: who, when, what. Any script that the system has a font for.
#include <cairo-pdf.h>
#include <pango/pangocairo.h>

#include "daemon/api/export_formats.h"

namespace signalbox::api {
namespace {

constexpr double kWidth = 595, kHeight = 842, kMargin = 50;  // A4 in points
constexpr std::size_t kLargestText = 64 * 1024;

struct Unref {
    void operator()(cairo_t* cairo) const { cairo_destroy(cairo); }
    void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
    void operator()(PangoLayout* layout) const { g_object_unref(layout); }
    void operator()(PangoFontDescription* font) const { pango_font_description_free(font); }
};
template <class T>
using Owned = std::unique_ptr<T, Unref>;

cairo_status_t write(void* out, const unsigned char* data, unsigned length) {
    auto& file = *static_cast<BodyFile*>(out);
    return file.append({reinterpret_cast<const char*>(data), length}) ? CAIRO_STATUS_SUCCESS
                                                                      : CAIRO_STATUS_WRITE_ERROR;
}

// Pango takes valid UTF-8 only, and draws no control characters.
std::string drawable(std::string_view text) {
    gchar* valid = g_utf8_make_valid(text.data(), static_cast<gssize>(std::min(text.size(), kLargestText)));
    std::string out(valid);
    g_free(valid);
    for (char& c : out)
        if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') c = ' ';
    return out;
}

class PdfWriter : public ExportWriter {
public:
    explicit PdfWriter(BodyFile& out)
        : surface_(cairo_pdf_surface_create_for_stream(write, &out, kWidth, kHeight)),
          cairo_(cairo_create(surface_.get())) {}

    Status begin(const Json& conversation) override {
        conversation_ = conversation;
        cairo_pdf_surface_set_metadata(surface_.get(), CAIRO_PDF_METADATA_CREATOR, "signalbox");
        const std::string subject = textAt(conversation, "subject");
        draw(subject.empty() ? "Conversation with " + textAt(conversation, "person_name") : subject,
             "Sans Bold 15", 0.1);
        draw(textAt(conversation, "id") + " · " + textAt(conversation, "channel") + " · " +
                 textAt(memberAt(conversation, "peer"), "value"),
             "Sans 8", 0.45);
        y_ += 14;
        return state();
    }
    Status message(const Json& message) override {
        std::string when = textAt(message, "created_at");
        if (when.size() > 19) when = when.substr(0, 10) + ' ' + when.substr(11, 8) + " UTC";
        if (y_ > kHeight - kMargin - 40) nextPage();  // a head never stands alone at the end of a page
        draw(writerOf(conversation_, message) + "  ·  " + when + "  ·  " + textAt(message, "status"),
             "Sans 7.5", 0.45);
        draw(bodyOf(message), "Sans 10", 0.1);
        y_ += 9;
        return state();
    }
    Status end() override {
        cairo_show_page(cairo_.get());
        cairo_surface_finish(surface_.get());
        return state();
    }

private:
    // Line by line, so that a long message goes on on the next page.
    void draw(const std::string& text, const char* font_name, double grey) {
        const Owned<PangoLayout> layout(pango_cairo_create_layout(cairo_.get()));
        const Owned<PangoFontDescription> font(pango_font_description_from_string(font_name));
        pango_layout_set_font_description(layout.get(), font.get());
        pango_layout_set_width(layout.get(), static_cast<int>((kWidth - 2 * kMargin) * PANGO_SCALE));
        pango_layout_set_wrap(layout.get(), PANGO_WRAP_WORD_CHAR);
        const std::string shown = drawable(text);
        pango_layout_set_text(layout.get(), shown.c_str(), static_cast<int>(shown.size()));
        cairo_set_source_rgb(cairo_.get(), grey, grey, grey);
        for (int i = 0; i < pango_layout_get_line_count(layout.get()); ++i) {
            PangoLayoutLine* line = pango_layout_get_line_readonly(layout.get(), i);
            PangoRectangle extents;
            pango_layout_line_get_pixel_extents(line, nullptr, &extents);
            if (y_ + extents.height > kHeight - kMargin) nextPage();
            y_ += extents.height;
            cairo_move_to(cairo_.get(), kMargin, y_);
            pango_cairo_show_layout_line(cairo_.get(), line);
        }
    }

    void nextPage() {
        cairo_show_page(cairo_.get());
        y_ = kMargin;
    }

    Status state() const {
        const cairo_status_t status = cairo_status(cairo_.get());
        if (status == CAIRO_STATUS_SUCCESS) return Done{};
        return Error{ErrorKind::Unavailable, std::string("pdf: ") + cairo_status_to_string(status)};
    }

    const Owned<cairo_surface_t> surface_;
    const Owned<cairo_t> cairo_;
    Json conversation_;
    double y_ = kMargin;
};

}  // namespace

std::unique_ptr<ExportWriter> makePdfWriter(BodyFile& out) {
    return std::make_unique<PdfWriter>(out);
}

}  // namespace signalbox::api
